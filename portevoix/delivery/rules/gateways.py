"""Any gateway that takes a message by one HTTP request, described in the configuration: no code for a provider.

In the address, the headers and the body, `{to}`, `{text}`, `{from}` and `{id}` are replaced. In a body of JSON a value
is written between quotes by the template and escaped here; in an address or a form it is percent-encoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote

SLOT = re.compile(r"\{(to|text|from|id|to_digits)\}")


def filled(template: str, values: Mapping[str, str], *, style: str = "url") -> str:
    """Fill a template; `style` is `url`, `json` or `plain`. Whatever else is in braces is left alone."""
    return SLOT.sub(lambda slot: _written(values[slot[1]], style), template)


def _written(value: str, style: str) -> str:
    if style == "json":
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if style == "plain":
        return " ".join(value.split())  # in a header a line end would begin another
    return quote(value, safe="")


def style_of(content_type: str) -> str:
    """Return how a body of this type writes values."""
    return "json" if "json" in content_type.lower() else "url"


def headers(lines: list[str]) -> dict[str, str]:
    """Read headers written as `Name: value`."""
    return {name.strip(): value.strip() for name, _sign, value in (line.partition(":") for line in lines)}


def is_success(status: int, body: str, *, statuses: list[int], pattern: str) -> bool:
    """Tell whether the gateway took the message, by the rule of the configuration."""
    return status in statuses and (not pattern or re.search(pattern, body) is not None)


def reference(body: str, pattern: str) -> str:
    """Return the gateway's own name for the message, where the configuration says how to find it."""
    found = re.search(pattern, body) if pattern else None
    return (found[1] if found and found.groups() else found[0] if found else "")[:60]
