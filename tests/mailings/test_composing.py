"""Drafts: written, changed, deleted, by those who may; what was sent is evidence."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import composing
from portevoix.mailings.types import State
from tests.accounts.factories import staff
from tests.mailings.factories import CAMPAIGN, MailingFactory, draft, send
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def test_a_draft_keeps_its_words_and_its_author() -> None:
    author, segment = staff(Role.COMMUNICATIONS), SegmentFactory()
    written = composing.create(draft(subject="Un train", preheader="Vite", segment=segment), actor=author)
    kept = Mailing.objects.get(pk=written.pk)
    assert (kept.subject, kept.preheader, kept.segment) == ("Un train", "Vite", segment)
    assert str(kept.created_by_id) == author.ident
    assert kept.body[0].value.source == "<p>Bonjour.</p>"
    assert (kept.state, kept.batch_id) == (State.DRAFT, None)


def test_the_journal_names_the_mailing_and_not_its_words() -> None:
    mailing = composing.create(draft(subject="Secret"), actor=CAMPAIGN)
    entry = Entry.objects.get(command="mailings.create")
    assert (entry.about_kind, entry.about_id) == ("mailings.mailing", str(mailing.pk))
    assert "Secret" not in str(entry.detail)


def test_a_draft_is_changed() -> None:
    mailing = MailingFactory(preheader="Avant")
    composing.edit(mailing, draft(subject="Après"), actor=CAMPAIGN)
    mailing.refresh_from_db()
    assert (mailing.subject, mailing.preheader) == ("Après", "")


def test_a_draft_is_deleted() -> None:
    composing.delete(MailingFactory(), actor=CAMPAIGN)
    assert not Mailing.objects.exists()


def test_what_was_sent_is_neither_changed_nor_deleted() -> None:
    PersonFactory(reachable=True)
    mailing = send(MailingFactory())
    with pytest.raises(NotADraft):
        composing.edit(mailing, draft(subject="Autre"), actor=CAMPAIGN)
    with pytest.raises(NotADraft):
        composing.delete(mailing, actor=CAMPAIGN)
    assert Mailing.objects.get().subject == mailing.subject


@pytest.mark.parametrize("role", [Role.READER, Role.ORGANISER, Role.LOCAL_LEAD, Role.DATA_OFFICER])
def test_only_direction_and_communications_write(role: Role) -> None:
    actor = staff(role, "35" if role is Role.LOCAL_LEAD else "")
    mailing = MailingFactory()
    with pytest.raises(NotAllowed):
        composing.create(draft(), actor=actor)
    with pytest.raises(NotAllowed):
        composing.edit(mailing, draft(), actor=actor)
    with pytest.raises(NotAllowed):
        composing.delete(mailing, actor=actor)
    assert Mailing.objects.count() == 1


def test_the_database_knows_no_sent_mailing_without_its_batch() -> None:
    mailing = MailingFactory()
    with pytest.raises(IntegrityError, match="mailing_sent_once"), transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(state=State.SENT)
    with pytest.raises(IntegrityError, match="mailing_finished_after_sent"), transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(finished_at=clock.now())


def test_a_segment_that_is_deleted_leaves_its_drafts() -> None:
    mailing = MailingFactory()
    assert mailing.segment is not None
    mailing.segment.delete()
    mailing.refresh_from_db()
    assert mailing.segment is None
