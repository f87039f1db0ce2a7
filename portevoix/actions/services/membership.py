"""Commands on applications for membership: take in, accept, refuse."""

from __future__ import annotations

from datetime import date

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.actions.exceptions import DecidedAlready, TakenBack
from portevoix.actions.letters.entailed import deciding
from portevoix.actions.models import MembershipApplication, MembershipPage, Participation
from portevoix.actions.types import ApplicationState
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.people.services.contacts import edit_contacts
from portevoix.people.services.writing import give_role
from portevoix.people.types import ContactChange, Held, RoleKind
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

DECIDERS = {Role.DIRECTOR, Role.DATA_OFFICER, Role.ORGANISER, Role.LOCAL_LEAD}


@command("actions.apply", label=_("Apply for membership"))
def apply(taken: Participation, *, actor: Actor) -> MembershipApplication:
    """Put an application, whose address is confirmed, before those who decide; one that was refused is open again."""
    application, is_new = MembershipApplication.objects.get_or_create(
        page_id=taken.page_id, person=taken.person, defaults={"received_at": clock.now()}
    )
    if is_new or application.state != ApplicationState.ACCEPTED:
        application.street = str(taken.answers.get("q_street", ""))[:300]
        application.state, application.decided_at = ApplicationState.RECEIVED, None
        application.decided_by = application.reason = ""
        application.received_at = clock.now()
        application.save()
    note(about=application, count=1)
    return application


@command("actions.accept_member", label=_("Accept an application for membership"), roles=DECIDERS)
def accept_member(
    application: MembershipApplication, *, since: date, dues_until: date | None = None, actor: Actor
) -> None:
    """Make a person a member, keep their address, and tell them. Raises DecidedAlready, TakenBack.

    Whether dues were paid is not known here: until when they cover is what who decides says.
    """
    kept = _hold(application, actor)
    person, page = kept.person, kept.page.specific
    held = Held(RoleKind.MEMBER, detail=page.organisation[:150], since=since, dues_until=dues_until)
    give_role(person, held, source=f"actions:{page.pk}", actor=actor)
    if kept.street and not person.addresses.exists():
        city = person.commune.name if person.commune else ""
        values = {"line1": kept.street, "postcode": person.postcode, "city": city, "country": "FR"}
        edit_contacts(person, [ContactChange("address", values)], actor=actor)
    _decide(kept, ApplicationState.ACCEPTED, "", actor)
    _tell(kept, page, "actions.member_accepted", actor)


@command("actions.refuse_member", label=_("Refuse an application for membership"), roles=DECIDERS)
def refuse_member(application: MembershipApplication, *, reason: str, actor: Actor) -> None:
    """Refuse an application, and say why to who applied. Raises DecidedAlready, TakenBack."""
    kept = _hold(application, actor)
    _decide(kept, ApplicationState.REFUSED, reason, actor)
    _tell(kept, kept.page.specific, "actions.member_refused", actor)


def _decide(kept: MembershipApplication, state: ApplicationState, reason: str, actor: Actor) -> None:
    kept.state, kept.reason = state, reason
    kept.decided_at, kept.decided_by = clock.now(), actor.label[:200]
    kept.save(update_fields=["state", "reason", "decided_at", "decided_by"])
    note(about=kept, count=1, state=state)


def _tell(kept: MembershipApplication, page: MembershipPage, key: str, actor: Actor) -> None:
    person = kept.person
    with translation.override(person.language):
        facts, values = deciding(kept, page)
    letter = letters.write(key, values, facts, language=person.language)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    delivery.send(letter, alone, about=kept, actor=System("actions.decide"))


def _hold(application: MembershipApplication, actor: Actor) -> MembershipApplication:
    """Let one decide at a time. Raises DoesNotExist for one that the actor may not see, DecidedAlready, TakenBack."""
    mine = MembershipApplication.objects.visible_to(actor).select_for_update(of=("self",))
    kept = mine.get(pk=application.pk)
    if kept.state != ApplicationState.RECEIVED:
        raise DecidedAlready
    if not MembershipApplication.objects.filter(pk=kept.pk).counted().exists():
        raise TakenBack
    return kept
