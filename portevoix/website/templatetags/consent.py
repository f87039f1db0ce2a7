"""The question about other sites, in the words that are kept as its proof."""

from __future__ import annotations

from django import template

from portevoix.website import wording
from portevoix.website.rules import choices

register = template.Library()


@register.simple_tag
def consent_title() -> str:
    return wording.question_title()


@register.simple_tag
def consent_text() -> str:
    return wording.question_text()


@register.simple_tag
def consent_of_block(name: str, company: str) -> str:
    return wording.question_of_block(name, company)


@register.simple_tag
def consent_version() -> str:
    return choices.VERSION


@register.simple_tag
def consent_cookie() -> str:
    return choices.COOKIE
