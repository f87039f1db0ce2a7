"""The demo's public site: pages, pictures and identity, from site.toml and pictures/.

Built once: a campaign that has a home page of its own is left as it is.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.db import transaction
from django.utils.text import capfirst
from wagtail.models import Locale, Page, Site

from portevoix.accounts.types import System
from portevoix.actions.models import OpenLetterPage, PetitionPage, SharePage, SignUpPage
from portevoix.territory.models import Departement
from portevoix.website import models
from portevoix.website.models import ArticlePage, HomePage, Identity, LocalPagesPage, Picture, Recording
from portevoix.website.services import make_local_pages

HERE = Path(__file__).parent
PAGE_LINK = re.compile(r'href="page:([\w-]+)"')
#: Fields that hold blocks, and the other keys of the file that are no field of the page.
STREAMS = ("body", "buttons", "groups", "terms", "links", "sources", "first_signatories")
NOT_FIELDS = {*STREAMS, "type", "article", "child", "in_menu", "picture", "draft", "local_lead", "departement"}
#: Pages on which citizens act, and their texts in the file.
ACTIONS: dict[type[Page], str] = {
    SignUpPage: "sign_up",
    PetitionPage: "petition",
    OpenLetterPage: "open_letter",
    SharePage: "share",
}
#: Where the demo's campaign has a page; the others are made in the back office, all at once.
DEPARTEMENTS = ("13", "19", "23", "29", "35", "59", "63", "67", "69", "75", "87", "974")


def build_site(*, hostname: str = "localhost", port: int = 80) -> HomePage:
    """Make the demo's site at this address, unless the campaign has one; return its home page."""
    existing: HomePage | None = HomePage.objects.first()
    if existing is not None:
        return existing
    texts = tomllib.loads((HERE / "site.toml").read_text("utf-8"))
    with transaction.atomic():
        return Builder(texts).build(hostname, port)


class Builder:
    """Makes pages first, then their contents, since contents point to pages in both directions."""

    def __init__(self, texts: dict[str, Any]) -> None:
        self.texts = texts
        self.pictures: dict[str, Picture] = {}
        self.recordings: dict[str, Recording] = {}
        self.pages: dict[str, Page] = {}
        self.waiting: list[tuple[Page, dict[str, Any]]] = []

    def build(self, hostname: str, port: int) -> HomePage:
        """Build everything under a new home page, which takes the place of Wagtail's own."""
        for name, description in self.texts["pictures"].items():
            self.pictures[name] = self._picture(name, description)
        for name, words in self.texts["recordings"].items():
            self.recordings[name] = self._recording(name, words)
        home = self._home()
        self._site(home, hostname, port)
        for entry in self.texts["page"]:
            self._add_all(home, entry)
        for model, name in ACTIONS.items():
            self._add(home, model, self.texts[name])
        for page, entry in self.waiting:
            self._fill(page, entry)
        self._local_pages()
        self._identity()
        self._english(home)
        return home

    def _add_all(self, parent: Page, entry: dict[str, Any]) -> None:
        page = self._add(parent, getattr(models, entry["type"]), entry)
        for article in entry.get("article", []):
            self._add(page, ArticlePage, article)
        for child in entry.get("child", []):
            self._add_all(page, child)

    def _local_pages(self) -> None:
        lead = next(entry["local_lead"] for entry in self.texts["page"] if "local_lead" in entry)
        wanted = Departement.objects.filter(code__in=DEPARTEMENTS).select_related("region")
        under = LocalPagesPage.objects.get()
        make_local_pages(under, list(wanted), lead=lead, publish=True, actor=System("demo"))

    def _english(self, home: HomePage) -> None:
        """Translate a few pages, so that the site speaks two languages."""
        english, _made = Locale.objects.get_or_create(language_code="en")
        for original, name in ((home, "home"), (self.pages["questions"], "questions")):
            words = self.texts["english"][name]
            page = original.specific.copy_for_translation(english)
            for field, value in words.items():
                if field not in STREAMS:
                    setattr(page, field, value)
            page.body = [] if hasattr(page, "body") else None
            self._fill(page, words)

    def _picture(self, name: str, description: str) -> Picture:
        path = next((HERE / "pictures").glob(f"{name}.*"))
        with path.open("rb") as file:
            picture = Picture(title=capfirst(description), description=description)
            picture.file = ImageFile(file, name=path.name)
            picture.save()
        return picture

    def _recording(self, name: str, words: dict[str, str]) -> Recording:
        recording = Recording(title=words["title"], transcript=words["transcript"])
        recording.poster = self.pictures[words["poster"].removeprefix("picture:")]
        for field, ending in (("file", "webm"), ("captions", "vtt")):
            content = ContentFile((HERE / "recordings" / f"{name}.{ending}").read_bytes(), name=f"{name}.{ending}")
            setattr(recording, field, content)
        recording.full_clean(exclude=["locale"])
        recording.save()
        return recording

    def _home(self) -> HomePage:
        root = Page.get_first_root_node()
        # The page that Wagtail's first migration made has no content of anybody's.
        Page.objects.filter(depth=2, slug="home", content_type__model="page").delete()
        root = Page.objects.get(pk=root.pk)  # its count of children has just changed
        home = HomePage(slug="accueil", **self._fields(self.texts["home"]))
        root.add_child(instance=home)
        self.waiting.append((home, self.texts["home"]))
        return home

    def _site(self, home: HomePage, hostname: str, port: int) -> None:
        name = self.texts["identity"]["name"]
        site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
        site.hostname, site.port, site.site_name, site.root_page = hostname, port, name, home
        site.save()

    def _add(self, parent: Page, model: type[Page], entry: dict[str, Any]) -> Page:
        fields = self._fields(entry)
        page = model(show_in_menus=entry.get("in_menu", False), live=not entry.get("draft"), **fields)
        parent.add_child(instance=page)
        self.pages[page.slug] = page
        self.waiting.append((page, entry))
        return page

    def _fields(self, entry: dict[str, Any]) -> dict[str, Any]:
        fields = {name: value for name, value in entry.items() if name not in NOT_FIELDS}
        if "picture" in entry:
            fields["picture"] = self.pictures[entry["picture"].removeprefix("picture:")]
        if "departement" in entry:
            fields["departement"] = Departement.objects.filter(code=entry["departement"]).first()
        return fields

    def _fill(self, page: Page, entry: dict[str, Any]) -> None:
        for name in STREAMS:
            if blocks := entry.get(name):
                raw = [{"type": block["type"], "value": self._value(block["value"])} for block in blocks]
                field = page._meta.get_field(name)
                setattr(page, name, field.stream_block.to_python(raw))
        for name in ("introduction", "thanks", "welcome"):
            if name in entry:
                setattr(page, name, self._value(entry[name]))
        page.save()
        revision = page.save_revision()
        if not entry.get("draft"):
            revision.publish()

    def _value(self, value: Any) -> Any:
        """Turn a value of the file into one of a block: names into pictures and pages, all the way down."""
        if isinstance(value, dict):
            return {name: self._value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        if not isinstance(value, str):
            return value
        kind, _, name = value.partition(":")
        if kind == "picture" and name in self.pictures:
            picture = self.pictures[name]
            return {"image": picture.pk, "decorative": False, "alt_text": picture.description}
        if kind in {"page", "recording"} and name in (known := getattr(self, f"{kind}s")):
            return known[name].pk
        return PAGE_LINK.sub(lambda match: f'linktype="page" id="{self.pages[match[1]].pk}"', value)

    def _identity(self) -> None:
        identity = Identity.load()
        for name, value in self.texts["identity"].items():
            kind, _, target = str(value).partition(":")
            if kind == "picture":
                value = self.pictures[target]
            elif kind == "page":
                value = self.pages[target]
            setattr(identity, name, value)
        identity.full_clean()
        identity.save()
