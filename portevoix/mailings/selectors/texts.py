"""What a text message is made of and costs, whom it may reach, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.delivery import selectors as delivery
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.rules import clicks, merge, quiet, texting
from portevoix.delivery.selectors import texting as outbox
from portevoix.delivery.types import MERGE_FIELDS, Letter
from portevoix.kernel import clock
from portevoix.mailings import rules
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors.adverts import advertising_of, label_of
from portevoix.mailings.selectors.people import people_of, reach
from portevoix.mailings.selectors.trials import other_versions, trial_of
from portevoix.mailings.types import Confirmation, Label, Reach, Share
from portevoix.people.models import Person
from portevoix.rights.purposes import Advertising, Channel, Purpose

#: Fields that fit in a text message, with what stands for them as long as nobody is known.
FIELDS = ("first_name", "last_name", "full_name", "commune")
BRACES = str.maketrans("{}", "()")
#: Seconds for which the longest names of the file are remembered while somebody types.
REMEMBERED = 300


@dataclass(frozen=True)
class Counted:
    """A text as it is being written: its length, its parts, what makes it dear, and how it could be cheap."""

    measure: texting.Measure
    #: With the values of an invented reader, and the mention at its end.
    shown: str
    mention: str
    #: The same words in the cheap alphabet, where that saves anything.
    plain: str
    plain_parts: int
    fault: Exception | None = None
    #: Who an advertisement names as its sponsor.
    named: str = ""

    @property
    def parts(self) -> int:
        return self.measure.parts

    @property
    def costly(self) -> str:
        """The signs that make it dear, as they are read."""
        return ", ".join(f"« {sign} »" for sign in self.measure.costly[:6])

    @property
    def costly_name(self) -> str:
        """The signs of the sponsor's name that make it dear: it is a legal name, and written as it is."""
        return ", ".join(f"« {sign} »" for sign in self.measure.costly if sign in self.named)


def labelled(words: str, label: Label | None) -> str:
    """Return the words of a text with what an advertisement says of itself (regulation (EU) 2024/900, art. 11).

    It is in plain letters, but for the name of the sponsor: that is a legal name, and is written as it is, though a
    letter that the cheap alphabet has not makes the text dearer.
    """
    words = words.replace("\r\n", "\n").strip()
    if label is None:
        return words
    with translation.override(settings.LANGUAGE_CODE):
        mark = (
            gettext("Targeted political advertisement by %(sponsor)s")
            if label.is_targeted
            else gettext("Political advertisement by %(sponsor)s")
        )
        head = texting.plain(mark) % {"sponsor": texting.faithful(label.sponsor)}
        head += f" ({texting.plain(label.about)})" if label.about else ""
        notice = gettext("Transparency notice %(address)s") % {"address": label.address}
    # Braces would be read as fields.
    return f"{head.translate(BRACES)}. {words}\n{texting.plain(notice)}"


def whole(text: ShortMessage) -> str:
    """Return the words of a text as they leave: of an advertisement, with its label and the way to its notice."""
    return labelled(text.words, label_of(text))


def counted(words: str, people: QuerySet[Person] | None = None, label: Label | None = None) -> Counted:
    """Count a text with each field at its longest, its links as they leave, its label, and the mention of STOP."""
    mention = settings.INSTANCE.sms.mention
    words = words.replace("\r\n", "\n").strip()
    linked = with_counted_links(labelled(words, label))
    try:
        lengths = longest(people)
        dearest = texting.dearest(linked, lengths, mention)
        plainest = texting.dearest(with_counted_links(labelled(texting.plain(words), label)), lengths, mention)
        sample = merge.filled(
            merge.cut(linked, known=FIELDS), {name: str(MERGE_FIELDS[name].sample) for name in FIELDS}
        )
        fault: Exception | None = None
    except LetterError as error:
        dearest = sample = linked
        plainest = with_counted_links(labelled(texting.plain(words), label))
        fault = error
    measure = texting.measure(texting.with_mention(dearest, mention))
    plain = texting.plain(words)
    plain_parts = texting.measure(texting.with_mention(plainest, mention)).parts
    is_better = plain != words and measure.is_dear and texting.is_cheap(plainest)
    return Counted(
        measure=measure,
        shown=texting.with_mention(sample, mention),
        mention=mention,
        plain=plain if is_better else "",
        plain_parts=plain_parts,
        fault=fault,
        named=texting.faithful(label.sponsor) if label else "",
    )


def with_counted_links(words: str) -> str:
    """Return a text whose links are as long as those that leave."""
    letter = Letter(subject="", text=words, sender_name="", sender_address="")
    return clicks.numbered(letter, lambda number: delivery.link_address("a" * 8, number))[0].text


def longest(people: QuerySet[Person] | None = None) -> dict[str, int]:
    """Return the length of the longest value of each field, among these people or in the whole file."""
    if people is not None:
        return outbox.longest_values(people)
    known: dict[str, int] | None = cache.get("mailings.longest")
    if known is None:
        known = outbox.longest_values(Person.objects.all())
        cache.set("mailings.longest", known, REMEMBERED)
    return known


@dataclass(frozen=True)
class Estimate:
    """What sending costs at most."""

    people: int
    parts: int
    cents: int

    @property
    def total_parts(self) -> int:
        return self.people * self.parts

    @property
    def euros(self) -> float:
        return self.cents / 100


def estimate(text: Counted, people: int) -> Estimate:
    """Foresee the cost: so many people, so many parts at most, at the price of the configuration."""
    cents = round(people * text.parts * settings.INSTANCE.sms.price_cents)
    return Estimate(people, text.parts, cents)


def reach_by_text(people: QuerySet[Person], advertising: Advertising = Advertising.NONE) -> Reach:
    """Count whom a text message may reach, as the gate says, and the others by reason."""
    return reach(people, Purpose.TEXTS, Channel.SMS, advertising)


def digest(text: ShortMessage) -> str:
    """Return what names this very text, with its other versions, to this very segment."""
    sms, trial = settings.INSTANCE.sms, trial_of(text)
    versions = [whole(one) for one in other_versions(trial)] if trial else []
    plan = asdict(trial.plan) if trial else None
    known = repr((whole(text), text.segment_id, sms.mention, sms.sender, versions, plan))
    return hashlib.sha256(known.encode()).hexdigest()


def confirmation(text: ShortMessage, actor: Actor) -> Confirmation:
    """Return what an actor confirms by sending this text now. Raises NoSegment, LetterError."""
    return Confirmation(digest(text), reach_by_text(people_of(text, actor), advertising_of(text)).admitted)


@dataclass(frozen=True)
class TextOutcome:
    """Everything the results page says of one text message."""

    states: list[Share]
    links: list[Share]
    total: int
    sent: int
    waiting: int
    postponed: int
    clicks: int
    receipts: outbox.Receipts
    cents: int
    fault: str

    @property
    def is_over(self) -> bool:
        return self.waiting == 0

    @property
    def done(self) -> int:
        return self.total - self.waiting

    @property
    def done_percent(self) -> float:
        return rules.share(self.done, self.total)

    @property
    def delivered_percent(self) -> float:
        return rules.share(self.receipts.delivered, self.sent)

    @property
    def stops_percent(self) -> float:
        return rules.share(self.receipts.stops, self.sent)

    @property
    def euros(self) -> float:
        return self.cents / 100

    @property
    def bar(self) -> list[Share]:
        """The states that occur, side by side from 0 to 100."""
        shown, start = [], 0.0
        for one in self.states:
            if one.count:
                shown.append(replace(one, start=start))
            start += one.percent
        return shown


def text_outcome(text: ShortMessage) -> TextOutcome:
    """Return what became of a text message that has left, now."""
    assert text.batch is not None  # noqa: S101 - what has left has one
    found, said = delivery.results(text.batch), outbox.receipts(text.batch)
    named: list[tuple[str, Any, int]] = [
        ("sent", _("delivered to the telephone"), said.delivered),
        ("taken", _("taken by the provider, no receipt yet"), max(found.sent - said.delivered - said.undelivered, 0)),
        ("waiting", _("waiting to leave"), found.waiting),
        ("failed", _("not delivered, or refused"), found.failed + said.undelivered),
        ("uncertain", _("uncertain: the provider did not answer"), found.uncertain),
        ("suppressed", _("held back: stopped, withdrawn, or without a mobile number of their own"), found.suppressed),
    ]
    most = max((clicks_ for _target, clicks_ in found.links), default=0)
    return TextOutcome(
        states=[Share(label, count, rules.share(count, found.total), kind) for kind, label, count in named],
        links=[Share(target, number, rules.share(number, most), "clicks") for target, number in found.links],
        total=found.total,
        sent=found.sent,
        waiting=found.waiting,
        postponed=outbox.postponed(text.batch).count() if found.waiting else 0,
        clicks=found.clicks,
        receipts=said,
        cents=round(said.parts * settings.INSTANCE.sms.price_cents),
        fault=outbox.fault() if found.waiting else "",
    )


@dataclass(frozen=True)
class TextFigures:
    """A text message with what became of it, for the list."""

    text: ShortMessage
    sent: int
    clicks: int
    stops: int
    replies: int


def text_figures(texts: list[ShortMessage]) -> list[TextFigures]:
    """Return what became of these text messages, in a constant number of queries."""
    gone = ShortMessage.objects.gone().filter(pk__in=[one.pk for one in texts]).order_by()
    followed = dict(gone.values_list("pk").annotate(Sum("batch__links__clicks")))
    left = gone.filter(batch__messages__unsubscribed_at__isnull=False)
    stops = dict(left.values_list("pk").annotate(Count("batch__messages")))
    answered = gone.filter(batch__replies__is_stop=False)
    replies = dict(answered.values_list("pk").annotate(Count("batch__replies")))
    return [
        TextFigures(
            text=one,
            sent=one.sent,
            clicks=followed.get(one.pk) or 0,
            stops=stops.get(one.pk, 0),
            replies=replies.get(one.pk, 0),
        )
        for one in texts
    ]


def dearest_of(text: ShortMessage, people: QuerySet[Person]) -> Counted:
    """Count a text as `counted`, and of one with several versions the one with most parts: what sending costs at most.

    The first version that cannot leave as it is written is the one returned.
    """
    trial = trial_of(text)
    versions = [text, *(other_versions(trial) if trial else [])]
    label = label_of(text)
    found = [counted(one.words, people, label) for one in versions]
    return next((one for one in found if one.fault), max(found, key=lambda one: one.parts))


def may_be_sent() -> bool:
    """Tell whether the configuration names a provider with all that it needs."""
    sms = settings.INSTANCE.sms
    return sms.backend != "none" and not sms.missing()


def provider_fault() -> str:
    """Return why no text can leave now, as far as is known without asking: nothing configured, or the last refusal."""
    if not may_be_sent():
        return gettext("No provider of text messages is configured: nothing can be sent yet.")
    if said := outbox.fault():
        if "credit" in said.lower() or "402" in said:
            return gettext("The provider’s credit is used up: texts wait, and leave once it is filled again.")
        return gettext("The provider took nothing the last time (%(said)s): texts wait and are tried again.") % {
            "said": said
        }
    return ""


def first_departure() -> datetime | None:
    """Return when the first texts to the mainland may leave, where that is not now."""
    sms, now = settings.INSTANCE.sms, clock.now()
    opening = quiet.opening(now, "", quiet.Hours(sms.earliest, sms.latest, is_saturday_quiet=not sms.saturdays))
    return opening if opening > now else None
