"""Commands on duplicates: look for them, write down what was found, tell two people apart."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, jobs
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Candidate, DuplicateSearch, Person
from portevoix.people.types import Likeness

#: Two records are judged by those who keep the file; a local lead judges those of their own territory.
JUDGES = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER, Role.LOCAL_LEAD}

# What was told apart stays so, whatever is found again. A person erased meanwhile is no pair any more.
KEEP = """
INSERT INTO people_candidate AS known (first_id, second_id, score, reasons, search)
SELECT found.first_id, found.second_id, found.score, string_to_array(found.reasons, ','), %s
FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::text[]) AS found (first_id, second_id, score, reasons)
WHERE EXISTS (SELECT FROM people_person WHERE id = found.first_id FOR KEY SHARE)
    AND EXISTS (SELECT FROM people_person WHERE id = found.second_id FOR KEY SHARE)
ON CONFLICT (first_id, second_id) DO UPDATE
SET score = excluded.score, reasons = excluded.reasons, search = excluded.search
"""


@command("people.search_duplicates", label=_("Look for duplicates"), roles=JUDGES)
def search_duplicates(*, by_worker: bool = True, actor: Actor) -> DuplicateSearch:
    """Ask for a search through everybody; the one under way is enough."""
    search = DuplicateSearch.objects.filter(ended_at=None).first()
    if search is None:
        search = DuplicateSearch.objects.create(asked_by=actor.label[:200], created_at=clock.now())
    note(about=search)
    if by_worker:
        jobs.defer("people.look_for_duplicates", once=True, search_id=search.pk)
    return search


@command("people.note_candidates", label=_("Note possible duplicates"))
def note_candidates(
    search: DuplicateSearch, compared: int, found: Sequence[tuple[int, int, Likeness]], *, actor: Actor
) -> None:
    """Write down what a slice of comparisons has found."""
    columns: list[list[object]] = [
        [first for first, _second, _likeness in found],
        [second for _first, second, _likeness in found],
        [likeness.score for _first, _second, likeness in found],
        [",".join(likeness.reasons) for _first, _second, likeness in found],
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [search.pk, *columns])
    search.compared += compared
    search.found += len(found)
    search.save(update_fields=["compared", "found", "pairs"])
    note(about=search, count=len(found))


@command("people.end_search", label=_("End a search for duplicates"))
def end_search(search: DuplicateSearch, *, actor: Actor) -> int:
    """Forget the pairs that a whole search no longer found; return how many."""
    gone, _tables = Candidate.objects.undecided().exclude(search=search.pk).delete()
    search.ended_at = clock.now()
    search.save(update_fields=["ended_at"])
    DuplicateSearch.objects.exclude(pk=search.pk).delete()
    note(about=search, count=search.found, gone=gone)
    return gone


@command("people.tell_apart", label=_("Say that two people are not the same"), roles=JUDGES)
def tell_apart(one: Person, other: Person, *, actor: Actor) -> None:
    """Remember that two records are two people: nobody is asked again. Raises OutOfSight."""
    seen = Person.objects.visible_to(actor).filter(pk__in=[one.pk, other.pk]).select_for_update(of=("self",))
    if len(seen) != 2:
        raise OutOfSight
    Candidate.objects.update_or_create(
        first_id=min(one.pk, other.pk),
        second_id=max(one.pk, other.pk),
        defaults={"told_apart_at": clock.now()},
        create_defaults={"told_apart_at": clock.now(), "score": 0, "reasons": []},
    )
    note(count=2, first=min(one.pk, other.pk), second=max(one.pk, other.pk))
