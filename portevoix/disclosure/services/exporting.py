"""Commands on exports: order, write, download, destroy. The task writes the file between ``begin`` and ``finish``."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Model, Sum
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.disclosure import selectors
from portevoix.disclosure.exceptions import AlreadyShown, Narrowed, NoFile, NotYours, UnknownField
from portevoix.disclosure.models import Canary, Export
from portevoix.disclosure.rules import canaries
from portevoix.disclosure.rules.passwords import password
from portevoix.disclosure.types import End, State
from portevoix.kernel import clock, jobs
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotFromTheGate
from portevoix.rights.gate import Disclosure

EXPORTERS = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER}
#: People of whom the writer holds the rows at a time, and between whose portions it looks whether it is still wanted.
PORTION = 2000
FAILURES_ALLOWED = 5
#: An export that has not moved for that long has no process any more.
SILENCE = timedelta(hours=1)

LIST = """
INSERT INTO disclosure_portion (export_id, number, person_ids)
SELECT %s, (place - 1) / %s, array_agg(id ORDER BY place)
FROM (SELECT id, row_number() OVER (ORDER BY sort_key, id) AS place FROM ({people}) AS chosen (id, sort_key)) AS ranked
GROUP BY 2
"""
# How many of the file come before each canary, in the database's own alphabet, by one reading.
PLACES = """
SELECT width_bucket(sort_key, (SELECT array_agg(key ORDER BY key) FROM unnest(%s::text[]) AS key)), count(*)
FROM ({people}) AS chosen (id, sort_key) GROUP BY 1
"""
ALPHABETICAL = "SELECT key FROM unnest(%s::text[]) AS key ORDER BY key"
MARK = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, by, detail)
SELECT p.id, %s, %s, %s, %s, %s, %s, '{}'::jsonb
FROM disclosure_portion portion, unnest(portion.person_ids) AS chosen (id) JOIN people_person p USING (id)
WHERE portion.export_id = %s
"""


@command("disclosure.order_export", label=_("Order an export of people"), roles=EXPORTERS)
def order_export(disclosure: Disclosure, *, by_worker: bool, actor: Actor) -> Export:
    """Have a file made of a disclosure's people; without ``by_worker`` the caller writes it (``tasks.write``).

    Whom it is about is settled now, by number; what is said of them is read when the file is written, through the
    gate again. Raises NotFromTheGate, NotYours when the disclosure was made for somebody else, UnknownField.
    """
    if unknown := {field for field in _granted(disclosure, actor).fields if not selectors.is_known(field)}:
        raise UnknownField(", ".join(sorted(unknown)))
    export = _ordered(disclosure, actor)
    hidden = _hide_canaries(export, disclosure)
    note(about=export, count=export.people, fields=export.fields, canaries=hidden)
    if by_worker:
        jobs.defer("disclosure.write", export_id=export.pk)
    return export


@command(
    "disclosure.order_delivery", label=_("Order a file for somebody outside"), roles={Role.DIRECTOR, Role.DATA_OFFICER}
)
def order_delivery(disclosure: Disclosure, *, about: Model, recipient: str, actor: Actor) -> Export:
    """Have the file made that a room above hands to somebody outside; the worker writes it.

    It holds nobody invented: whoever receives it must be able to rely on every line. Raises as ``order_export`` does.
    """
    told = {"about_kind": about._meta.label_lower, "about_id": about.pk, "recipient": recipient[:200]}
    delivery = selectors.delivery_of(told["about_kind"], about.pk)
    if unknown := set(_granted(disclosure, actor).fields) - set(delivery.columns):
        raise UnknownField(", ".join(sorted(unknown)))
    export = _ordered(disclosure, actor, **told)
    of = {"of": told["about_kind"], "number": about.pk}
    note(about=export, count=export.people, fields=export.fields, **of, canaries=0, every_line_is_true=True)
    jobs.defer("disclosure.write", export_id=export.pk)
    return export


def _granted(disclosure: Disclosure, actor: Actor) -> Disclosure:
    if not isinstance(disclosure, Disclosure):
        raise NotFromTheGate("a Disclosure comes from rights.gate.reveal")
    if disclosure.actor != actor:
        raise NotYours
    return disclosure


def _ordered(disclosure: Disclosure, actor: Actor, **more: Any) -> Export:
    now = clock.now()
    export = Export.objects.create(
        asker_kind=actor.kind,
        asker_id=actor.ident,
        asker=actor.label[:200],
        asker_roles=sorted(actor.roles),
        asker_departements=selectors.reach_of(actor),
        purpose=disclosure.purpose.strip()[:200],
        fields=list(disclosure.fields),
        seed=secrets.token_hex(32),
        created_at=now,
        moved_at=now,
        **more,
    )
    export.people = _list(export, disclosure)
    export.save(update_fields=["people"])
    return export


def _list(export: Export, disclosure: Disclosure) -> int:
    try:
        people, parameters = disclosure.people.order_by().values("pk", "sort_key").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LIST.format(people=people), [export.pk, PORTION, *parameters])
    counted = export.portions.aggregate(people=Sum("person_ids__len"))
    return int(counted["people"] or 0)


def _hide_canaries(export: Export, disclosure: Disclosure) -> int:
    domain = selectors.canary_domain()
    mark = canaries.mark_of(export.fields, domain)
    number = canaries.wanted(export.people, mark)
    if not number:
        return 0
    chance = secrets.SystemRandom()
    draws = [canaries.invent(chance, domain, is_known_by_name=mark != "email") for _draw in range(4 * number)]
    drawn = {one.mailbox: one for one in draws}
    free = selectors.not_taken(list(drawn.values()), mark)
    kept = {one.sort_key: one for one in free}
    chosen = list(kept.values())[:number] or list(drawn.values())[:1]
    places = _places([one.sort_key for one in chosen], disclosure)
    Canary.objects.bulk_create(
        Canary(
            export=export,
            place=places[one.sort_key],
            sex=one.sex,
            given_name=one.first_name,
            family_name=one.family_name,
            born_on=one.born_on,
            mailbox=one.mailbox,
            mobile=one.mobile,
        )
        for one in chosen
    )
    return len(chosen)


def _places(keys: list[str], disclosure: Disclosure) -> dict[str, int]:
    """Return how many people of the file come before each key."""
    people, parameters = disclosure.people.order_by().values("pk", "sort_key").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(PLACES.format(people=people), [keys, *parameters])
        counts = dict(cursor.fetchall())
        cursor.execute(ALPHABETICAL, [keys])
        ordered = [key for (key,) in cursor.fetchall()]
    before, places = 0, {}
    for bucket, key in enumerate(ordered):
        before += counts.get(bucket, 0)
        places[key] = before
    return places


@command("disclosure.begin_export", label=_("Begin to write an export"))
def begin_export(export_id: int, *, actor: Actor) -> Export:
    """Start the writing, or start it again after a failure or a sudden death; does nothing to an export that ended."""
    export = _locked(export_id)
    note(about=export, count=export.failures)
    if export.is_working:
        export.state, export.written, export.moved_at = State.WRITING, 0, clock.now()
        export.save(update_fields=["state", "written", "moved_at"])
    return export


@command("disclosure.finish_export", label=_("Finish an export"))
def finish_export(export_id: int, *, recalls: int, size: int, count: int, actor: Actor) -> Export:
    """Open a written file to who asked for it, and say so on the timeline of each person in it.

    Does nothing to a file that is no longer wanted as it is: cancelled, or a person in it was erased,
    restricted or objected after ``recalls`` were counted; the caller destroys it, and writes again in the latter case.
    """
    export = _locked(export_id)
    note(about=export, count=0)
    if export.state != State.WRITING or export.recalls != recalls:
        return export
    now = clock.now()
    with connection.cursor() as cursor:
        kind = Export._meta.label_lower
        # The platform wrote the file; who ordered it is who takes the data out, and is named as on every line.
        by = export.asker if export.asker_kind == "staff" else ""
        cursor.execute(MARK, [Kind.EXPORTED, now, kind, export.pk, export.purpose, by, export.pk])
    export.portions.all().delete()
    export.state, export.ready_at, export.moved_at = State.READY, now, now
    export.recalls = 0  # it was before the file was written: it does not hold them, or says what they refused
    export.expires_at = now + timedelta(days=settings.INSTANCE.disclosure.export_days)
    export.people, export.size = count, size
    _forget_seed(export)
    export.save()
    note(count=count, fields=export.fields)
    return export


@command("disclosure.note_failure", label=_("Note that an export failed"))
def note_failure(export_id: int, reason: End, *, kind: str = "", is_final: bool, actor: Actor) -> Export:
    """Count a failure; a final one, or one too many, ends the export without a file."""
    export = _locked(export_id)
    note(about=export, count=export.failures + 1, reason=reason, kind=kind)
    if export.is_working:
        export.failures += 1
        if is_final or export.failures >= FAILURES_ALLOWED:
            _end(export, State.FAILED, reason)
        export.save()
    return export


@command("disclosure.show_password", label=_("Show the password of an export"), roles=EXPORTERS)
def show_password(export_id: int, *, actor: Actor) -> str:
    """Return the password to who asked for the export, once.

    Raises NotYours, AlreadyShown, NoFile when it ended, Narrowed where they see less than when they asked.
    """
    export = _of(export_id, actor)
    _refuse_narrowed(export, actor)
    note(about=export)
    if export.shown_at is not None:
        raise AlreadyShown
    if not export.is_alive:
        raise NoFile
    said = password(export.seed)
    export.shown_at = clock.now()
    _forget_seed(export)
    export.save(update_fields=["shown_at", "seed"])
    return said


@command("disclosure.download_export", label=_("Download an export"), roles=EXPORTERS)
def download_export(export_id: int, *, actor: Actor) -> tuple[Export, IO[bytes]]:
    """Return the file, open, to who asked for it; each download is a line of the journal.

    Raises NotYours, NoFile, Narrowed where they see less than when they asked.
    """
    export = _of(export_id, actor)
    _refuse_narrowed(export, actor)
    now = clock.now()
    if export.state != State.READY or export.expires_at is None or export.expires_at <= now:
        raise NoFile
    try:
        file = export.path.open("rb")
    except FileNotFoundError as error:
        raise NoFile from error
    export.downloads, export.downloaded_at = export.downloads + 1, now
    export.save(update_fields=["downloads", "downloaded_at"])
    note(about=export, count=export.people, download=export.downloads)
    return export, file


@command("disclosure.destroy_export", label=_("Cancel or destroy an export"), roles=EXPORTERS)
def destroy_export(export_id: int, *, actor: Actor) -> Export:
    """End an export at the wish of who asked for it, or of who answers for it. Raises NotYours."""
    export = _locked(export_id)
    if not Export.objects.visible_to(actor).filter(pk=export.pk).exists():
        raise NotYours
    note(about=export, count=export.people)
    if export.is_alive:
        _end(export, State.CANCELLED if export.is_working else State.DESTROYED, End.BY_HAND)
        export.save()
    return export


@command("disclosure.destroy_narrowed", label=_("Destroy an export of whoever sees less by now"))
def destroy_narrowed(export_id: int, *, actor: Actor) -> Export:
    """End an export that was refused to who asked for it, since their mandate no longer covers what it holds."""
    export = _locked(export_id)
    note(about=export, count=export.people)
    if export.is_alive:
        _end(export, State.FAILED if export.is_working else State.DESTROYED, End.NARROWED)
        export.save()
    return export


@command("disclosure.confirm_recall", label=_("Confirm that copies of an export are destroyed"), roles=EXPORTERS)
def confirm_recall(export_id: int, *, actor: Actor) -> Export:
    """Take the word of who downloaded a file that its copies are destroyed (RGPD art. 17 and 19). Raises NotYours."""
    export = _of(export_id, actor)
    note(about=export, count=export.recalls)
    export.recalled_at = clock.now()
    export.save(update_fields=["recalled_at"])
    return export


@command("disclosure.destroy_expired", label=_("Destroy exports whose time is over"), roles={Role.DATA_OFFICER})
def destroy_expired(*, actor: Actor) -> int:
    """Destroy the files whose time is over, end what no process writes any more, sweep what a sudden death left."""
    now = clock.now()
    over = Export.objects.select_for_update().filter(state=State.READY, expires_at__lte=now)
    ended = [_end(export, State.DESTROYED, End.EXPIRED) for export in over]
    left = Export.objects.select_for_update(skip_locked=True).at_work().filter(moved_at__lt=now - SILENCE)
    ended += [_end(export, State.FAILED, End.UNFORESEEN) for export in left]
    Export.objects.bulk_update(ended, ["state", "end", "ended_at", "seed"])
    note(count=len(ended), exports=[export.pk for export in ended], swept=_sweep())
    return len(ended)


@command("disclosure.destroy_all", label=_("Destroy every export at the end of a campaign"))
def destroy_all(*, actor: Actor) -> int:
    """Destroy every file there is, and end those that are being written; return how many."""
    ready = [
        _end(one, State.DESTROYED, End.EXPIRED) for one in Export.objects.select_for_update().filter(state=State.READY)
    ]
    working = [_end(one, State.FAILED, End.UNFORESEEN) for one in Export.objects.select_for_update().at_work()]
    Export.objects.bulk_update([*ready, *working], ["state", "end", "ended_at", "seed"])
    note(count=len(ready) + len(working), swept=_sweep())
    return len(ready) + len(working)


def _locked(export_id: int) -> Export:
    return Export.objects.select_for_update().get(pk=export_id)


def _of(export_id: int, actor: Actor) -> Export:
    export = _locked(export_id)
    if not export.was_asked_by(actor):
        raise NotYours
    return export


def _refuse_narrowed(export: Export, actor: Actor) -> None:
    if export.is_alive and selectors.is_narrower(export, actor):
        raise Narrowed


def _forget_seed(export: Export) -> None:
    """Let the seed go once it has served twice: the file is written with it, and its password was shown."""
    if export.shown_at is not None and export.ready_at is not None:
        export.seed = ""


def _end(export: Export, state: State, reason: End) -> Export:
    """End an export: no password any more, no list of people, and no file as soon as that is certain."""
    export.state, export.end, export.seed, export.ended_at = state, reason, "", clock.now()
    export.portions.all().delete()
    transaction.on_commit(lambda: export.path.unlink(missing_ok=True))
    return export


def _sweep() -> int:
    """Remove files that belong to no ready export: those a process left when it died."""
    folder = Export().path.parent
    ready = {str(pk) for pk in Export.objects.filter(state=State.READY).values_list("pk", flat=True)}
    writing = {str(pk) for pk in Export.objects.at_work().values_list("pk", flat=True)}
    lost = [path for path in folder.glob("*") if path.stem not in ready | writing] if folder.exists() else []
    for path in lost:
        path.unlink(missing_ok=True)
    return len(lost)
