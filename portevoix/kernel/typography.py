"""French says « 1er décembre » and no other day so: dates are written by Django, which knows only English suffixes.

What follows changes the one place through which every date passes (``date_format``, the ``date`` filter), so that no
template and no format has to know of it.
"""

from __future__ import annotations

import re

from django.utils.dateformat import DateFormat
from django.utils.translation import get_language

#: The day before the name of a month, where it is not an escaped letter.
DAY_OF_MONTH = re.compile(r"(?<!\\)j(?=\s+[FMNbE])")
_written = DateFormat.format


def write_first_days() -> None:
    """Have every date of the product written so from now on."""
    DateFormat.format = _format  # type: ignore[method-assign, assignment]


def _format(self: DateFormat, formatstr: str) -> str:
    if getattr(self.data, "day", 0) == 1 and (get_language() or "").startswith("fr"):
        formatstr = DAY_OF_MONTH.sub(r"j\\e\\r", formatstr)
    return _written(self, formatstr)
