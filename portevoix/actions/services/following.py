"""What an action entails once it is confirmed, and what ends with it."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.models import (
    ActionPage,
    ContactPage,
    Enquiry,
    EventPage,
    MembershipApplication,
    MembershipPage,
    Participation,
    Proxy,
    ProxyPage,
    SponsorshipPage,
    VolunteerPage,
)
from portevoix.actions.services import attending, inbox, membership, pairing
from portevoix.kernel import clock
from portevoix.people.models import PersonRole
from portevoix.people.services.writing import give_role
from portevoix.people.types import Held, RoleKind

LONGEST_DETAIL = 150


@command("actions.follow", label=_("Do what an action entails"))
def follow(taken: Participation, *, actor: Actor) -> None:
    """Do what the type of the page promises to whoever confirms: a seat, a role, a message in the inbox…"""
    page = taken.page.specific
    note(about=taken, count=0)
    for kind, act in ENTAILS.items():
        if isinstance(page, kind):
            act(taken, page, actor)
            note(count=1)


@command("actions.end_what_ended", label=_("End what ended with an action"))
def end_what_ended(page: ActionPage, *, actor: Actor) -> None:
    """End what stood on parts in an action that are no more: roles that it gave, seats, offers (RGPD art. 17(1)(b))."""
    still = Participation.objects.filter(page=page.pk).confirmed().values("person")
    PersonRole.objects.filter(source=_source(page), kind__in=GIVEN).exclude(person__in=still).delete()
    Proxy.objects.filter(page=page.pk).exclude(person__in=still).delete()
    # What nobody decided or answered yet is taken back with it; what was is the campaign's own act.
    MembershipApplication.objects.open().filter(page=page.pk).exclude(person__in=still).delete()
    Enquiry.objects.open().filter(page=page.pk).exclude(person__in=still).delete()
    note(about=page, count=1)
    if isinstance(page, EventPage):
        attending.free_seats(page, actor=actor)
    if isinstance(page, ProxyPage):
        pairing.tell_parted(page, actor=actor)


def _volunteer(taken: Participation, page: ActionPage, actor: Actor) -> None:
    given = taken.answers
    skills = given.get("q_skills") or []
    parts = [str(given.get("q_hours", "")), ", ".join(skills), str(given.get("q_places", ""))]
    _give(taken, page, RoleKind.VOLUNTEER, " ; ".join(part for part in parts if part), actor)


def _official(taken: Participation, page: ActionPage, actor: Actor) -> None:
    parts = [str(taken.answers.get("q_mandate", "")), str(taken.answers.get("q_where", ""))]
    _give(taken, page, RoleKind.ELECTED, ", ".join(part for part in parts if part), actor)


def _give(taken: Participation, page: ActionPage, kind: RoleKind, detail: str, actor: Actor) -> None:
    """Give a role with what was said now, in the place of what this page gave before."""
    since = clock.today()
    former = PersonRole.objects.filter(person=taken.person, kind=kind, source=_source(page))
    if (first := former.order_by("since").first()) is not None and first.since:
        since = first.since
    former.delete()
    give_role(taken.person, Held(kind, detail=detail[:LONGEST_DETAIL], since=since), source=_source(page), actor=actor)


def _source(page: ActionPage) -> str:
    """Return what says of a role that this page gave it: it goes with the part in it."""
    return f"actions:{page.pk}"


GIVEN = (RoleKind.VOLUNTEER, RoleKind.ELECTED)
ENTAILS: dict[type[ActionPage], Callable[[Participation, ActionPage, Actor], object]] = {
    ContactPage: lambda taken, _page, actor: inbox.take_message(taken, actor=actor),
    VolunteerPage: _volunteer,
    SponsorshipPage: _official,
    EventPage: lambda taken, page, actor: attending.take_seat(taken, page, actor=actor),
    MembershipPage: lambda taken, _page, actor: membership.apply(taken, actor=actor),
    ProxyPage: lambda taken, _page, actor: pairing.take_proxy(taken, actor=actor),
}
