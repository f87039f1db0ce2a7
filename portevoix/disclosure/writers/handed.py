"""What is handed to somebody outside: the same lines as a table and as pages to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyzipper
from django.utils import translation
from django.utils.translation import gettext

from portevoix.disclosure.types import Delivery
from portevoix.disclosure.writers import table
from portevoix.kernel import clock, printing
from portevoix.rights.selectors.imprint import legal_facts

TEMPLATE = Path(__file__).parents[1] / "templates" / "disclosure" / "delivery.typ"


def write(
    archive: pyzipper.AESZipFile, told: Delivery, rows: Iterable[Sequence[str]], fields: Sequence[str], recipient: str
) -> int:
    """Write both files of a delivery into an archive; return how many people are in them."""
    kept: list[Sequence[str]] = []

    def seen() -> Iterable[Sequence[str]]:
        for row in rows:
            kept.append(row)
            yield row

    with translation.override(told.language):
        name = f"{gettext('signatures')}-{clock.today():%Y-%m-%d}"
        with archive.open(f"{name}.csv", "w", force_zip64=True) as to:
            count = table.write([told.columns[field] for field in fields], seen(), to)
        with archive.open(f"{name}.pdf", "w", force_zip64=True) as to:
            to.write(_pages(told, kept, fields, recipient))
    return count


def _pages(told: Delivery, rows: Sequence[Sequence[str]], fields: Sequence[str], recipient: str) -> bytes:
    shown = {
        "title": told.title,
        "author": legal_facts().publisher,
        "language": told.language,
        "recipient": gettext("To: %(addressee)s") % {"addressee": recipient},
        "lead": list(told.lead),
        "number": gettext("No."),
        "columns": [told.columns[field] for field in fields],
        "rows": [told.read(row, fields) for row in rows],
    }
    return printing.pdf(TEMPLATE, shown, at=clock.now())
