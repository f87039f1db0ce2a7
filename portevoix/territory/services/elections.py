"""Commands on the calendar of elections: from it follows when the whole campaign is silent."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.territory.exceptions import SilenceIsRunning
from portevoix.territory.models import Departement, Election, SilentHours
from portevoix.territory.rules import silence
from portevoix.territory.types import ElectionDraft

KEEPERS = {Role.DIRECTOR}


@command("territory.keep_election", label=_("Write an election in the calendar"), roles=KEEPERS, nationwide=True)
def keep_election(
    draft: ElectionDraft, *, election: Election | None = None, reason: str = "", actor: Actor
) -> Election:
    """Write an election, or what has changed of it, and the hours of silence that follow.

    Raises SilenceIsRunning when that would shorten a silence which has begun, and no reason is given.
    """
    before = _running(election)
    kept = Election.objects.select_for_update().get(pk=election.pk) if election else Election()
    kept.kind, kept.name = draft.kind, draft.name
    kept.first_round_on, kept.second_round_on = draft.first_round_on, draft.second_round_on
    kept.save()
    kept.departements.set(Departement.objects.filter(code__in=draft.departements))
    kept.early.set(Departement.objects.filter(code__in=draft.early))
    _write_silences(kept)
    if not before <= _running(kept) and not reason.strip():
        raise SilenceIsRunning
    note(about=kept, count=kept.silences.count(), **_said(reason))
    return kept


@command("territory.remove_election", label=_("Remove an election from the calendar"), roles=KEEPERS, nationwide=True)
def remove_election(election: Election, *, reason: str = "", actor: Actor) -> None:
    """Remove an election, and its silence. Raises SilenceIsRunning when it has begun, and no reason is given."""
    if _running(election) and not reason.strip():
        raise SilenceIsRunning
    note(about=election, count=1, name=election.name, **_said(reason))
    election.delete()


def _said(reason: str) -> dict[str, str]:
    return {"reason": reason.strip()} if reason.strip() else {}


def _running(election: Election | None) -> set[str]:
    """Return where the election imposes silence now."""
    if election is None:
        return set()
    return set(SilentHours.objects.running(clock.now()).filter(election=election).values_list("departement", flat=True))


def _write_silences(election: Election) -> None:
    everywhere = {*silence.ZONES, "75", *Departement.objects.values_list("code", flat=True)}
    places = set(election.departements.values_list("code", flat=True)) or everywhere
    early = set(election.early.values_list("code", flat=True))
    SilentHours.objects.filter(election=election).delete()
    SilentHours.objects.bulk_create(
        SilentHours(election=election, round=number, departement=code, begins_at=one.begins_at, ends_at=one.ends_at)
        for number, day in election.rounds
        for code, one in silence.silences(day, places, early).items()
    )
