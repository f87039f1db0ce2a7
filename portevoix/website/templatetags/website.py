"""What pages say of themselves to machines and to other sites."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from portevoix.website.models import SitePage
from portevoix.website.selectors.sharing import machine_words, share_address

register = template.Library()

#: What would end the script element or begin a comment in it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag(takes_context=True)
def json_ld(context: dict[str, Any]) -> SafeString:
    """Write the JSON-LD of the page of this template."""
    page, shell = context["page"], context["shell"]
    if not isinstance(page, SitePage) or not page.pk:
        return mark_safe("")
    request = context["request"]
    home = request.build_absolute_uri(shell.home_url)
    words = machine_words(page, shell.identity, page.get_full_url(request) or home, home)
    written = json.dumps(words, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308 – escaped just above


@register.simple_tag(takes_context=True)
def share_picture(context: dict[str, Any]) -> str:
    """Return the whole address of the picture of this template's page."""
    address = share_address(context["page"], context["shell"].identity)
    return str(context["request"].build_absolute_uri(address))
