"""The versions of a letter are one advertisement, and are approved as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction

from benchmarks.mail import ADD_PEOPLE
from portevoix.accounts.types import Actor, Role
from portevoix.delivery import services as delivery
from portevoix.delivery.models import Batch, Message
from portevoix.mailings import letters, selectors, tasks
from portevoix.mailings.exceptions import NotADraft, NotApproved
from portevoix.mailings.models import Advert, Answer, Approval, Mailing, Notice, Trial
from portevoix.mailings.services import advertising, approving, resending, sending, targeting, trying
from portevoix.mailings.types import Again, Aspect, Measure, State, TrialPlan
from portevoix.people.models import Person
from portevoix.rights.purposes import Advertising
from tests.accounts.factories import staff
from tests.mailings.adverts import advert, declared
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser
from tests.people.factories import reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db
PLAN = TrialPlan(aspect=Aspect.SUBJECT, measure=Measure.CLICKS, share=40, hours=4, is_automatic=True)
LABEL = "Publicité politique"


def prepared(number: int = 200) -> Trial:
    with connection.cursor() as cursor:
        cursor.execute(ADD_PEOPLE, [number])
        cursor.execute("ANALYZE people_person, people_emailaddress, rights_ground")
    everybody = SegmentFactory(tree=tree(rule("ground", purpose="newsletter")))
    trial = trying.plan(MailingFactory(subject="Version A", segment=everybody), PLAN, actor=CAMPAIGN)
    Mailing.objects.filter(version__place=1).update(subject="Version B")
    return trial


def version_b(trial: Trial) -> Mailing:
    return trial.versions.get(place=1).mailing


def everything_left() -> None:
    for batch in Batch.objects.unfinished():
        delivery.finish(batch, actor=CAMPAIGN)
    tasks.finish_mailings()


# ---------------------------------------------------------------------------------------------- one advertisement


def test_each_version_of_an_advertisement_bears_its_label_and_keeps_its_law() -> None:
    trial = prepared()
    code = advert(trial.mailing).code
    send(trial.mailing)
    by_subject = {bytes(one.content).split(b"Subject: ")[1][:9]: one for one in deliver().sent}
    assert set(by_subject) == {b"Version A", b"Version B"}
    for version in trial.versions.all():
        page = letters.compose(version.mailing).html
        assert LABEL in page
        assert f"https://ondes.example/publicites/{code}/" in page
        assert version.mailing.batch is not None
        assert version.mailing.batch.advertising == Advertising.GENERAL
        assert version.mailing.batch.links.filter(target=f"https://ondes.example/publicites/{code}/").exists()


def test_what_all_versions_reached_is_told_together_in_one_notice() -> None:
    trial = prepared()
    advert(trial.mailing)
    send(trial.mailing)
    deliver()
    everything_left()
    assert Notice.objects.get().content["reach"] == {"people": None}, "undecided, none is over"
    trial.refresh_from_db()
    trying.decide(trial, trial.versions.get(place=1), actor=CAMPAIGN)
    deliver()
    everything_left()
    assert Message.objects.filter(state="sent").count() == 200
    assert Notice.objects.values("code").distinct().count() == 1
    assert Notice.objects.latest_versions().get().content["reach"] == {"people": 200}


def test_sent_again_it_is_still_the_same_advertisement() -> None:
    trial = prepared()
    code = advert(trial.mailing).code
    send(trial.mailing)
    deliver()
    trying.decide(Trial.objects.get(), trial.versions.get(place=1), actor=CAMPAIGN)
    deliver()
    everything_left()
    reachable("nouveau@mail.example")
    to = Again(undelivered=False, uncertain=False, newcomers=True)
    again = resending.resend(Mailing.objects.get(pk=trial.mailing_id), to, "Encore", actor=CAMPAIGN)
    assert code in letters.compose(again).html
    with pytest.raises(NotADraft):
        advertising.declare_advert(again, declared(sponsor="Un autre"), actor=CAMPAIGN)
    send(again)
    assert [one.recipient for one in deliver().sent] == ["nouveau@mail.example"]
    everything_left()
    assert Notice.objects.latest_versions().get().content["reach"] == {"people": 201}


def test_what_is_declared_of_one_version_is_declared_of_all() -> None:
    trial = prepared(0)
    advertising.declare_advert(version_b(trial), declared(), actor=CAMPAIGN)
    assert Advert.objects.get().mailing_id == trial.mailing_id
    advertising.declare_advert(version_b(trial), declared(sponsor="Les Amis"), actor=CAMPAIGN)
    assert Advert.objects.get().sponsor == "Les Amis"
    advertising.withdraw_advert(version_b(trial), actor=CAMPAIGN)
    assert selectors.advertising_of(trial.mailing) == Advertising.NONE


def test_the_screen_of_a_version_takes_the_mark_from_all_of_them() -> None:
    trial = prepared(0)
    advert(trial.mailing)
    browser().post(address("no_advert", version_b(trial).pk))
    assert not Advert.objects.exists()


def test_the_versions_of_a_targeted_one_go_to_nobody_who_did_not_agree_to_that() -> None:
    trial = prepared()
    Person.objects.update(gender="F")
    Mailing.objects.filter(pk=trial.mailing_id).update(segment=SegmentFactory(tree=tree(rule("gender", gender="F"))))
    trial.mailing.refresh_from_db()
    advert(trial.mailing)
    # What its own draft says of a segment counts for nothing: the letter that it is a version of gives it its readers.
    assert selectors.advertising_of(version_b(trial)) == Advertising.TARGETED
    assert letters.confirmation(trial.mailing, CAMPAIGN).count == 0


# --------------------------------------------------------------------------------------------- one approval for all


@pytest.fixture
def author() -> Actor:
    return staff(Role.COMMUNICATIONS)


@pytest.fixture
def trial(author: Actor) -> Trial:
    approving.demand_approval(True, actor=staff(Role.DIRECTOR))
    return prepared()


def approve(trial: Trial, author: Actor) -> Approval:
    approving.ask_approval(trial.mailing, actor=author)
    seen = letters.digest(letters.compose(trial.mailing), trial.mailing)
    return approving.approve(trial.mailing, seen, actor=staff(Role.DIRECTOR))


def test_a_letter_with_versions_waits_for_its_approval_and_leaves_with_all_of_them(trial: Trial, author: Actor) -> None:
    with pytest.raises(NotApproved):
        send(trial.mailing)
    approve(trial, author)
    send(trial.mailing)
    assert set(Mailing.objects.values_list("state", flat=True)) == {State.SENDING}
    assert {bytes(one.content).split(b"Subject: ")[1][:9] for one in deliver().sent} == {b"Version A", b"Version B"}


def test_the_approval_of_a_version_alone_lets_nothing_leave(trial: Trial, author: Actor) -> None:
    other = version_b(trial)
    approving.ask_approval(other, actor=author)
    approving.approve(other, letters.digest(letters.compose(other), other), actor=staff(Role.DIRECTOR))
    with pytest.raises(NotApproved):
        send(trial.mailing)


def another_word(trial: Trial) -> None:
    Mailing.objects.filter(version__place=1).update(subject="Autre chose")


def another_target(trial: Trial) -> None:
    segment = trial.mailing.segment
    assert segment is not None
    targeting.target(trial.mailing, [segment, SegmentFactory()], [], actor=CAMPAIGN)


def one_left_out(trial: Trial) -> None:
    segment = trial.mailing.segment
    assert segment is not None
    targeting.target(trial.mailing, [segment], [SegmentFactory()], actor=CAMPAIGN)


def one_more(trial: Trial) -> None:
    trying.add_version(trial, actor=CAMPAIGN)


@pytest.mark.parametrize("change", [another_word, another_target, one_left_out, one_more])
def test_a_change_to_a_version_or_to_a_target_ends_the_approval(
    trial: Trial, author: Actor, change: Callable[[Trial], None]
) -> None:
    approval = approve(trial, author)
    change(trial)
    approval.refresh_from_db()
    assert approval.state == Answer.LAPSED
    with pytest.raises(NotApproved):
        send(Mailing.objects.get(pk=trial.mailing_id))


@pytest.mark.parametrize("what", ["plan", "drop", "declare"])
def test_what_the_database_does_not_see_of_it_is_seen_when_it_leaves(trial: Trial, author: Actor, what: str) -> None:
    approve(trial, author)
    if what == "plan":
        trying.plan(trial.mailing, replace(PLAN, share=60), actor=CAMPAIGN)
    elif what == "drop":
        trying.drop(trial, actor=CAMPAIGN)
    else:
        advertising.declare_advert(version_b(trial), declared(), actor=CAMPAIGN)
    with pytest.raises(NotApproved):
        send(Mailing.objects.get(pk=trial.mailing_id))


def test_the_title_of_a_version_for_the_team_ends_nothing(trial: Trial, author: Actor) -> None:
    approval = approve(trial, author)
    Mailing.objects.filter(version__place=1).update(title="Pour nous")
    approval.refresh_from_db()
    assert approval.state == Answer.APPROVED


def test_the_database_lets_no_version_leave_that_nobody_approved(trial: Trial, author: Actor) -> None:
    other = version_b(trial)

    def leave() -> None:
        with transaction.atomic():
            Mailing.objects.filter(pk=other.pk).update(state=State.SENDING)

    with pytest.raises(IntegrityError, match="without the approval"):
        leave()
    approve(trial, author)
    stranger = MailingFactory()
    with pytest.raises(IntegrityError, match="without the approval"), transaction.atomic():
        Mailing.objects.filter(pk=stranger.pk).update(state=State.SENDING)
    sending.send(trial.mailing, letters.confirmation(trial.mailing, CAMPAIGN), actor=CAMPAIGN)
    other.refresh_from_db()
    assert other.state == State.SENDING
