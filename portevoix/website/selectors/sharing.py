"""The picture of each page where it is shared, and the icons: drawn once, kept in the instance's folder."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import astuple
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from wagtail.models import Page

from portevoix.kernel.pages import LINKED
from portevoix.website.models import HomePage, Identity, MeasurePage
from portevoix.website.writers.drawing import Card, icon, share_card

ICON_SIZES = (192, 512)
FOLDER = "share"


def shared_page(pk: int) -> models.QuerySet[Page]:
    """Return the published page of this number that everybody may read."""
    found: models.QuerySet[Page] = Page.objects.live().public().filter(pk=pk).specific()
    return found


def card_of(page: Page, identity: Identity) -> Card:
    """Return what the picture of a page says."""
    title = page.headline if isinstance(page, HomePage) else page.title
    above = f"{identity.public_name} · {page.number}" if isinstance(page, MeasurePage) else identity.public_name
    return Card(title, above, identity.slogan)


def share_address(page: Page, identity: Identity) -> str:
    """Return the address of a page's picture, which changes with its words and the look."""
    return reverse("website:share", args=[page.pk, _digest(card_of(page, identity), identity)])


def share_card_of(page: Page, identity: Identity) -> bytes:
    """Return the picture, drawn the first time it is asked for."""
    card = card_of(page, identity)
    path = Path(settings.MEDIA_ROOT) / FOLDER / f"{page.pk}-{_digest(card, identity)}.png"
    if path.is_file():
        return path.read_bytes()
    drawn = share_card(card, identity.look)
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob(f"{page.pk}-*.png"):
        old.unlink(missing_ok=True)
    _write_whole(path, drawn)
    return drawn


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file that nobody can find half written, under its name at once; the last of several writers wins."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as file:
        file.write(content)
    made = Path(file.name)
    made.chmod(0o644)
    made.replace(path)


def icon_of(identity: Identity, size: int) -> bytes:
    """Return the site's icon: its logo, or its first letter on its colour."""
    logo = identity.logo
    if logo is not None and not logo.is_svg():
        with logo.get_rendition(f"fill-{size}x{size}|format-png").file.open("rb") as file:
            content: bytes = file.read()
            return content
    return icon(identity.public_name[:1] or "P", identity.look, size)


def trail_of(page: Page) -> models.QuerySet[Page]:
    """Return the published pages from the home page down to this one."""
    found: models.QuerySet[Page] = page.get_ancestors(inclusive=True).filter(depth__gt=1).live().only(*LINKED)
    return found


def machine_words(page: Any, identity: Identity, address: str, home: str) -> dict[str, Any]:
    """Return what a page says of itself to machines (JSON-LD): what it is, and where it stands."""
    trail = [
        {"@type": "ListItem", "position": number, "name": step.title, "item": step.full_url}
        for number, step in enumerate(trail_of(page), 1)
    ]
    own = {
        "@type": page.kind_for_machines,
        "@id": address,
        "url": address,
        "name": page.seo_title or page.title,
        "description": page.description,
        "inLanguage": page.locale.language_code,
        "isPartOf": {"@type": "WebSite", "name": identity.public_name, "url": home},
        "publisher": {"@type": "Organization", "name": identity.public_name, "url": home},
        **page.for_machines(),
    }
    graph: list[dict[str, Any]] = [own]
    if len(trail) > 1:
        graph.append({"@type": "BreadcrumbList", "itemListElement": trail})
    return {"@context": "https://schema.org", "@graph": graph}


def _digest(card: Card, identity: Identity) -> str:
    return hashlib.sha256(repr((astuple(card), astuple(identity.look))).encode()).hexdigest()[:12]
