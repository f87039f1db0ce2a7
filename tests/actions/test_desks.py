"""Desks of the team: nobody outside a mandate, nobody who agrees no longer, and nobody left alone without a word."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import TakenBack, Unpairable
from portevoix.actions.models import (
    Attendance,
    ContactPage,
    Enquiry,
    EventPage,
    MembershipApplication,
    MembershipPage,
    Participation,
    Proxy,
    ProxyPage,
)
from portevoix.actions.selectors import coming as reads
from portevoix.actions.services import inbox as messages
from portevoix.actions.services import membership, pairing
from portevoix.actions.types import ApplicationState
from portevoix.correspondence.services import edit
from portevoix.correspondence.types import Words
from portevoix.delivery.models import Batch
from portevoix.intake.links import confirmation_token
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, PersonRole
from portevoix.people.types import ContactStatus
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.rights.services.retention import set_term
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import last_letter, participation, petition, published
from tests.territory.factories import CommuneFactory, election

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")
PARTED = "Votre procuration : à refaire"


def words(client: Client, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).content, "html.parser").get_text(" ").split())


def withdraws(taken: Participation) -> None:
    """Withdraw, before the night that erases what is agreed to no longer."""
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)


@pytest.fixture
def proxies() -> ProxyPage:
    vote = election(date(2028, 6, 11), second_round_on=date(2028, 6, 18))
    return published(ProxyPage(title="Procurations", slug="procurations", election=vote))


@pytest.fixture
def meeting() -> EventPage:
    starts_at = clock.now() + timedelta(days=7)
    return published(
        EventPage(title="Réunion", slug="reunion", starts_at=starts_at, place="Salle", capacity=3, most_guests=2)
    )


@pytest.fixture
def joining() -> MembershipPage:
    return published(MembershipPage(title="Adhérer", slug="adherer", organisation="Ricochet", statement="J’accepte."))


def says(page: ProxyPage, name: str, side: int, **said: Any) -> Proxy:
    asked = {one.key: one for one in page.asked}
    answers = {
        "q_side": asked["q_side"].choices[side],
        "q_rounds": list(asked["q_rounds"].choices),
        "q_postcode": said.pop("where", "23000"),
        "q_commune": "Guéret",
    }
    taken = participation(page, email=f"{name}@mail.example", first_name=name.title(), answers=answers, **said)
    return Proxy.objects.get(person=taken.person)


def paired(page: ProxyPage) -> tuple[Proxy, Proxy]:
    asks, offers = says(page, "ana", 0), says(page, "bob", 1)
    pairing.pair_proxies(asks, offers, actor=staff(Role.ORGANISER))
    return asks, offers


def told_that_it_is_over() -> list[str]:
    """Return who was told that a pair is over."""
    found = Batch.objects.filter(subject=PARTED).values_list("messages__person__first_name", flat=True)
    return sorted(found)


def part_of(proxy: Proxy) -> Participation:
    return Participation.objects.get(page=proxy.page_id, person=proxy.person)


class TestWhoIsShown:
    def test_a_local_lead_does_not_read_the_name_of_a_partner_elsewhere(self, proxies: ProxyPage) -> None:
        near = says(proxies, "ana", 0, commune=CommuneFactory().pk)
        far = says(proxies, "bob", 1, commune=CommuneFactory(brest=True).pk)
        pairing.pair_proxies(near, far, actor=staff())
        address = reverse("actions_people:proxies", args=[proxies.pk])
        shown = words(signed_in(Role.LOCAL_LEAD, "35"), address)
        assert "Ana" in shown
        assert "Bob" not in shown
        assert "quelqu’un d’un autre département" in shown
        assert "Bob" in words(signed_in(Role.ORGANISER), address)

    def test_who_agreed_to_it_no_longer_is_on_no_desk(
        self, proxies: ProxyPage, meeting: EventPage, joining: MembershipPage
    ) -> None:
        actor = staff(Role.ORGANISER)
        taken = [participation(page, first_name="Ana") for page in (meeting, joining)]
        asks = says(proxies, "eve", 0)
        assert reads.room(meeting, actor)["coming"].count() == 1
        withdraws(taken[0])
        withdraws(part_of(asks))
        assert not reads.room(meeting, actor)["coming"]
        assert not reads.applications(actor)["open"]
        assert not reads.proxies(proxies, actor)["waiting"]

    def test_who_took_their_application_back_is_made_no_member(self, joining: MembershipPage) -> None:
        taken = participation(joining)
        application = MembershipApplication.objects.get()
        withdraws(taken)
        with pytest.raises(TakenBack):
            membership.accept_member(application, since=date(2026, 1, 1), actor=staff())
        assert not PersonRole.objects.exists()
        address = reverse("actions_people:accept", args=[application.pk])
        said = signed_in(Role.DIRECTOR).post(address, {"since": "2026-01-01"}, follow=True)
        assert "a retiré sa demande" in said.content.decode()

    def test_the_home_page_counts_nobody_who_is_on_no_desk(self, proxies: ProxyPage, joining: MembershipPage) -> None:
        taken, asks = participation(joining), says(proxies, "eve", 0)
        client = signed_in(Role.DIRECTOR)
        assert "cherche une procuration" in words(client, "/gestion/")
        withdraws(taken)
        withdraws(part_of(asks))
        shown = words(client, "/gestion/")
        assert "cherche une procuration" not in shown
        assert "adhésion à décider" not in shown

    def test_in_the_overseas_departements_the_third_digit_tells_how_far_it_is(self, proxies: ProxyPage) -> None:
        reunion, other = says(proxies, "ana", 0, where="97400"), says(proxies, "bob", 1, where="97110")
        assert reads.near(reunion, [other]) == []


class TestBraces:
    """What people write opens no merge field: neither their own, nor one that stops the letter."""

    @pytest.mark.parametrize("subject", ["{{ x }}", "{{ preferences_url }}", "{{ if x }}"])
    def test_the_subject_of_a_message_is_said_as_it_was_written(self, subject: str) -> None:
        page = published(ContactPage(title="Écrire", slug="ecrire"))
        participation(page, answers={"q_subject": subject, "q_message": "Bonjour"})
        messages.answer_message(Enquiry.objects.get(), "Merci", actor=staff())
        assert subject.replace("{{", "{ {").replace("}}", "} }") in last_letter()

    def test_a_first_name_and_a_station_are_too(self, proxies: ProxyPage) -> None:
        asks, offers = says(proxies, "ana", 0), says(proxies, "bob", 1)
        type(offers.person).objects.filter(pk=offers.person_id).update(first_name="{{ x }}")
        Proxy.objects.filter(pk=asks.pk).update(station="{{ unsubscribe_url }}")
        pairing.pair_proxies(asks, offers, actor=staff())
        assert "{ { x } } peut voter pour vous" in last_letter_to(asks)
        assert "{ { unsubscribe_url } }" in last_letter_to(offers)

    def test_a_letter_that_cannot_be_written_is_a_sentence_on_the_screen(self) -> None:
        page = published(
            MembershipPage(title="Adhérer", slug="adherer", organisation="R" * 150, statement="J’accepte.")
        )
        participation(page)
        named = Words(subject="{{ organisation }} {{ organisation }}", title="Oui", opening="Bonjour,")
        edit("actions.member_accepted", "fr", named, actor=staff(Role.COMMUNICATIONS))
        address = reverse("actions_people:accept", args=[MembershipApplication.objects.get().pk])
        said = signed_in(Role.DIRECTOR).post(address, {"since": "2026-01-01"}, follow=True)
        assert "La lettre ne peut pas être écrite" in said.content.decode()
        assert MembershipApplication.objects.get().state == ApplicationState.RECEIVED


def last_letter_to(proxy: Proxy) -> str:
    return str(Batch.objects.filter(messages__person=proxy.person).latest("id").text)


class TestSeats:
    def comes(self, page: EventPage, name: str, guests: int = 0) -> Participation:
        return participation(page, email=f"{name}@mail.example", answers={"q_guests": str(guests)})

    def test_who_asks_for_more_than_is_left_keeps_what_they_had_and_reads_it(self, meeting: EventPage) -> None:
        self.comes(meeting, "un")
        self.comes(meeting, "deux", 1)
        again = self.comes(meeting, "un", 2)
        kept = Attendance.objects.get(person=again.person)
        assert (kept.seats, kept.is_waiting) == (1, False)
        shown = words(Client(), reverse("actions:confirm", args=[confirmation_token(again.submission)]))
        assert "1 place vous est gardée" in shown
        assert "pas de place pour les autres personnes" in shown

    def test_who_asks_for_more_passes_nobody_who_waits(self, meeting: EventPage) -> None:
        self.comes(meeting, "un")
        waiting = self.comes(meeting, "deux", 2)
        again = self.comes(meeting, "un", 1)
        assert Attendance.objects.get(person=again.person).seats == 1
        assert Attendance.objects.get(person=waiting.person).is_waiting

    def test_who_asks_for_more_gets_it_where_there_is_room(self, meeting: EventPage) -> None:
        self.comes(meeting, "un")
        again = self.comes(meeting, "un", 2)
        assert Attendance.objects.get(person=again.person).seats == 3
        shown = words(Client(), reverse("actions:confirm", args=[confirmation_token(again.submission)]))
        assert "pas de place pour les autres" not in shown


class TestPairs:
    def test_the_other_is_told_when_one_withdraws(self, proxies: ProxyPage) -> None:
        asks, offers = paired(proxies)
        withdraws(part_of(offers))
        services.forget_ended(actor=CAMPAIGN)
        assert told_that_it_is_over() == ["Ana"]
        asks.refresh_from_db()
        assert (asks.partner, asks.paired_at) == (None, None)
        services.forget_ended(actor=CAMPAIGN)
        assert told_that_it_is_over() == ["Ana"]

    def test_who_offers_is_told_when_who_asks_takes_it_back(self, proxies: ProxyPage) -> None:
        asks, offers = paired(proxies)
        services.retract(part_of(asks), actor=Visitor())
        assert told_that_it_is_over() == ["Bob"]
        offers.refresh_from_db()
        assert offers.paired_at is None

    def test_the_other_is_told_when_one_says_something_else(self, proxies: ProxyPage) -> None:
        paired(proxies)
        says(proxies, "bob", 1, where="75011")
        assert told_that_it_is_over() == ["Ana"]

    def test_both_are_told_when_the_team_parts_them(self, proxies: ProxyPage) -> None:
        asks, _offers = paired(proxies)
        pairing.part_proxies(asks, actor=staff())
        assert told_that_it_is_over() == ["Ana", "Bob"]

    def test_nobody_is_told_once_the_vote_is_over(self, proxies: ProxyPage) -> None:
        asks, _offers = paired(proxies)
        vote = proxies.election
        vote.first_round_on, vote.second_round_on = clock.today() - timedelta(days=9), clock.today() - timedelta(days=2)
        vote.save()
        pairing.part_proxies(asks, actor=staff())
        assert told_that_it_is_over() == []

    @pytest.mark.parametrize("name", ["ana", "bob"])
    def test_nobody_is_paired_with_whom_no_letter_reaches(self, proxies: ProxyPage, name: str) -> None:
        asks, offers = says(proxies, "ana", 0), says(proxies, "bob", 1)
        EmailAddress.objects.filter(address=f"{name}@mail.example").update(status=ContactStatus.BOUNCING)
        before = Batch.objects.count()
        with pytest.raises(Unpairable):
            pairing.pair_proxies(asks, offers, actor=staff())
        asks.refresh_from_db()
        assert asks.partner is None
        assert Batch.objects.count() == before


class TestMerging:
    def test_an_application_that_waits_is_not_lost_to_one_that_was_refused(self, joining: MembershipPage) -> None:
        kept = participation(joining, email="un@mail.example")
        membership.refuse_member(MembershipApplication.objects.get(), reason="x", actor=staff())
        absorbed = participation(joining, email="deux@mail.example")
        made = merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
        application = MembershipApplication.objects.get()
        assert (application.person_id, application.state) == (kept.person_id, ApplicationState.RECEIVED)
        undo_merge(made.pk, actor=CAMPAIGN)
        states = dict(MembershipApplication.objects.values_list("person", "state"))
        assert states == {kept.person_id: "refused", absorbed.person_id: "received"}

    def test_nobody_brought_themselves(self) -> None:
        one, other = petition(), petition(slug="autre", title="Autre")
        kept, absorbed = participation(one, email="un@mail.example"), participation(other, email="deux@mail.example")
        Participation.objects.filter(pk=kept.pk).update(recruiter=absorbed.person)
        Participation.objects.filter(pk=absorbed.pk).update(recruiter=kept.person)
        made = merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
        assert set(Participation.objects.values_list("recruiter", flat=True)) == {None}
        undo_merge(made.pk, actor=CAMPAIGN)
        recruiters = dict(Participation.objects.values_list("pk", "recruiter"))
        assert recruiters == {kept.pk: absorbed.person_id, absorbed.pk: kept.person_id}


def test_the_term_that_is_said_is_the_term_in_force() -> None:
    set_term(Purpose.SERVICE, 1, reason="Nous répondons vite à tous les messages.", actor=staff(Role.DATA_OFFICER))
    page = published(ContactPage(title="Écrire", slug="ecrire"))
    participation(page, answers={"q_subject": "Bus", "q_message": "Bonjour"})
    enquiry = Enquiry.objects.get()
    client = signed_in(Role.DIRECTOR)
    client.post(reverse("actions_people:close", args=[enquiry.pk]))
    assert "Effacé 1 mois plus tard" in words(client, reverse("actions_people:enquiry", args=[enquiry.pk]))
