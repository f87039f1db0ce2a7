"""Wagtail's choosers (pages, pictures, documents) started without an inline script.

Wagtail 7.4 writes ``<script>new PageChooser(…)</script>`` after each chooser of a form, and offers no template to
change it; the policy of the back office allows no inline script. The same facts are written as data instead, which
``starters.js`` reads. To remove when Wagtail does so itself.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.widgets.chooser import BaseChooser

#: What may not stand inside a script element (as Django's json_script).
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def render(self: Any, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
    """Write the chooser, then what starts it as data."""
    ident = (attrs or {})["id"]
    value_data = self.get_value_data(value)
    options = json.dumps(self.get_js_init_options(ident, name, value_data)).translate(ESCAPES)
    return format_html(
        '{}<script type="application/json" data-starts="{}" data-argument="{}">{}</script>',
        self.render_html(name, value_data, attrs),
        self.js_constructor,
        ident,
        mark_safe(options),  # noqa: S308  # escaped above for where it stands
    )


def start_without_inline_script() -> None:
    """Replace the one method of Wagtail that writes the script."""
    BaseChooser.render = render
