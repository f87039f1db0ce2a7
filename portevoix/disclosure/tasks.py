"""The worker's part of exports: write the file, destroy it in time."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator

from django.utils.translation import gettext

from portevoix.accounts.types import System
from portevoix.disclosure import selectors
from portevoix.disclosure.exceptions import Overtaken, SomebodyIsAtIt
from portevoix.disclosure.models import Canary, Export
from portevoix.disclosure.rules import canaries
from portevoix.disclosure.rules.passwords import password
from portevoix.disclosure.services import exporting, reading
from portevoix.disclosure.types import Delivery, End, State
from portevoix.disclosure.writers import handed, package, table
from portevoix.kernel import clock, jobs
from portevoix.rights.exceptions import Masked

logger = logging.getLogger(__name__)
ACTOR = System("disclosure.write")
#: First half of the database's advisory locks that keep an export to one process.
LOCK = 7_305_003
#: A file is begun again when somebody in it is erased, restricted or objects meanwhile; not for ever.
TRIES = 5
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@jobs.task(name="disclosure.write")
def write(export_id: int) -> None:
    """Write an export's file, from the beginning, whoever began it before.

    Raises SomebodyIsAtIt, so that the queue asks again: a dead process may hold the export for a few seconds more.
    """
    with jobs.alone(LOCK, export_id) as is_alone:
        if is_alone:
            _write(export_id)
        elif Export.objects.at_work().filter(pk=export_id).exists():
            raise SomebodyIsAtIt(export_id)


@jobs.periodic("*/10 * * * *", name="disclosure.destroy_expired")
def destroy_expired() -> None:
    """Destroy the files whose time is over."""
    if selectors.something_is_over():
        exporting.destroy_expired(actor=System("disclosure.destroy_expired"))


@jobs.periodic("40 2 * * *", name="disclosure.forget_consultations")
def forget_consultations() -> None:
    """Forget who read whose record, a year later."""
    reading.forget_consultations(actor=System("disclosure.forget_consultations"))


def _write(export_id: int) -> None:
    try:
        for _try in range(TRIES):
            export = exporting.begin_export(export_id, actor=ACTOR)
            if not export.is_working or _write_once(export):
                return
        exporting.note_failure(export_id, End.TOO_MOVING, is_final=True, actor=ACTOR)
    except Masked:
        exporting.note_failure(export_id, End.NO_RIGHT, is_final=True, actor=ACTOR)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        logger.warning("export %s: no room on the disk", export_id)
        exporting.note_failure(export_id, End.NO_ROOM, kind=type(error).__name__, is_final=True, actor=ACTOR)
    except Exception as error:
        export = exporting.note_failure(
            export_id, End.UNFORESEEN, kind=type(error).__name__, is_final=False, actor=ACTOR
        )
        if export.is_working:
            raise  # the queue tries again
        logger.exception("export %s has failed", export_id)


def _write_once(export: Export) -> bool:
    """Write the file; tell whether that settled it. Whatever is not wanted as it is leaves nothing behind."""
    if not selectors.may_still_export(export):
        exporting.note_failure(export.pk, End.NO_RIGHT, is_final=True, actor=ACTOR)
        return True
    told = selectors.delivery_of(export.about_kind, export.about_id or 0) if export.is_delivery else None
    if told is not None and told.recipient != export.recipient:
        # Who agreed to the new addressee would be named to the former.
        exporting.note_failure(export.pk, End.READDRESSED, is_final=True, actor=ACTOR)
        return True
    try:
        count = _written(export) if told is None else _written_for_addressee(export, told)
        size = export.path.stat().st_size
        ended = exporting.finish_export(export.pk, recalls=export.recalls, size=size, count=count, actor=ACTOR)
    except Overtaken:
        return False
    if ended.state == State.READY:
        return True
    export.path.unlink(missing_ok=True)
    return False


def _written(export: Export) -> int:
    headings = [selectors.heading_of(field) for field in export.fields]
    name = f"{gettext('people')}-{clock.today():%Y-%m-%d}.csv"
    with package.sealed(export.path, inside=name, password=password(export.seed)) as to:
        return max(table.write(headings, _rows(export), to) - export.canaries.count(), 0)


def _written_for_addressee(export: Export, told: Delivery) -> int:
    with package.folder(export.path, password=password(export.seed)) as archive:
        return handed.write(archive, told, _lines(export, told), export.fields, export.recipient)


def _lines(export: Export, told: Delivery) -> Iterator[list[str]]:
    """Yield the lines of what is handed over, each asked for once more. Raises Overtaken as ``_rows`` does."""
    asker, place = selectors.asker(export), 0
    for portion in export.portions.order_by("number").iterator(chunk_size=1):
        for row in told.rows(selectors.people_of(portion, export, asker), export.fields):
            yield row
            place += 1
        _go_on(export, place)


def _go_on(export: Export, place: int) -> None:
    """Note how far the file is. Raises Overtaken when it is no longer wanted as it is."""
    still = Export.objects.filter(pk=export.pk, state=State.WRITING, recalls=export.recalls)
    if not still.update(written=place, moved_at=clock.now()):
        raise Overtaken


def _rows(export: Export) -> Iterator[list[object]]:
    """Yield the rows of the file, a portion of the people at a time, the canaries among them.

    Raises Overtaken as soon as somebody in it was erased, restricted or objected, or the export was cancelled.
    """
    hidden = list(export.canaries.order_by("-place"))
    asker, place, row = selectors.asker(export), 0, None
    for portion in export.portions.order_by("number").iterator(chunk_size=1):
        for row in selectors.rows_of(portion, export, asker):
            while hidden and hidden[-1].place <= place:
                yield _canary(hidden.pop(), export, row)
            yield row
            place += 1
        _go_on(export, place)
    while hidden and row is not None:
        yield _canary(hidden.pop(), export, row)


def _canary(canary: Canary, export: Export, neighbour: list[object]) -> list[object]:
    invented = selectors.invented(canary)
    domain = canary.mailbox.partition("@")[2].replace(canaries.NOWHERE, "")
    mark = canaries.mark_of(export.fields, domain)
    cells = canaries.disguised(invented, dict(zip(export.fields, neighbour, strict=True)), mark)
    return [cells[field] for field in export.fields]
