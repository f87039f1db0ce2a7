"""What pages say of themselves to machines and to other sites."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from portevoix.kernel.normalise import sort_key
from portevoix.kernel.pages import PublicPage
from portevoix.website.selectors.sharing import machine_words, share_address

register = template.Library()

#: The lightest form first: a browser takes the first that it knows.
FORMATS = {"avif": "image/avif", "webp": "image/webp"}

#: What would end the script element or begin a comment in it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.filter
def kinds_by_use(kinds: list[tuple[str, str, str, str]]) -> list[dict[str, Any]]:
    """Part the kinds of pages that may be made: what is read, and what visitors take part in."""
    parts = (
        ("said", gettext("What the site says"), [kind for kind in kinds if kind[1] != "actions"]),
        ("done", gettext("What visitors do"), [kind for kind in kinds if kind[1] == "actions"]),
    )
    return [
        {"key": key, "title": title, "kinds": sorted(found, key=lambda kind: sort_key(str(kind[0])))}
        for key, title, found in parts
        if found
    ]


@register.simple_tag(takes_context=True)
def json_ld(context: dict[str, Any]) -> SafeString:
    """Write the JSON-LD of the page of this template."""
    page: Any = context["page"]
    shell = context["shell"]
    if not isinstance(page, PublicPage) or not page.pk:  # type: ignore[attr-defined]  # a mixin of pages
        return mark_safe("")
    request = context["request"]
    home = request.build_absolute_uri(shell.home_url)
    words = machine_words(page, shell.identity, page.get_full_url(request) or home, home)  # type: ignore[attr-defined]
    written = json.dumps(words, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308 – escaped just above


@register.simple_tag(takes_context=True)
def share_picture(context: dict[str, Any]) -> str:
    """Return the whole address of the picture of this template's page; a page that is not kept yet has none."""
    if not context["page"].pk:
        return ""
    address = share_address(context["page"], context["shell"].identity)
    return str(context["request"].build_absolute_uri(address))


@register.simple_tag
def photo(picture: Any, spec: str, sizes: str = "100vw", **attributes: Any) -> SafeString:
    """Write a picture in AVIF and WebP at several sizes: ``spec`` is Wagtail's filter, "width-{480,960}".

    ``alt`` stands for the picture's own words; an SVG drawing is one file for every size.
    """
    if picture is None:
        return mark_safe("")
    filters = _expanded(spec)
    if picture.is_svg():
        drawing = picture.get_rendition(f"{filters[-1]}|preserve-svg")
        return _img(drawing, **attributes)
    made = picture.get_renditions(*(f"{one}|format-{kind}" for kind in FORMATS for one in filters))
    by_kind = {kind: {r.width: r for name, r in made.items() if name.endswith(f"-{kind}")} for kind in FORMATS}
    sources = format_html_join(
        "", '<source type="{}" srcset="{}" sizes="{}">', ((FORMATS[k], _srcset(by_kind[k]), sizes) for k in FORMATS)
    )
    largest = by_kind["webp"][max(by_kind["webp"])]
    return format_html("<picture>{}{}</picture>", sources, _img(largest, **attributes))


def _expanded(spec: str) -> list[str]:
    before, _brace, rest = spec.partition("{")
    inside, _brace, after = rest.partition("}")
    return [f"{before}{one}{after}" for one in inside.split(",")] if inside else [spec]


def _srcset(renditions: dict[int, Any]) -> str:
    """A picture smaller than what is asked for is there once only."""
    return ", ".join(f"{renditions[width].url} {width}w" for width in sorted(renditions))


def _img(rendition: Any, **attributes: Any) -> SafeString:
    size = {"width": rendition.width, "height": rendition.height}
    said = {"src": rendition.url, **size, "alt": rendition.alt, **attributes}
    return format_html("<img {}>", format_html_join(" ", '{}="{}"', said.items()))
