"""The search for duplicates, in the background: a night's work for a million people is a few minutes."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.kernel import jobs
from portevoix.people import rules
from portevoix.people.models import DuplicateSearch
from portevoix.people.selectors import duplicates as blocks
from portevoix.people.services import duplicates

ACTOR = System("people.look_for_duplicates")


@jobs.periodic("10 1 * * *", name="people.look_for_duplicates_nightly")
def look_every_night() -> None:
    """Look again through everybody."""
    duplicates.search_duplicates(actor=ACTOR)


@jobs.task(name="people.look_for_duplicates", lock="people.look_for_duplicates")
def look_for_duplicates(search_id: int) -> None:
    """Compare whoever shares a key with somebody; begun again from the start when it was cut short."""
    search = DuplicateSearch.objects.filter(pk=search_id, ended_at=None).first()
    if search is None:
        return
    search.pairs, search.compared, search.found = blocks.block(), 0, 0
    search.save(update_fields=["pairs", "compared", "found"])
    try:
        for pairs in blocks.slices(search.pairs):
            alike = [(one, other, rules.compare(mine, theirs)) for one, other, mine, theirs in pairs]
            found = [pair for pair in alike if pair[2].score >= rules.WORTH_A_LOOK]
            duplicates.note_candidates(search, len(pairs), found, actor=ACTOR)
        duplicates.end_search(search, actor=ACTOR)
    finally:
        blocks.forget_blocks()
