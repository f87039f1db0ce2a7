"""Letters to begin from: those the campaign saved, and those that come with the product, in files beside this room.

A template of the product says what to replace in square brackets, which the checks find; its links lead to the home
page until a page is chosen.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from portevoix.mailings.models import Mailing, Template

FOLDER = Path(__file__).parent.parent / "ready_templates"
LANGUAGES = ("fr", "en")
HOME = "site:home"
WORDS = ("subject", "preheader", "sender_name", "body")


@dataclass(frozen=True)
class Ready:
    """A template of the product."""

    #: As in addresses: `fr-welcome`.
    name: str
    language: str
    title: str
    purpose: str
    subject: str
    preheader: str
    blocks: tuple[dict[str, Any], ...]


@lru_cache(maxsize=4)
def ready(language: str) -> tuple[Ready, ...]:
    """Return the product's templates in a language."""
    entries = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))["template"]
    return tuple(
        Ready(
            name=f"{language}-{one['key']}",
            language=language,
            title=one["title"],
            purpose=one["purpose"],
            subject=one["subject"],
            preheader=one["preheader"],
            blocks=tuple(one["body"]),
        )
        for one in entries
    )


def all_ready() -> list[Ready]:
    """Return the product's templates, those in the campaign's language first."""
    first = settings.LANGUAGE_CODE[:2]
    ordered = sorted(LANGUAGES, key=lambda language: language != first)
    return [one for language in ordered for one in ready(language)]


def begun_from(name: str) -> Mailing | None:
    """Return a draft, not yet kept, with the words of a saved template (its number) or of one of the product's."""
    if name.isdecimal():
        saved = Template.objects.filter(pk=int(name)).first()
        return Mailing(title=saved.name, **{word: getattr(saved, word) for word in WORDS}) if saved else None
    found = next((one for one in all_ready() if one.name == name), None)
    if found is None:
        return None
    return Mailing(title=found.title, subject=found.subject, preheader=found.preheader, body=body_of(found))


def body_of(template: Ready) -> Any:
    """Return the blocks of one of the product's templates."""
    stream = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
    return stream.to_python([{"type": one["type"], "value": _placed(one.get("value"))} for one in template.blocks])


def _placed(value: Any) -> Any:
    """Lead every link of a template somewhere that exists."""
    if isinstance(value, dict):
        return {name: _placed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_placed(inner) for inner in value]
    return settings.BASE_URL + "/" if value == HOME else value
