"""Tables as CSV, in UTF-8 with a byte-order mark (spreadsheets need it), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO

#: A cell that a spreadsheet would run as a formula (OWASP, CSV injection); a number in E.164 is no formula.
_FORMULA = re.compile(r"^(?:[=@\t\r]|[+\-](?![\d., ]*$))")
#: The same behind what some spreadsheets take for the end of a cell: French ones cut at semicolons.
_FORMULA_INSIDE = re.compile(r"""([;\t\r\n]\s*["']*)(?=[=@]|[+\-](?![\d., ]*(?:[;\t\r\n]|$)))""")


def safe(cell: object) -> str:
    """Return the cell as text that no spreadsheet runs: a quote goes before what looks like a formula."""
    text = "" if cell is None else _FORMULA_INSIDE.sub(r"\1'", str(cell))
    return f"'{text}" if _FORMULA.match(text) else text


def write(header: Sequence[str], rows: Iterable[Sequence[object]], to: IO[bytes]) -> int:
    """Write a table row by row, never holding it whole; return the number of rows."""
    text = io.TextIOWrapper(to, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text)
    writer.writerow([safe(name) for name in header])
    count = 0
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count
