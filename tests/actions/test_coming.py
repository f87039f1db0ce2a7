"""What confirming entails: roles, seats, applications, pairs; and that it ends with the agreement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import DecidedAlready, Unpairable
from portevoix.actions.models import (
    Attendance,
    EventPage,
    MembershipApplication,
    MembershipPage,
    Participation,
    PledgePage,
    Proxy,
    ProxyPage,
    SponsorshipPage,
    VolunteerPage,
)
from portevoix.actions.selectors import coming as reads
from portevoix.actions.services import membership, pairing
from portevoix.actions.types import ApplicationState, ProxySide
from portevoix.delivery.models import Batch
from portevoix.intake.links import confirmation_token
from portevoix.kernel import clock
from portevoix.people.models import PersonRole
from portevoix.people.types import RoleKind
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import fill, last_letter, participation, published
from tests.territory.factories import CommuneFactory, election

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def words(client: Client, address: str) -> str:
    return " ".join(BeautifulSoup(client.get(address).content, "html.parser").get_text(" ").split())


def confirmation(taken: Participation) -> str:
    return reverse("actions:confirm", args=[confirmation_token(taken.submission)])


def withdraws(taken: Participation) -> None:
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    services.forget_ended(actor=CAMPAIGN)


class TestVolunteers:
    @pytest.fixture
    def page(self) -> VolunteerPage:
        return published(VolunteerPage(title="Aider", slug="aider", skills="Tracter\nTéléphoner"))

    def test_who_confirms_is_a_volunteer_with_what_they_offer(self, page: VolunteerPage) -> None:
        hours = page.asked[-2].choices[1]
        said: dict[str, Any] = {"q_skills": ["Tracter"], "q_hours": hours, "q_places": "Guéret"}
        assert fill(Client(), page, first_name="A", last_name="B", **said).status_code == 302
        assert not PersonRole.objects.exists()
        participation(page, answers=said)
        role = PersonRole.objects.get()
        assert role.kind == RoleKind.VOLUNTEER
        assert role.detail == f"{hours} ; Tracter ; Guéret"

    def test_who_says_it_again_has_one_role(self, page: VolunteerPage) -> None:
        participation(page, answers={"q_skills": ["Tracter"]})
        participation(page, answers={"q_skills": ["Téléphoner"]})
        assert PersonRole.objects.get().detail == "Téléphoner"

    def test_the_role_goes_with_the_agreement_and_no_other_role_does(self, page: VolunteerPage) -> None:
        taken = participation(page, answers={"q_skills": ["Tracter"]})
        PersonRole.objects.create(person=taken.person, kind=RoleKind.VOLUNTEER, detail="by hand", source="office")
        withdraws(taken)
        assert PersonRole.objects.get().detail == "by hand"

    def test_a_restricted_person_keeps_their_role(self, page: VolunteerPage) -> None:
        taken = participation(page)
        type(taken.person).objects.filter(pk=taken.person_id).update(restricted_at=clock.now())
        services.forget_ended(actor=CAMPAIGN)
        assert PersonRole.objects.count() == 1

    def test_questions_that_an_editor_adds_come_before_its_own(self, page: VolunteerPage) -> None:
        assert [one.key for one in page.asked][-3:] == ["q_skills", "q_hours", "q_places"]


class TestMeetings:
    @pytest.fixture
    def page(self) -> EventPage:
        return published(
            EventPage(
                title="Réunion ; de, rentrée",
                slug="reunion",
                starts_at=clock.now() + timedelta(days=7),
                place="Salle des fêtes",
                street="1 place Bonnyaud, Guéret",
                capacity=3,
                most_guests=2,
            )
        )

    def comes(self, page: EventPage, name: str, guests: int = 0) -> Participation:
        return participation(page, email=f"{name}@mail.example", answers={"q_guests": str(guests)})

    def waits(self, taken: Participation) -> bool:
        return Attendance.objects.get(person=taken.person).is_waiting

    def test_seats_are_given_until_none_is_left_then_people_wait(self, page: EventPage) -> None:
        first, second, third = self.comes(page, "un", 1), self.comes(page, "deux", 1), self.comes(page, "trois")
        assert not self.waits(first)
        assert self.waits(second)
        assert self.waits(third)  # a seat is left, and nobody passes who waits

    def test_a_freed_seat_goes_to_the_first_who_waits_and_they_are_told(self, page: EventPage) -> None:
        first, second, third = self.comes(page, "un", 2), self.comes(page, "deux"), self.comes(page, "trois")
        services.retract(first, actor=Visitor())
        assert not self.waits(second)
        assert not self.waits(third)
        assert Batch.objects.filter(subject="Vous avez une place").count() == 2
        assert "place Bonnyaud" in last_letter()
        assert "retirez votre réponse par le lien" in " ".join(last_letter().split())

    def test_who_brings_fewer_people_keeps_their_seat_and_frees_one(self, page: EventPage) -> None:
        self.comes(page, "un", 2)
        waiting = self.comes(page, "deux")
        again = self.comes(page, "un", 1)
        assert not self.waits(again)
        assert not self.waits(waiting)

    def test_seats_of_who_withdrew_are_free_the_next_night(self, page: EventPage) -> None:
        first = self.comes(page, "un", 2)
        waiting = self.comes(page, "deux")
        withdraws(first)
        assert not self.waits(waiting)

    def test_nobody_is_told_of_a_seat_at_what_has_begun(self, page: EventPage) -> None:
        first = self.comes(page, "un", 2)
        waiting = self.comes(page, "deux")
        page.starts_at = clock.now() - timedelta(hours=3)
        page.save()
        withdraws(first)
        assert self.waits(waiting)

    def test_who_confirms_is_told_whether_they_have_a_seat(self, page: EventPage) -> None:
        for name, told in (("un", "3 places vous sont gardées"), ("deux", "vous êtes dans la file d’attente")):
            taken = self.comes(page, name, 2)
            assert told in words(Client(), confirmation(taken))

    def test_who_waits_is_told_their_place_and_who_cannot_come_gives_theirs_back_by_their_own_link(
        self, page: EventPage
    ) -> None:
        first, second, third = self.comes(page, "un", 2), self.comes(page, "deux"), self.comes(page, "trois")
        assert "Votre rang : 1." in words(Client(), confirmation(second)).replace("\xa0", " ")
        assert "Votre rang : 2." in words(Client(), confirmation(third)).replace("\xa0", " ")
        shown = BeautifulSoup(Client().get(confirmation(first)).content, "html.parser")
        address = str(shown.find("a", string="Rendre ma place")["href"])  # type: ignore[index]
        assert Client().post(address, {"part": first.pk}).status_code == 302
        assert not self.waits(second)
        assert not Attendance.objects.filter(person=first.person).exists()

    def test_the_page_says_how_many_seats_are_left(self, page: EventPage) -> None:
        self.comes(page, "un", 1)
        assert "Il reste 1 place" in words(Client(), page.url)
        self.comes(page, "deux")
        assert "Toutes sont prises" in words(Client(), page.url)

    def test_nobody_signs_up_for_what_has_begun(self, page: EventPage) -> None:
        page.starts_at = clock.now() - timedelta(minutes=1)
        page.save()
        assert "Ce formulaire est fermé" in words(Client(), page.url)

    def test_calendars_read_it(self, page: EventPage) -> None:
        answer = Client().get(reverse("actions:calendar", args=[page.pk]))
        said = answer.content.decode()
        assert answer["Content-Type"].startswith("text/calendar")
        assert r"SUMMARY:Réunion \; de\, rentrée" in said
        assert said.endswith("END:VCALENDAR\r\n")
        assert all(len(line.encode()) <= 75 for line in said.split("\r\n"))
        page.unpublish()
        assert Client().get(reverse("actions:calendar", args=[page.pk])).status_code == 404

    def test_a_meeting_that_ends_before_it_begins_is_refused(self, page: EventPage) -> None:
        page.ends_at = page.starts_at - timedelta(hours=1)
        with pytest.raises(ValidationError, match="avant de commencer"):
            page.clean()

    def test_the_office_sees_who_comes(self, page: EventPage) -> None:
        participation(page, first_name="Maëlle", last_name="Le Bihan", answers={"q_guests": "1"})
        shown = words(signed_in(Role.ORGANISER), f"/gestion/actions/{page.pk}/presents/")
        assert "Le Bihan" in shown
        assert "2 / 3" in shown


class TestMembers:
    @pytest.fixture
    def page(self) -> MembershipPage:
        return published(
            MembershipPage(title="Adhérer", slug="adherer", organisation="Ricochet", statement="J’accepte les statuts.")
        )

    def applies(self, page: MembershipPage) -> MembershipApplication:
        participation(
            page, first_name="Maëlle", postcode="35000", born_on="1990-02-03", answers={"q_street": "1 rue X"}
        )
        return MembershipApplication.objects.get()

    def test_the_form_wants_a_birth_date_an_address_and_the_statement(self, page: MembershipPage) -> None:
        answer = fill(Client(), page, first_name="A", last_name="B")
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {"born_on", "q_street", "postcode", "q_statement"}

    def test_nobody_joins_below_the_age_of_the_statutes(self, page: MembershipPage) -> None:
        born = clock.today().replace(year=clock.today().year - 15).isoformat()
        answer = fill(Client(), page, first_name="A", last_name="B", born_on=born)
        assert "à partir de 16 ans" in str(answer.context["form"].errors["born_on"])

    def test_an_accepted_application_makes_a_member_with_an_address(self, page: MembershipPage) -> None:
        application, actor = self.applies(page), staff(Role.ORGANISER)
        assert not PersonRole.objects.exists()
        membership.accept_member(application, since=date(2026, 1, 1), dues_until=date(2026, 12, 31), actor=actor)
        role = PersonRole.objects.get()
        assert (role.kind, role.detail, role.dues_until) == (RoleKind.MEMBER, "Ricochet", date(2026, 12, 31))
        assert application.person.addresses.get().line1 == "1 rue X"
        assert "bienvenue à Ricochet" in last_letter()
        with pytest.raises(DecidedAlready):
            membership.refuse_member(application, reason="x", actor=actor)

    def test_a_refusal_says_why_to_the_person_and_may_be_followed_by_another_wish(self, page: MembershipPage) -> None:
        application, client = self.applies(page), signed_in(Role.DIRECTOR)
        client.post(reverse("actions_people:refuse", args=[application.pk]), {"reason": "Il manque une pièce."})
        application.refresh_from_db()
        assert application.state == ApplicationState.REFUSED
        assert "Il manque une pièce." in last_letter()
        assert self.applies(page).state == ApplicationState.RECEIVED

    def test_a_refusal_without_a_reason_is_none(self, page: MembershipPage) -> None:
        application = self.applies(page)
        signed_in(Role.DIRECTOR).post(reverse("actions_people:refuse", args=[application.pk]), {"reason": ""})
        application.refresh_from_db()
        assert application.state == ApplicationState.RECEIVED

    def test_the_screen_accepts(self, page: MembershipPage) -> None:
        application, client = self.applies(page), signed_in(Role.DIRECTOR)
        assert "1 rue X" in words(client, reverse("actions_people:applications"))
        client.post(reverse("actions_people:accept", args=[application.pk]), {"since": "2026-01-01", "dues_until": ""})
        assert PersonRole.objects.get().kind == RoleKind.MEMBER

    def test_an_application_elsewhere_does_not_exist_for_a_local_lead(self, page: MembershipPage) -> None:
        application, client = self.applies(page), signed_in(Role.LOCAL_LEAD, "29")
        for name in ("accept", "refuse"):
            assert client.post(reverse(f"actions_people:{name}", args=[application.pk])).status_code == 404


class TestTheVote:
    @pytest.fixture
    def page(self) -> ProxyPage:
        vote = election(date(2028, 6, 11), second_round_on=date(2028, 6, 18))
        return published(ProxyPage(title="Procurations", slug="procurations", election=vote))

    def says(self, page: ProxyPage, name: str, side: int, postcode: str = "23000", rounds: int = 2) -> Proxy:
        asked = {one.key: one for one in page.asked}
        answers = {
            "q_side": asked["q_side"].choices[side],
            "q_rounds": list(asked["q_rounds"].choices[:rounds]),
            "q_postcode": postcode,
            "q_commune": "gueret",
            "q_station": "4",
        }
        taken = participation(page, email=f"{name}@mail.example", first_name=name.title(), answers=answers)
        return Proxy.objects.get(person=taken.person)

    def test_each_side_is_taken_in_with_its_commune(self, page: ProxyPage) -> None:
        commune = CommuneFactory(code="23096", name="Guéret", postcodes=["23000"])
        CommuneFactory(code="23195", name="Saint-Fiel", postcodes=["23000"])
        asks, offers = self.says(page, "ana", 0), self.says(page, "bob", 1)
        assert (asks.side, offers.side) == (ProxySide.ASKS, ProxySide.OFFERS)
        assert asks.commune == commune

    def test_the_nearest_are_proposed_first_and_those_far_away_not_at_all(self, page: ProxyPage) -> None:
        CommuneFactory(code="23096", name="Guéret", postcodes=["23000"])
        same = self.says(page, "bob", 1)
        near, far = self.says(page, "cid", 1, "23300"), self.says(page, "dan", 1, "75011")
        wanted = reads.near(self.says(page, "ana", 0), [far, near, same])
        assert wanted == [same, near]

    def test_a_pair_is_told_of_each_other_and_of_the_law(self, page: ProxyPage) -> None:
        asks, offers = self.says(page, "ana", 0), self.says(page, "bob", 1)
        pairing.pair_proxies(asks, offers, actor=staff(Role.ORGANISER))
        letters = [batch.text for batch in Batch.objects.order_by("-pk")[:2]]
        assert "Ana" in letters[0]
        assert "ana@mail.example" in letters[0]
        assert "Bob peut voter pour vous" in letters[1]
        assert all("maprocuration.gouv.fr" in letter for letter in letters)

    def test_each_side_reads_after_confirming_what_comes_next(self, page: ProxyPage) -> None:
        asks, offers = self.says(page, "un", 0), self.says(page, "deux", 1)
        for proxy, told in ((asks, "Nous cherchons quelqu’un"), (offers, "Dès que quelqu’un cherche une procuration")):
            assert told in words(Client(), confirmation(Participation.objects.get(person=proxy.person)))
        pairing.pair_proxies(asks, offers, actor=staff(Role.ORGANISER))
        for proxy in (asks, offers):
            shown = words(Client(), confirmation(Participation.objects.get(person=proxy.person)))
            assert "Vous êtes en relation avec quelqu’un" in shown

    def test_nobody_votes_for_two(self, page: ProxyPage) -> None:
        asks, other, offers = self.says(page, "ana", 0), self.says(page, "eve", 0), self.says(page, "bob", 1)
        pairing.pair_proxies(asks, offers, actor=staff())
        with pytest.raises(Unpairable):
            pairing.pair_proxies(other, offers, actor=staff())

    def test_who_agreed_to_it_no_longer_is_paired_with_nobody(self, page: ProxyPage) -> None:
        asks, offers = self.says(page, "ana", 0), self.says(page, "bob", 1)
        rights.withdraw(offers.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
        with pytest.raises(Unpairable):
            pairing.pair_proxies(asks, offers, actor=staff())
        services.forget_ended(actor=CAMPAIGN)
        assert Proxy.objects.get() == asks

    def test_the_screen_pairs_and_undoes(self, page: ProxyPage) -> None:
        asks, offers = self.says(page, "ana", 0), self.says(page, "bob", 1)
        client, address = signed_in(Role.ORGANISER), reverse("actions_people:pair", args=[asks.pk])
        assert "Ana" in words(client, f"/gestion/actions/{page.pk}/procurations/")
        client.post(address, {"offering": offers.pk})
        asks.refresh_from_db()
        assert asks.partner == offers
        client.post(address)
        asks.refresh_from_db()
        assert asks.partner is None

    def test_the_page_says_what_the_law_says(self, page: ProxyPage) -> None:
        shown = words(Client(), page.url)
        assert "L. 73" in shown
        assert "maprocuration.gouv.fr" in shown

    def test_a_pledge_names_the_rounds_of_its_election(self) -> None:
        vote = election(date(2028, 6, 11), second_round_on=date(2028, 6, 18))
        page = published(PledgePage(title="Je vote", slug="je-vote", election=vote))
        shown = words(Client(), page.url)
        assert "Premier tour, dimanche 11 juin 2028" in shown
        assert "Second tour, dimanche 18 juin 2028" in shown

    def test_an_official_who_promises_is_one_on_the_record_and_is_told_what_it_is_not(self) -> None:
        page = published(SponsorshipPage(title="Parrainer", slug="parrainer", candidate="Noémie Orsenval"))
        assert "n’est pas la présentation" in words(Client(), page.url)
        participation(page, answers={"q_mandate": page.asked[-2].choices[0], "q_where": "Guéret"})
        role = PersonRole.objects.get()
        assert (role.kind, role.detail) == (RoleKind.ELECTED, "Maire, Guéret")
