"""A copy or an erasure leaves at once for whoever brought and confirmed their own mailbox, and for nobody else."""

from __future__ import annotations

import pytest

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services as actions
from portevoix.disclosure.exceptions import LinkUnusable
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.models import CopyRequest
from portevoix.disclosure.services.answering import give_copy
from portevoix.intake.links import confirmation_token
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.people.models import EmailAddress, Person
from portevoix.people.services.contacts import edit_contacts
from portevoix.people.types import ContactChange
from portevoix.rights.models import Request
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors.requests import desk
from portevoix.rights.services import requesters
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.rights.types import RequestKind, RequestState
from tests.accounts.factories import staff
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
ROBOT, THEIRS, MINE = System("tests"), "theirs@mail.example", "mine@mail.example"


def signed_up(address: str) -> Person:
    """Return whom a form of the site makes or finds, its letter's link followed."""
    form = SignUp(email=address, source="site", purposes=frozenset({Purpose.NEWSLETTER}))
    return receiving.confirm(confirmation_token(receiving.receive(form, actor=Visitor())), actor=Visitor()).person


def asked(address: str, kind: RequestKind = RequestKind.ERASURE) -> Request:
    requesters.ask(address, kind, language="fr", actor=Visitor())
    requesters.find_requesters(actor=ROBOT)
    return Request.objects.filter(kind=kind).latest("pk")


def followed(request: Request) -> Request:
    return requesters.verify_request(request.pk, actor=Visitor())


def main(row: EmailAddress | None, address: str) -> ContactChange:
    said = {"address": address, "status": "unverified", "is_primary": True}
    if row is None:
        return ContactChange("email", said)
    seen = {"address": row.address, "status": row.status, "is_primary": row.is_primary}
    return ContactChange("email", seen | {"is_primary": True}, row.pk, seen)


def left_to_the_desk(request: Request, person: Person) -> bool:
    is_there = Person.objects.filter(pk=person.pk).exists() and not CopyRequest.objects.exists()
    return request.state == RequestState.OPEN and request.days_left > 0 and request in desk(staff()) and is_there


def test_who_came_by_their_own_form_is_erased_at_once() -> None:
    person = signed_up(THEIRS)
    assert followed(asked(THEIRS)).state == RequestState.ANSWERED
    assert not Person.objects.filter(pk=person.pk).exists()


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_a_lead_who_adds_their_own_mailbox_neither_erases_nor_reads_anybody(is_confirmed: bool) -> None:
    """Confirmed by a form of the site, the mailbox is the lead's still."""
    person, lead = PersonFactory(in_rennes=True), staff(Role.LOCAL_LEAD, "35")
    edit_contacts(person, [main(None, MINE)], actor=lead)
    if is_confirmed:
        assert signed_up(MINE) == person
        assert person.emails.get().status == "verified"
    assert left_to_the_desk(followed(asked(MINE)), person)
    assert left_to_the_desk(followed(asked(MINE, RequestKind.ACCESS)), person)
    actions.send_copy_link(person, actor=Visitor())
    assert not CopyRequest.objects.exists()


@pytest.mark.parametrize("is_theirs_kept", [True, False])
def test_of_two_records_made_one_neither_mailbox_has_the_other_half(is_theirs_kept: bool) -> None:
    theirs, mine = signed_up(THEIRS), signed_up(MINE)
    kept, absorbed = (theirs, mine) if is_theirs_kept else (mine, theirs)
    done = merge(kept.pk, absorbed.pk, actor=ROBOT)
    assert left_to_the_desk(followed(asked(MINE)), kept)
    assert left_to_the_desk(followed(asked(THEIRS, RequestKind.ACCESS)), kept)
    row = mine.emails.model.objects.get(address=MINE)
    other = main(row, MINE)
    other.values["address"] = "another@mail.example"
    edit_contacts(kept, [other], actor=ROBOT)
    undo_merge(done.pk, actor=ROBOT)
    assert list(EmailAddress.objects.filter(is_own=True).values_list("person", "address")) == [(theirs.pk, THEIRS)]


def test_a_link_that_may_have_gone_to_another_mailbox_opens_nothing() -> None:
    person, lead = signed_up(THEIRS), staff(Role.DIRECTOR)
    own, request = person.emails.get(), asked(THEIRS)
    edit_contacts(person, [main(None, MINE)], actor=lead)
    own.refresh_from_db()
    edit_contacts(person, [main(own, THEIRS)], actor=lead)
    assert person.emails.get(is_primary=True, is_own=True, status="verified") == own
    assert left_to_the_desk(followed(request), person)


def test_a_copy_asked_for_before_a_merge_is_not_the_copy_of_both() -> None:
    theirs, mine = signed_up(THEIRS), signed_up(MINE)
    actions.send_copy_link(mine, actor=Visitor())
    link = copy_token(CopyRequest.objects.get())
    merge(theirs.pk, mine.pk, actor=ROBOT)
    assert CopyRequest.objects.get().person == theirs
    with pytest.raises(LinkUnusable):
        give_copy(link, actor=Visitor())
