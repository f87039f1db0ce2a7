"""Commands on grounds: give, withdraw, choose."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights.models import Ground
from portevoix.rights.purposes import OPTIONAL, Basis, Channel, Purpose
from portevoix.rights.selectors import current_wording, hold, refusals_of, wording_read
from portevoix.rights.types import tell_of_change


@command("rights.give", label=_("Record a ground"), roles={Role.DIRECTOR, Role.DATA_OFFICER}, visitors=True)
def give(
    person: Person,
    purpose: Purpose,
    *,
    basis: Basis,
    evidence: dict[str, Any],
    source: str,
    actor: Actor,
) -> Ground:
    """Record that ``person`` may be reached for ``purpose``; the live ground stays if there is one (RGPD art. 7(1)).

    A consent given here takes the place of one that a file declared: it can be proven. ``evidence`` may name the
    wording that the person read, where that was at another moment. Raises OutOfSight.
    """
    channel = OPTIONAL.get(purpose, Channel.EMAIL)
    hold(person, actor)
    if basis == Basis.CONSENT:
        declared = Ground.objects.live().for_purpose(purpose, channel).filter(basis=Basis.DECLARED_AT_IMPORT)
        declared.filter(person=person).update(withdrawn_at=clock.now(), withdrawal={"replaced_by": Basis.CONSENT})
    ground, made = Ground.objects.get_or_create(
        person=person,
        purpose=purpose,
        channel=channel,
        withdrawn_at=None,
        defaults={
            "basis": basis,
            "wording": wording_read(evidence) or current_wording(purpose, person.language),
            "given_at": clock.now(),
            "evidence": evidence,
            "source": source,
        },
    )
    note(about=person, count=int(made), purpose=purpose)
    if made and purpose in OPTIONAL:
        interactions.record(person, Kind.CONSENTED, about=ground, source=source, detail={"purpose": purpose})
    return ground


@command("rights.withdraw", label=_("Withdraw a ground"), roles={Role.DIRECTOR, Role.DATA_OFFICER}, visitors=True)
def withdraw(
    person: Person,
    purposes: list[Purpose],
    *,
    evidence: dict[str, Any],
    source: str,
    actor: Actor,
) -> int:
    """End the live grounds of ``person`` for ``purposes`` (RGPD art. 7(3)); return how many were live.

    One row is written for each and nothing is broadcast: the doors ask again at the last moment. What was not in force
    is refused all the same, and stays so whatever a file or a paper of before says (art. 21(3)). Raises OutOfSight.
    """
    hold(person, actor)
    live = Ground.objects.live().filter(person=person, purpose__in=purposes)
    withdrawn = list(live.values_list("pk", "purpose"))
    live.update(withdrawn_at=clock.now(), withdrawal=evidence)
    Ground.objects.bulk_create(refusals_of(person, purposes, proof=evidence, source=source))
    note(about=person, count=len(withdrawn), purposes=[purpose for _pk, purpose in withdrawn])
    for _pk, purpose in withdrawn:
        interactions.record(person, Kind.WITHDREW, source=source, detail={"purpose": purpose, **evidence})
    if withdrawn:
        tell_of_change()
    return len(withdrawn)


@command("rights.choose", label=_("Change one's preferences"), visitors=True)
def choose(person: Person, accepted: set[Purpose], *, source: str, actor: Actor) -> None:
    """Make the person's choice on the preference page true: every optional purpose is given, or refused."""
    live = set(Ground.objects.live().filter(person=person).values_list("purpose", flat=True))
    refused = [purpose for purpose in OPTIONAL if purpose not in accepted]
    note(about=person, count=len(accepted))
    if refused:
        withdraw(person, refused, evidence={"page": "preferences"}, source=source, actor=actor)
    for purpose in accepted - live:
        give(person, purpose, basis=Basis.CONSENT, evidence={"page": "preferences"}, source=source, actor=actor)
