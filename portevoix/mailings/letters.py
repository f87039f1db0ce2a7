"""From a mailing to the letter that leaves: HTML and plain text are written from the same reading of each block.

The footer is added here and by the page of all letters, never by the author: why the reader gets this, from
where the campaign knows them, how to leave (RGPD art. 13, 14 and 21; CPCE art. L. 34-5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from wagtail.rich_text import expand_db_html

from portevoix.accounts.types import Actor
from portevoix.delivery import letters
from portevoix.delivery import selectors as outbox
from portevoix.delivery.types import Letter
from portevoix.mailings import rules, selectors
from portevoix.mailings.exceptions import DeadLink, EmptyLetter, MissingPicture, NoSenderIdentity, TooHeavy
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Confirmation
from portevoix.rights.purposes import Purpose

#: The paper is 528 px wide; twice that on dense screens.
PICTURE = "max-1056x2400"
WIDEST = 528
#: A letter needs at least one of these.
SPOKEN = {"heading", "text", "quote", "button"}


@dataclass(frozen=True)
class Part:
    """One block, in both of its forms."""

    kind: str
    text: str
    html: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return f"mailings/letter/_{self.kind}.mjml"


def compose(mailing: Mailing) -> Letter:
    """Return the letter of a mailing, merge fields still open.

    Raises LetterError for what cannot leave: a hostile or dead link, no words, no sender's identity, too heavy
    a page. Unknown merge fields are refused by `delivery`, when it previews and when it sends.
    """
    identity = settings.INSTANCE.legal
    if not identity.publisher.strip() or not identity.publisher_address.strip():
        raise NoSenderIdentity
    with translation.override(settings.LANGUAGE_CODE):
        return _compose(mailing)


def public_page(mailing: Mailing, **links: str) -> Letter:
    """Return the letter for everybody's eyes: nothing of any reader in it, the way to the list in its footer.

    Raises LetterError.
    """
    with translation.override(settings.LANGUAGE_CODE):
        return outbox.of_nobody(_compose(mailing, "mailings/letter/archived.mjml", archive_url="", **links))


def _compose(mailing: Mailing, template: str = "mailings/letter/letter.mjml", **more: str) -> Letter:
    parts = _parts(mailing)
    if not mailing.subject.strip() or not any(part.kind in SPOKEN for part in parts):
        raise EmptyLetter
    filled = letters.frame(
        subject=mailing.subject,
        preheader=mailing.preheader,
        parts=parts,
        text=_spaced(parts),
        # Written for each reader when the letter leaves.
        unsubscribe_url="{{ unsubscribe_url }}",
        preferences_url="{{ preferences_url }}",
        origin="{{ origin }}",
        advert=selectors.label_of(mailing),
        measuring=selectors.measuring_of(mailing),
        **({"archive_url": selectors.archive_address(mailing)} | more),
    )
    page = letters.page(template, filled)
    size = len(page.encode())
    if size > rules.HEAVIEST:
        raise TooHeavy(size)
    name = letters.brand().name
    return Letter(
        subject=mailing.subject,
        text=letters.text("mailings/letter/letter.txt", filled),
        html=page,
        sender_name=mailing.sender_name or name,
        sender_address=settings.INSTANCE.mail.sender,
        reply_to=mailing.reply_to,
        list_name=name,
    )


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


def _spaced(parts: list[Part]) -> str:
    return "\n\n".join(part.text for part in parts if part.text)


def _parts(mailing: Mailing) -> list[Part]:
    parts: list[Part] = []
    for block in mailing.body:
        if part := WRITERS[block.block_type](block.value):
            parts.append(part)
    titled = [part for part in parts if part.kind == "heading"]
    if titled:
        titled[0].facts["is_title"] = True
    return parts


def _heading(value: str) -> Part | None:
    words = value.strip()
    return Part("heading", words, facts={"words": words}) if words else None


def _text(value: Any) -> Part | None:
    tree = rules.read(expand_db_html(value.source))
    if not rules.words_of(tree).strip():
        return None
    page = rules.as_html(tree, base=settings.BASE_URL)
    return Part(
        "text",
        rules.as_text(tree, base=settings.BASE_URL),
        mark_safe(page),  # noqa: S308  # written by rules from an allowed list, each word escaped
    )


def _picture(value: Any) -> Part:
    image = value["image"]
    if image is None or image.is_svg():
        raise MissingPicture
    try:
        rendition = image.get_rendition(PICTURE)
    except OSError as error:
        raise MissingPicture from error
    alt = "" if image.decorative else image.contextual_alt_text or image.default_alt_text
    caption = (value["caption"] or "").strip()
    described = gettext("[Picture: %(alt)s]") % {"alt": alt} if alt else ""
    return Part(
        "picture",
        "\n".join(words for words in (described, caption) if words),
        facts={
            "src": _whole(rendition.url),
            "alt": alt,
            "width": min(WIDEST, rendition.width),
            "caption": caption,
        },
    )


def _button(value: Any) -> Part:
    label = value["label"].strip()
    page = value["page"]
    address = (page.specific.url if page and page.live else "") or value["address"] or ""
    if not address:
        raise DeadLink(label)
    address = rules.safe_address(address, base=settings.BASE_URL)
    words = gettext("%(label)s: %(address)s") % {"label": label, "address": address}
    return Part("button", words, facts={"label": label, "address": address})


def _quote(value: Any) -> Part:
    words, speaker, role = (value[name].strip() for name in ("words", "speaker", "role"))
    by = ", ".join(one for one in (speaker, role) if one)
    said = gettext("“%(words)s”") % {"words": words}
    return Part("quote", f"{said}\n— {by}", facts={"words": said, "speaker": speaker, "role": role})


def _divider(value: Any) -> Part:
    return Part("divider", "* * *")


def _whole(address: str) -> str:
    return settings.BASE_URL + address if address.startswith("/") else address


WRITERS: dict[str, Callable[[Any], Part | None]] = {
    "heading": _heading,
    "text": _text,
    "picture": _picture,
    "button": _button,
    "quote": _quote,
    "divider": _divider,
}
