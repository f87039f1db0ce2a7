"""What an import's page, its command and its downloads say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from portevoix.exchange.models import ImportRun
from portevoix.exchange.types import Fate, State
from portevoix.intake.models import LeftAside
from portevoix.intake.types import Reason
from portevoix.people.rules.protected import protection
from portevoix.people.types import KNOWN_COLUMNS, Protected

Figure = tuple[str, int]


def figures(run: ImportRun) -> list[Figure]:
    """Return what the file would bring, or has brought, as labels and numbers."""
    counts = run.arrival.counts
    told = counts.get("merged", {})
    if run.state in {State.READY, State.GIVEN_UP} or not told:
        told = run.forecast
        shown = [
            (_("rows"), counts.get("rows", 0)),
            (_("new people"), told.get("new", 0)),
            (_("people you know already"), told.get("known", 0)),
            (_("rows about somebody named on another row"), told.get("doubles", 0)),
        ]
    else:
        shown = [
            (_("rows"), counts.get("rows", 0)),
            (_("new people"), told.get("new", 0)),
            (_("people you knew already"), told.get("persons", 0) - told.get("new", 0)),
            (_("known people whose blanks were filled"), told.get("filled", 0)),
            (_("known people of whom the file says otherwise: your data stayed"), told.get("kept", 0)),
            (_("new e-mail addresses"), told.get("emails", 0)),
            (_("new telephone numbers"), told.get("phones", 0)),
        ]
    return [*shown, (_("rejected rows"), counts.get("rejected", 0))]


def consents(run: ImportRun) -> list[Figure]:
    """Return what the file says of consents and refusals."""
    told = run.arrival.counts.get("merged", {}) if run.state not in {State.READY, State.GIVEN_UP} else {}
    told = told or run.forecast
    shown = [
        (_("people who agreed to e-mails, by the word of the file"), told.get("ground_newsletter", 0)),
        (_("people who agreed to text messages, by the word of the file"), told.get("ground_texts", 0)),
        (_("refusals"), told.get("refusals", 0)),
    ]
    if told.get("opinions") or told.get("opinions_left"):
        shown.append((_("levels of support kept, by the word of the file"), told.get("opinions", 0)))
        shown.append((_("levels of support left aside: no agreement to record them"), told.get("opinions_left", 0)))
    return (
        [*shown, (_("consents withdrawn here because of the file"), told["withdrawn"])]
        if "withdrawn" in told
        else shown
    )


def reasons(run: ImportRun) -> list[tuple[str, int, bool]]:
    """Return each reason for which something was left aside, how often, and whether the whole row was."""
    counted = run.arrival.counts.get("reasons", {})
    return sorted(
        ((str(Reason(reason).label), count, Reason(reason).is_of_the_row) for reason, count in counted.items()),
        key=lambda told: (not told[2], -told[1]),
    )


def tags_refused(run: ImportRun) -> list[tuple[str, str, int]]:
    """Return each tag that does not come in, why, and on how many rows it stood."""
    refused = run.arrival.counts.get("tags_refused", {})
    return [
        (tag, str(why.label), count)
        for tag, count in sorted(refused.items(), key=lambda told: (-told[1], told[0]))
        if (why := protection(tag))
    ]


def columns(run: ImportRun) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the columns by fate, each with what there is to say of it; kept ones only where something is in them."""
    filled = run.arrival.counts.get("filled", {})
    groups: dict[str, list[tuple[str, str]]] = {fate: [] for fate in (Fate.REFUSED, Fate.KEPT, Fate.UNDERSTOOD)}
    for column in run.columns:
        said, fate = "", column["fate"]
        if column.get("field") == "support_level" and run.arrival.declares_opinions:
            fate = Fate.UNDERSTOOD
        elif fate == Fate.REFUSED:
            said = str(Protected(column["why"]).label)
        elif column["fate"] == Fate.KEPT:
            if not (count := filled.get(column["key"], 0)):
                continue
            said = _("%(count)d values") % {"count": count}
        groups[fate].append((_title_of(column), said))
    return [(str(Fate(fate).label), found) for fate, found in groups.items() if found]


def _title_of(column: dict[str, str]) -> str:
    """Return the title, and what it means where another product's word is known."""
    known = KNOWN_COLUMNS.get(column.get("key", ""))
    return f"{column['title']} ({known})" if known else column["title"]


def left_aside_table(run: ImportRun) -> tuple[list[str], Iterator[list[object]]]:
    """Return the titles and the rows of the file of what was left aside: number, fate, reasons, cells as they came."""
    titles = [column["title"] for column in run.columns]
    return [_("row"), _("fate"), _("reasons"), *titles], _left_aside_rows(run)


def _left_aside_rows(run: ImportRun) -> Iterator[list[object]]:
    rows = LeftAside.objects.filter(arrival=run.arrival_id).order_by("row_number")
    for row in rows.iterator(chunk_size=1000):
        told = "; ".join(f"{column}: {reason.label}" if column else str(reason.label) for reason, column in row.reasons)
        fate = _("nothing of it") if row.is_rejected else _("imported without this")
        yield [row.row_number, fate, told, *row.cells]


def as_json(run: ImportRun) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        "run": run.pk,
        "file": run.arrival.name,
        "sha256": run.arrival.sha256,
        "state": run.state,
        "explanation": run.explanation,
        "forecast": run.forecast,
        "counts": run.arrival.counts,
        "columns": run.columns,
    }
