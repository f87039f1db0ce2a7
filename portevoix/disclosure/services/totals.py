"""The command by which totals leave: tables of numbers, nobody in them."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import EVERYONE, command, note
from portevoix.accounts.types import Actor
from portevoix.disclosure.types import Totals
from portevoix.disclosure.writers import table


@command("disclosure.export_totals", label=_("Download totals"), roles=EVERYONE)
def export_totals(totals: Sequence[Totals], form: Literal["csv", "json"], *, about: str, actor: Actor) -> bytes:
    """Return tables of totals as one file: what every member of staff reads on the screen, and no more.

    ``about`` says of what, in the journal.
    """
    note(count=sum(len(one.rows) for one in totals), of=about, form=form)
    if form == "json":
        told = {one.name: [dict(zip(one.columns, row, strict=True)) for row in one.rows] for one in totals}
        return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()
    file = io.BytesIO()
    table.write(
        ("table", "line", "column", "value"),
        ((one.name, row[0], column, value) for one in totals for row in one.rows for column, value in _cells(one, row)),
        file,
    )
    return file.getvalue()


def _cells(one: Totals, row: Sequence[object]) -> list[tuple[str, object]]:
    """Return the cells of a row, each under its column: a long table is one that any program adds up."""
    return list(zip(one.columns[1:], row[1:], strict=True))
