"""What every letter looks like: one MJML page for newsletters and confirmations alike, in the campaign's colours.

The page says who writes (LCEN, art. 1-1; CPCE, art. L. 34-5): that is part of the page, not of what authors
write. It asks no other host for anything and holds no pixel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import mrml
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from wagtail import hooks

from portevoix.delivery.exceptions import UnreadablePage
from portevoix.delivery.rules.colours import is_colour, mix
from portevoix.delivery.types import Letter
from portevoix.rights.selectors.imprint import legal_facts

#: The name of the Wagtail hook by which a room above describes the brand: a function that returns keys of Brand.
BRAND_HOOK = "describe_brand"
OPENING = re.compile(r"\{\{[^{}|]*")
# MRML would fetch well-known fonts from their makers.
OPTIONS = mrml.RenderOptions(fonts={}, disable_comments=False)


@dataclass(frozen=True)
class Brand:
    """The campaign to the eye. White is readable on `brand` and `deep`, `deep` on the three others."""

    name: str
    brand: str = "#0b5c56"
    deep: str = "#062c2e"
    accent: str = "#ffd24a"
    spark: str = "#ff7f5c"
    calm: str = "#bfeedd"
    #: Whole address of a square picture, or nothing.
    logo: str = ""
    #: A CSS list of fonts; mail programs use the first that the reader's machine has.
    font: str = "'Instrument Sans', -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
    #: What the campaign adds below each letter, as paragraphs of safe HTML; and the same as plain text.
    footer: tuple[str, ...] = ()
    footer_text: tuple[str, ...] = ()

    @property
    def shades(self) -> dict[str, str]:
        """What the page is made of, by day and by night; the same mixtures as the public site's."""
        night = mix(self.deep, "#0a0a0d", 0.55)
        return {
            "page": mix(self.brand, "#ffffff", 0.07),
            "paper": "#ffffff",
            "text": self.deep,
            "soft": mix(self.deep, "#ffffff", 0.76),
            "line": mix(self.deep, "#ffffff", 0.18),
            "link": self.brand,
            "night_page": mix(self.deep, "#0a0a0d", 0.3),
            "night_paper": night,
            "night_text": "#f1eff7",
            "night_soft": "#c9c6d6",
            "night_line": mix(night, "#ffffff", 0.78),
            "night_link": mix(self.brand, "#ffffff", 0.38),
        }


def brand() -> Brand:
    """Return the campaign's brand: as a room above describes it, in the product's own colours otherwise."""
    described: dict[str, Any] = {"name": settings.INSTANCE.site.name}
    for describe in hooks.get_hooks(BRAND_HOOK):
        described |= {key: value for key, value in describe().items() if value and _may_be(key, value)}
    return Brand(**described)


def _may_be(key: str, value: Any) -> bool:
    """Refuse what is no colour where one is wanted: the letter then wears the product's."""
    return key in {"name", "logo", "footer", "footer_text"} or is_colour(value)


def sender() -> dict[str, str]:
    """Return who writes, as each letter must say it."""
    legal = legal_facts()
    return {
        "publisher": legal.publisher or settings.INSTANCE.site.name,
        "address": legal.publisher_address,
        "email": legal.publisher_email,
        "phone": legal.publisher_phone,
    }


def frame(**context: Any) -> dict[str, Any]:
    """Return what the page's templates, MJML and text, are filled with."""
    look = brand()
    return {
        "brand": asdict(look),
        "shades": look.shades,
        "sender": sender(),
        "base_url": settings.BASE_URL,
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        **context,
    }


def page(template: str, context: Mapping[str, Any]) -> str:
    """Return the HTML of an MJML template, filled with a `frame`. Raises UnreadablePage."""
    try:
        output = mrml.to_html(render_to_string(template, dict(context)), render_options=OPTIONS)
    except OSError as error:
        raise UnreadablePage(str(error)) from error
    # MRML names the no-break spaces that a French keyboard puts before a bar or a brace.
    return OPENING.sub(lambda mark: mark[0].replace("&nbsp;", " "), str(output.content))


def text(template: str, context: Mapping[str, Any]) -> str:
    """Return the plain-text part, without the blank lines that template tags leave behind."""
    lines = [line.rstrip() for line in render_to_string(template, dict(context)).strip().split("\n")]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept) + "\n"


def service(name: str, /, *, subject: str, **context: Any) -> Letter:
    """Return the letter that a person's own request calls for, from `<name>.txt` and `<name>.mjml`."""
    filled = frame(subject=subject, **context)
    return Letter(
        subject=subject,
        text=text(f"{name}.txt", filled),
        html=page(f"{name}.mjml", filled),
        sender_name=settings.INSTANCE.site.name,
        sender_address=settings.INSTANCE.mail.sender,
    )
