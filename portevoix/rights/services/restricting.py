"""How a restriction ends (RGPD art. 18(3)); it begins by the answer to a request (``services.answers``)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Kind
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.selectors import hold
from portevoix.rights.selectors.requests import request_for
from portevoix.rights.types import DESK, RequestLetterKind, tell_of_change


@command("rights.announce_lifting", label=_("Tell a person that their restriction will end"), roles=DESK)
def announce_lifting(request_id: int, reason: str, *, actor: Actor) -> Request:
    """Write to a person before their restriction is lifted, and why (RGPD art. 18(3)). Raises OutOfSight, NotNow."""
    request = request_for(request_id, actor)
    if not request.is_in_force or not reason.strip():
        raise NotNow
    now = clock.now()
    request.lifting_reason, request.lifting_told_at = reason.strip(), now
    request.save(update_fields=["lifting_reason", "lifting_told_at"])
    RequestLetter.objects.create(
        request=request, kind=RequestLetterKind.LIFTING, note=request.lifting_reason, created_at=now
    )
    note(about=request, count=1)
    return request


@command("rights.lift_restriction", label=_("Lift a restriction"), roles=DESK)
def lift_restriction(request_id: int, *, actor: Actor) -> Request:
    """End a restriction whose person was told before (RGPD art. 18(3)); another that they asked for still holds.

    Raises OutOfSight; NotNow when nobody told them, the letter has not left, or came back and nobody wrote by post.
    """
    request = request_for(request_id, actor)
    person = request.person
    if person is None or not request.is_in_force or request.lifting_told_at is None:
        raise NotNow
    # The last announcement, with the reason it gives: an earlier one said something else.
    if not request.announcements.reached().exists():
        raise NotNow
    hold(person, actor)
    request.lifted_at = clock.now()
    request.save(update_fields=["lifted_at"])
    note(about=request, count=1)
    if not Request.objects.in_force().filter(person=person).exists():
        Person.objects.filter(pk=person.pk).update(restricted_at=None)
        interactions.record(person, Kind.RELEASED, about=request, source="staff")
        tell_of_change()
    return request
