"""From a mailing to the letter that leaves: HTML and plain text are written from the same reading of each block.

The footer is added here and by the page of all letters, never by the author: why the reader gets this, from
where the campaign knows them, how to leave (RGPD art. 13, 14 and 21; CPCE art. L. 34-5).
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.utils import translation

from portevoix.accounts.types import Actor
from portevoix.delivery import letters
from portevoix.delivery import selectors as outbox
from portevoix.delivery.types import Letter
from portevoix.mailings import rules, selectors
from portevoix.mailings.exceptions import EmptyLetter, NoSenderIdentity, TooHeavy
from portevoix.mailings.letters import cards
from portevoix.mailings.letters.parts import SPOKEN, Part, as_text, bands, parts_of
from portevoix.mailings.letters.sheets import outside_links, sheet
from portevoix.mailings.models import Mailing
from portevoix.mailings.rules import checks
from portevoix.mailings.types import Confirmation, Hint, Label
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors.imprint import legal_facts

PAGE_HOOK = cards.PAGE_HOOK
__all__ = [
    "PAGE_HOOK",
    "Part",
    "as_sent_by",
    "at_night",
    "by_day",
    "compose",
    "composed",
    "confirmation",
    "derived_text",
    "digest",
    "hints",
    "outside_links",
    "public_page",
]


def compose(mailing: Mailing, label: Label | None = None) -> Letter:
    """Return the letter of a mailing, merge fields still open; of an advertisement that another room keeps, labelled.

    Raises LetterError for what cannot leave: a hostile or dead link, no words, no sender's identity, too heavy
    a page. Unknown merge fields are refused by `delivery`, when it previews and when it sends.
    """
    return composed(mailing, label)[0]


def composed(mailing: Mailing, label: Label | None = None) -> tuple[Letter, list[Part]]:
    """Return the letter of a mailing and the parts it was written from. Raises LetterError, as `compose`."""
    identity = legal_facts()
    if not identity.publisher.strip() or not identity.publisher_address.strip():
        raise NoSenderIdentity
    with translation.override(settings.LANGUAGE_CODE):
        return _compose(mailing, label=label)


def public_page(mailing: Mailing, **links: Any) -> Letter:
    """Return the letter for everybody's eyes: nothing of any reader in it, the way to the list in its footer.

    Raises LetterError.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return outbox.of_nobody(_compose(mailing, "mailings/letter/archived.mjml", archive_url="", **links)[0])


def _compose(
    mailing: Mailing, template: str = "mailings/letter/letter.mjml", *, label: Label | None = None, **more: Any
) -> tuple[Letter, list[Part]]:
    parts = parts_of(mailing.body)
    if not mailing.subject.strip() or not any(part.kind in SPOKEN for part in parts):
        raise EmptyLetter
    own = selectors.own_text(mailing)
    filled = letters.frame(
        subject=mailing.subject,
        preheader=mailing.preheader,
        bands=bands(parts),
        text=own.words if own else as_text(parts),
        # Written for each reader when the letter leaves.
        unsubscribe_url="{{ unsubscribe_url }}",
        preferences_url="{{ preferences_url }}",
        origin="{{ origin }}",
        advert=label or selectors.label_of(mailing),
        measuring=selectors.measuring_of(mailing),
        **({"archive_url": selectors.archive_address(mailing)} | more),
    )
    page = letters.page(template, filled)
    size = len(page.encode())
    if size > rules.HEAVIEST:
        raise TooHeavy(size)
    name = letters.brand().name
    letter = Letter(
        subject=mailing.subject,
        text=letters.text("mailings/letter/letter.txt", filled),
        html=page,
        sender_name=mailing.sender_name or name,
        sender_address=settings.INSTANCE.mail.sender,
        reply_to=mailing.reply_to,
        list_name=name,
    )
    return letter, parts


def derived_text(mailing: Mailing) -> str:
    """Return the body of the text part as the blocks say it. Raises LetterError."""
    with translation.override(settings.LANGUAGE_CODE):
        return as_text(parts_of(mailing.body))


def hints(mailing: Mailing) -> list[Hint]:
    """Return what an author should look at before this letter leaves. Raises LetterError."""
    letter, parts = composed(mailing)
    return checks.hints(sheet(mailing, letter, parts))


def digest(letter: Letter, mailing: Mailing) -> str:
    """Return what names this very letter, with its other versions, to these very segments: to see what changed."""
    trial = selectors.trial_of(mailing) if mailing.pk else None
    others = [asdict(compose(one)) for one in selectors.other_versions(trial)] if trial else []
    plan = asdict(trial.plan) if trial else None
    known = repr((asdict(letter), selectors.targets_of(mailing).key, others, plan))
    return hashlib.sha256(known.encode()).hexdigest()


def confirmation(mailing: Mailing, actor: Actor) -> Confirmation:
    """Return what an actor confirms by sending this mailing now. Raises LetterError, NoSegment."""
    reach = selectors.reach(
        selectors.people_of(mailing, actor),
        Purpose(mailing.purpose),
        advertising=selectors.advertising_of(mailing),
    )
    return Confirmation(digest(compose(mailing), mailing), reach.admitted)


def as_sent_by(page: str) -> str:
    """Return a page whose pictures are asked of the site that shows it, whatever name it is reached by."""
    return page.replace(f'src="{settings.BASE_URL}/', 'src="/')


def by_day(page: str) -> str:
    """Return a page as a program in daylight shows it, whatever the screen it is looked at on."""
    return rules.without_night(page)


def at_night(page: str) -> str:
    """Return a page as a program in the dark shows it, whatever the screen it is looked at on."""
    return rules.only_night(page)
