"""A second person reads each letter, where the campaign asks for it; the database itself keeps one that nobody read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role, Staff
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import (
    AskedAlready,
    ChangedMeanwhile,
    NoApprovalAsked,
    NotApproved,
    NothingAsked,
    NoWords,
    OwnApproval,
)
from portevoix.mailings.models import Answer, Approval, Mailing
from portevoix.mailings.services import approving, composing, plain_texts
from portevoix.mailings.types import State
from tests.accounts.factories import UserFactory
from tests.mailings.factories import CAMPAIGN, MailingFactory, body, draft, send
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def staff(role: Role = Role.COMMUNICATIONS) -> Actor:
    return Staff(UserFactory(role=role))


@pytest.fixture
def author() -> Actor:
    return staff()


@pytest.fixture
def reader() -> Actor:
    return staff(Role.DIRECTOR)


@pytest.fixture
def mailing() -> Mailing:
    approving.demand_approval(True, actor=staff(Role.DIRECTOR))
    PersonFactory(reachable=True)
    made: Mailing = MailingFactory()
    return made


def digest(mailing: Mailing) -> str:
    return letters.digest(letters.compose(mailing), mailing)


def approved(mailing: Mailing, author: Actor, reader: Actor) -> Approval:
    approving.ask_approval(mailing, actor=author)
    return approving.approve(mailing, digest(mailing), actor=reader)


def state_of(mailing: Mailing) -> str:
    return Approval.objects.filter(mailing=mailing).values_list("state", flat=True).get()


def test_without_the_rule_a_letter_leaves_as_ever() -> None:
    PersonFactory(reachable=True)
    assert send(MailingFactory()).state == State.SENDING


def test_with_the_rule_nothing_leaves_that_nobody_approved(mailing: Mailing) -> None:
    with pytest.raises(NotApproved):
        send(mailing)
    mailing.refresh_from_db()
    assert mailing.is_draft


def test_what_is_asked_for_is_not_approved_yet(mailing: Mailing, author: Actor) -> None:
    approving.ask_approval(mailing, "Le deuxième chiffre est-il juste ?", actor=author)
    with pytest.raises(NotApproved):
        send(mailing)


def test_what_a_second_person_approved_leaves(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approval = approved(mailing, author, reader)
    assert send(mailing).recipients == 1
    approval.refresh_from_db()
    assert (approval.state, approval.digest) == (Answer.APPROVED, digest(mailing))


def test_whoever_asks_cannot_answer(mailing: Mailing, author: Actor) -> None:
    approving.ask_approval(mailing, actor=author)
    with pytest.raises(OwnApproval):
        approving.approve(mailing, digest(mailing), actor=author)
    with pytest.raises(OwnApproval):
        approving.refuse(mailing, "Non.", actor=CAMPAIGN)


def test_a_refusal_says_what_must_change(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approving.ask_approval(mailing, actor=author)
    with pytest.raises(NoWords):
        approving.refuse(mailing, "  ", actor=reader)
    approving.refuse(mailing, "Le chiffre est faux.", actor=reader)
    with pytest.raises(NotApproved):
        send(mailing)
    with pytest.raises(NothingAsked):
        approving.approve(mailing, digest(mailing), actor=reader)
    # The same letter may be asked about again: somebody may answer otherwise.
    approving.ask_approval(mailing, "La source est dans le lien.", actor=author)
    approving.approve(mailing, digest(mailing), actor=reader)
    assert send(mailing).recipients == 1


CHANGES: list[dict[str, Any]] = [
    {"subject": "Autre objet"},
    {"preheader": "Autre aperçu"},
    {"sender_name": "Quelqu’un d’autre"},
    {"reply_to": "autre@ondes.example"},
    {"body": [("text", "<p>Autre chose.</p>")]},
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("is_answered", [True, False])
def test_a_change_ends_what_was_asked_and_answered(
    mailing: Mailing, author: Actor, reader: Actor, change: dict[str, Any], is_answered: bool
) -> None:
    if is_answered:
        approved(mailing, author, reader)
    else:
        approving.ask_approval(mailing, actor=author)
    words = {"title": mailing.title, "subject": mailing.subject, "body": mailing.body, "segment": mailing.segment}
    if "body" in change:
        change = {"body": body(*change["body"])}
    composing.edit(mailing, draft(**words | change), actor=author)
    assert state_of(mailing) == Answer.LAPSED
    mailing.refresh_from_db()
    with pytest.raises(NotApproved):
        send(mailing)


def test_another_segment_or_another_text_ends_it_too(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approved(mailing, author, reader)
    plain_texts.write_plain_text(mailing, "Le mien.", actor=author)
    assert state_of(mailing) == Answer.LAPSED
    approved(mailing, author, reader)
    Mailing.objects.filter(pk=mailing.pk).update(segment=SegmentFactory())
    assert set(Approval.objects.values_list("state", flat=True)) == {Answer.LAPSED}
    mailing.refresh_from_db()
    approved(mailing, author, reader)
    plain_texts.derive_plain_text(mailing, actor=author)
    assert not Approval.objects.live().exists()


def test_the_title_for_the_team_and_nothing_else_changes_nothing(
    mailing: Mailing, author: Actor, reader: Actor
) -> None:
    approved(mailing, author, reader)
    words = {"subject": mailing.subject, "body": mailing.body, "segment": mailing.segment}
    composing.edit(mailing, draft(title="Autre titre", **words), actor=author)
    assert state_of(mailing) == Answer.APPROVED


def test_what_changed_outside_the_letter_is_seen_when_it_leaves(
    mailing: Mailing, author: Actor, reader: Actor, settings: Any
) -> None:
    """The database sees no other page, picture or publisher: the digest does."""
    approved(mailing, author, reader)
    legal = settings.INSTANCE.legal.model_copy(update={"publisher": "Une autre association"})
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": legal})
    with pytest.raises(NotApproved):
        send(mailing)
    approving.ask_approval(mailing, actor=author)
    assert list(Approval.objects.order_by("pk").values_list("state", flat=True)) == [Answer.LAPSED, Answer.ASKED]


def test_the_reader_approves_what_they_saw_and_nothing_newer(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approving.ask_approval(mailing, actor=author)
    with pytest.raises(ChangedMeanwhile):
        approving.approve(mailing, "0" * 64, actor=reader)


def test_the_same_letter_is_asked_about_once(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approving.ask_approval(mailing, actor=author)
    with pytest.raises(AskedAlready):
        approving.ask_approval(mailing, actor=reader)


def test_nothing_is_asked_where_the_campaign_does_not_ask() -> None:
    with pytest.raises(NoApprovalAsked):
        approving.ask_approval(MailingFactory(), actor=staff())


def test_only_the_director_changes_the_rule() -> None:
    with pytest.raises(NotAllowed):
        approving.demand_approval(False, actor=staff())
    approving.demand_approval(True, actor=staff(Role.DIRECTOR))
    approving.demand_approval(False, actor=staff(Role.DIRECTOR))
    assert not selectors.is_approval_asked()


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.DATA_OFFICER, Role.READER])
def test_only_those_who_may_send_approve(mailing: Mailing, author: Actor, role: Role) -> None:
    approving.ask_approval(mailing, actor=author)
    with pytest.raises(NotAllowed):
        approving.approve(mailing, digest(mailing), actor=staff(role))


def test_it_waits_on_the_first_page_of_the_others(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approving.ask_approval(mailing, actor=author)
    assert [one.mailing for one in selectors.awaiting(reader)] == [mailing]
    assert list(selectors.awaiting(author)) == []


def test_the_journal_says_who_asked_and_who_approved(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approved(mailing, author, reader)
    lines = Entry.objects.filter(command__in=["mailings.ask_approval", "mailings.approve"]).order_by("pk")
    assert [line.actor_id for line in lines] == [author.ident, reader.ident]
    assert all(line.about_id == str(mailing.pk) for line in lines)


# ------------------------------------------------------------------------------------------ the database, by itself


def refused_by(constraint: str) -> Any:
    return pytest.raises(IntegrityError, match=constraint)


def leave(mailing: Mailing) -> None:
    """Do what no command does: let a letter leave by hand."""
    from portevoix.delivery import services as delivery
    from portevoix.people.models import Person
    from portevoix.rights import gate
    from portevoix.rights.purposes import Channel, Purpose

    audience = gate.admit(Person.objects.all(), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    batch = delivery.send(letters.compose(mailing), audience, actor=CAMPAIGN)
    with transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(state=State.SENDING, batch=batch, sent_at=clock.now())


def test_the_database_keeps_a_letter_that_nobody_approved(mailing: Mailing, author: Actor, reader: Actor) -> None:
    with refused_by("without the approval"):
        leave(mailing)
    approving.ask_approval(mailing, actor=author)
    with refused_by("without the approval"):
        leave(mailing)
    approving.approve(mailing, digest(mailing), actor=reader)
    leave(mailing)


def test_the_database_takes_no_letter_that_is_born_sent(mailing: Mailing) -> None:
    with refused_by("without the approval"), transaction.atomic():
        Mailing.objects.create(title="x", subject="x", state=State.SENT, sent_at=clock.now())


def test_the_database_knows_that_nobody_approves_their_own(mailing: Mailing, author: Actor) -> None:
    approval = approving.ask_approval(mailing, actor=author)
    with refused_by("approval_by_a_second_person"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(
            state=Answer.APPROVED, answered_by=approval.asked_by, answered_at=clock.now()
        )


@pytest.mark.parametrize(
    "change",
    [{"state": Answer.ASKED}, {"state": Answer.REFUSED}, {"word": "Autre"}, {"digest": "x"}, {"request": "Autre"}],
)
def test_an_answer_is_never_rewritten(mailing: Mailing, author: Actor, reader: Actor, change: dict[str, Any]) -> None:
    approval = approved(mailing, author, reader)
    with refused_by("not rewritten"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(**change)


def test_what_is_void_stays_void(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approval = approved(mailing, author, reader)
    Mailing.objects.filter(pk=mailing.pk).update(subject="Autre")
    with refused_by("not rewritten"), transaction.atomic():
        Approval.objects.filter(pk=approval.pk).update(state=Answer.APPROVED, lapsed_at=None)


def test_who_asked_and_who_answered_may_leave_the_team(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approved(mailing, author, reader)
    User.objects.filter(pk__in=[author.ident, reader.ident]).delete()
    assert Approval.objects.get().answered_by is None


def test_sql_by_hand_ends_an_approval_too(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approved(mailing, author, reader)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mailings_mailing SET subject = 'Autre' WHERE id = %s", [mailing.pk])
    assert state_of(mailing) == Answer.LAPSED


def test_a_letter_that_left_keeps_its_approval(mailing: Mailing, author: Actor, reader: Actor) -> None:
    approved(mailing, author, reader)
    send(mailing)
    Mailing.objects.filter(pk=mailing.pk).update(segment=None)
    assert state_of(mailing) == Answer.APPROVED
