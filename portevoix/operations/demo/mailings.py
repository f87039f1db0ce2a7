"""The demo's letters, from mailings.toml and pictures/: one is really sent, by the outbox, the other waits as a draft.

Written once: a campaign that has letters of its own is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from django.core.files.images import ImageFile
from django.utils.text import capfirst
from wagtail.models import Page

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import composing, sending, templates
from portevoix.mailings.types import Draft
from portevoix.segments import services as segments
from portevoix.segments.models import Segment
from portevoix.website.models import Picture

HERE = Path(__file__).parent
PAGE_LINK = re.compile(r'href="page:([\w-]+)"')
AUTHOR = "communication"
SUBSCRIBERS = {"match": "all", "parts": [{"criterion": "ground", "purpose": "newsletter"}]}


def build_mailings(*, send: bool = True) -> list[Mailing]:
    """Write the demo's letters and, if asked, send the first to everybody who agreed; return those made.

    The letter leaves when the worker runs, to the mail server of the instance: the demo's mail catcher. Call it
    once people, accounts and the site are there.
    """
    texts = tomllib.loads((HERE / "mailings.toml").read_text("utf-8"))
    if Mailing.objects.exclude(advert__isnull=False).exists():
        return []
    author = the_author()
    segment = the_segment(texts["segment"]["name"], author)
    writer = Writer(texts["pictures"])
    made = [composing.create(writer.draft(entry, segment), actor=author) for entry in texts["mailing"]]
    for entry in texts["template"]:
        of = next(mailing for mailing in made if mailing.title == entry["of"])
        templates.save_template(of, entry["name"], entry["purpose"], actor=author)
    for mailing, entry in zip(made, texts["mailing"], strict=True):
        if send and entry["is_sent"]:
            sending.send(mailing, letters.confirmation(mailing, author), actor=author)
    return made


def the_author() -> Actor:
    user = User.objects.filter(username=AUTHOR).first()
    return Staff(user) if user else System("demo")


def the_segment(name: str, actor: Actor) -> Segment:
    existing = Segment.objects.filter(name=name).first()
    return existing or segments.save(name=name, tree=SUBSCRIBERS, actor=actor)


class Writer:
    """Turns the file's names of pages and pictures into what blocks hold."""

    def __init__(self, pictures: dict[str, str]) -> None:
        self._descriptions = pictures
        self._pictures: dict[str, Picture] = {}

    def draft(self, entry: dict[str, Any], segment: Segment) -> Draft:
        """Return one letter of the file."""
        words = {name: value for name, value in entry.items() if name not in {"body", "is_sent"}}
        blocks = [{"type": block["type"], "value": self._value(block.get("value"))} for block in entry["body"]]
        stream = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
        return Draft(**words, body=stream.to_python(blocks), segment=segment)

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        if not isinstance(value, str):
            return value
        kind, _, name = value.partition(":")
        if kind == "picture":
            picture = self._picture(name)
            return {"image": picture.pk, "decorative": False, "alt_text": picture.description}
        if kind == "page":
            return _page(name)
        return PAGE_LINK.sub(lambda link: f'linktype="page" id="{_page(link[1])}"', value)

    def _picture(self, name: str) -> Picture:
        if name not in self._pictures:
            description = self._descriptions[name]
            with (HERE / "pictures" / f"{name}.png").open("rb") as file:
                picture = Picture(title=capfirst(description), description=description)
                picture.file = ImageFile(file, name=f"{name}.png")
                picture.save()
            self._pictures[name] = picture
        return self._pictures[name]


def _page(slug: str) -> int:
    return int(Page.objects.live().get(slug=slug).pk)
