"""Political advertisements: whether a letter or a text is one, whom it is chosen for, and what its public notice says.

Regulation (EU) 2024/900: art. 11 (label), 12 (notice), 18 and 19 (people chosen by what is known of them). Checked on
30 November 2026: art. 11 and 12 were read in the Official Journal's own words as far as they are cited in the
implementing regulation (EU) 2025/1410; art. 5, 9, 18 and 19 are known from what authorities and lawyers wrote of them.
Where that leaves a doubt, the stricter reading holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.text import Truncator
from django.utils.translation import gettext

from portevoix.delivery.rules import merge
from portevoix.mailings.models import Advert, AnyAdvert, AnyMailing, Declared, Mailing, Notice, ShortMessage, TextAdvert
from portevoix.mailings.selectors.again import resending_of
from portevoix.mailings.selectors.people import targets_of
from portevoix.mailings.selectors.trials import trial_of
from portevoix.mailings.types import Label, Told
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Advertising, Channel, Purpose
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.segments import selectors as segments
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.types import Criterion, Family

#: The regulation whose words the notices answer.
LAW = "Regulation (EU) 2024/900"
#: Names of the notice's facts, in the order of art. 12 and 19; they never change their meaning.
SCHEMA = "portevoix.notice.1"
#: Where voters are officially told how to take part (art. 12): the ministry of the interior, 30 November 2026.
OFFICIAL = "https://www.elections.interieur.gouv.fr/"
#: Signs of a notice's title: the whole subject of a letter, the beginning of a text.
TITLE = 200
#: Fields of passages that choose by territory alone.
OF_PLACE = {"commune"}
TAG = re.compile(r"<[^>]*>")
OF_LANGUAGE = {"language", "speaks"}


def advert_of(mailing: AnyMailing) -> AnyAdvert | None:
    """Return what the campaign declared of a letter or a text; nothing for one that is no advertisement.

    A version, and a letter that is sent again, are the advertisement that the first one was.
    """
    lineage = _lineage(mailing)
    kind: Any = TextAdvert if isinstance(mailing, ShortMessage) else Advert
    declared = kind.objects.select_related("election", "mailing__segment").in_bulk(lineage)
    return next((declared[one] for one in lineage if one in declared), None)


def declares_for(mailing: AnyMailing) -> AnyMailing:
    """Return the letter or text whose declaration holds: its own, if it is no version of an advertisement."""
    if (advert := advert_of(mailing)) is not None:
        return advert.mailing
    trial = trial_of(mailing)
    return mailing if trial is None else trial.mailing


def _lineage(mailing: AnyMailing) -> list[int]:
    """Return a mailing, whose version it is, and what that sends again."""
    if not mailing.pk:
        return []
    found = [mailing]
    if (trial := trial_of(mailing)) is not None:
        found.append(trial.mailing)
    last = found[-1]
    if isinstance(last, Mailing) and (resending := resending_of(last)) is not None:
        found.append(resending.original)
    return [one.pk for one in found]


def advertising_of(mailing: AnyMailing) -> Advertising:
    """Tell whether a letter or a text is an advertisement, and whether its readers are chosen by what is known."""
    if advert_of(mailing) is None:
        return Advertising.NONE
    return Advertising.TARGETED if is_targeted(mailing) else Advertising.GENERAL


def is_targeted(mailing: AnyMailing) -> bool:
    """Tell whether anything but language, territory and the subscription itself chooses the readers, or their words.

    A segment that cannot be read is taken for targeted. Sending again to who has not had it yet, newcomers among them,
    chooses nobody by what is known of them.
    """
    if are_chosen(*_sources(mailing)):
        return True
    try:
        asked = [one for segment in segments_of(mailing) for one in _asked(segment)]
    except InvalidTree:
        return True
    return picks(asked, Purpose(mailing.purpose))


def picks(asked: Iterable[Criterion], purpose: Purpose) -> bool:
    """Tell whether questions ask more than language, territory and the subscription to these very messages."""
    return any(not _is_plain(one, purpose) for one in asked)


def are_chosen(*sources: Any) -> bool:
    """Tell whether passages of a letter or text are for some readers, by more than where they live.

    Each is words, or blocks as they are stored.
    """
    return any(name not in OF_PLACE for source in sources for name in _passages_of(source))


def _passages_of(source: Any) -> Iterator[str]:
    if isinstance(source, str):
        yield from (name for name, _is_compared in merge.asked_in(html.unescape(TAG.sub("", source))))
        return
    if isinstance(source, Mapping):
        if source.get("type") == "passage":
            yield source["value"]["field"]
        source = source.values()
    for one in source if isinstance(source, Iterable) else ():
        yield from _passages_of(one)


def _sources(mailing: AnyMailing) -> list[Any]:
    if isinstance(mailing, ShortMessage):
        return [mailing.words]
    own = getattr(mailing, "own_text", None) if mailing.pk else None
    return [mailing.subject, mailing.preheader, mailing.body.get_prep_value(), own.words if own else ""]


def segments_of(mailing: AnyMailing) -> list[Segment]:
    """Return every segment that chooses the readers of a mailing, or leaves some out."""
    trial = trial_of(mailing) if mailing.pk else None
    targets = targets_of(trial.mailing if trial is not None else mailing)
    return [*targets.included, *targets.excluded]


def audience_of(mailing: AnyMailing, people: QuerySet[Person]) -> gate.Audience:
    """Return those of ``people`` whom it may reach, by its purpose and, of an advertisement, by the law on it."""
    channel = Channel.SMS if isinstance(mailing, ShortMessage) else Channel.EMAIL
    advertising = advertising_of(mailing)
    return gate.admit(people, purpose=Purpose(mailing.purpose), channel=channel, advertising=advertising)


def _asked(segment: Segment) -> list[Criterion]:
    return list(segments.resolved(segment.question, of=segment).criteria())


def _is_plain(criterion: Criterion, purpose: Purpose) -> bool:
    if criterion.family == Family.PLACE or criterion.key in OF_LANGUAGE:
        return True
    is_subscription = criterion.key == "ground" and getattr(criterion, "since", None) is None
    return is_subscription and getattr(criterion, "purpose", None) == purpose


def logic_of(mailing: AnyMailing) -> str:
    """Say in plain words how the readers are chosen: as the campaign says it, or as the segments do."""
    advert = advert_of(mailing)
    if advert is not None and advert.logic.strip():
        return advert.logic.strip()
    said = segments.sentences(segments_of(mailing))
    return " ".join(said.values())


def label_of(mailing: AnyMailing) -> Label | None:
    """Return what a letter or a text says of itself; nothing where it is no advertisement."""
    advert = advert_of(mailing)
    return label(advert, is_targeted=is_targeted(mailing)) if advert is not None else None


def label(advert: Declared, *, is_targeted: bool) -> Label:
    """Return what an advertisement says of itself."""
    return Label(advert.sponsor, about(advert), is_targeted, address_of(advert.code))


def about(advert: Declared) -> str:
    """Return the election, or else the law or rule, that an advertisement is about."""
    return str(advert.election) if advert.election else advert.process


def address_of(code: str) -> str:
    return settings.BASE_URL + reverse("adverts:notice", args=[code])


def content_of(mailing: AnyMailing, *, reach: int | None = None) -> dict[str, Any]:
    """Return the facts of the notice of what is an advertisement, ready for its page and its file."""
    advert = advert_of(mailing)
    if advert is None:
        raise Advert.DoesNotExist
    with translation.override(settings.LANGUAGE_CODE):
        logic = logic_of(mailing)
    is_text = isinstance(mailing, ShortMessage)
    title = shortened(mailing.words if isinstance(mailing, ShortMessage) else mailing.subject)
    return facts_of(advert, Told(title, "sms" if is_text else "email", is_targeted(mailing), logic, reach))


def shortened(words: str) -> str:
    """Return the title of a notice: a subject, or the beginning of a text."""
    return Truncator(words).chars(TITLE)


def facts_of(advert: Declared, told: Told) -> dict[str, Any]:
    """Return the facts of a notice: what was declared, and what is true of the message itself."""
    targeted, publisher = told.is_targeted, legal_facts()
    with translation.override(settings.LANGUAGE_CODE):
        sources = gettext("what readers told the campaign of themselves; nothing was bought, observed or inferred")
        withdraw = gettext("by the link “My choices and my data” at the end of each message")
    return {
        "schema": SCHEMA,
        "law": LAW,
        "title": told.title,
        "channel": told.channel,
        "sponsor": {
            "name": advert.sponsor,
            "email": advert.sponsor_email,
            "address": advert.sponsor_address,
            "controlled_by": advert.controller,
        },
        "publisher": {
            "name": publisher.publisher,
            "email": publisher.publisher_email,
            "address": publisher.publisher_address,
        },
        "paid_by": advert.payer or advert.sponsor,
        "period": {"from": advert.begins_on.isoformat(), "until": advert.ends_on.isoformat()},
        "amounts": {
            "euros": str(advert.amount),
            "other_benefits": advert.benefits,
            "origin": advert.origin,
            "place": advert.place,
            "method": advert.method,
        },
        "linked_to": {
            "election": str(advert.election) if advert.election else "",
            "election_days": [day.isoformat() for _round, day in advert.election.rounds] if advert.election else [],
            "process": advert.process,
            "official_information": OFFICIAL if advert.election else "",
        },
        "targeting": {
            "used": targeted,
            "logic": told.logic,
            "data": sources if targeted else "",
            "legal_ground": "GDPR art. 9(2)(a) ; Regulation (EU) 2024/900 art. 18" if targeted else "",
            "youngest": 17,
            "withdraw": withdraw if targeted else "",
        },
        "reach": {"people": told.reach},
        "complaints": advert.complaints,
        "suspended_before": advert.suspended,
    }


def notice(code: str) -> Notice | None:
    """Return the last version of a public notice."""
    return Notice.objects.filter(code=code).order_by("-version").first()
