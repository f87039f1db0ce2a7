"""Petitions and open letters: what is shown, to whom names are handed, and by which file."""

from __future__ import annotations

import csv
import io

import pytest
import pyzipper
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.test import Client
from pypdf import PdfReader

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role, System
from portevoix.actions import services
from portevoix.actions.models import Participation, SignedPage
from portevoix.actions.selectors.signatures import fields_of, handing, people_to_hand_over
from portevoix.actions.services.delivering import deliver_signatures
from portevoix.actions.types import QUALITY
from portevoix.disclosure import tasks
from portevoix.disclosure.exceptions import NotDescribed, NotYours, UnknownField
from portevoix.disclosure.models import Export
from portevoix.disclosure.services import exporting
from portevoix.disclosure.types import State
from portevoix.journal.models import Entry
from portevoix.people.models import Interaction, Person
from portevoix.people.types import Kind
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import fill, open_letter, participation, petition, survey
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def page_of(client: Client, address: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(address).content, "html.parser")


def words(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


# What is shown


def test_the_counter_says_how_far_the_goal_is_and_never_that_it_is_reached_before_it_is() -> None:
    page = petition(goal=300)
    for number in range(2):
        participation(page, email=f"{number}@mail.example")
    shown = page_of(Client(), page.url)
    assert shown.select_one("progress")["value"] == "0"
    assert "2 signatures" in words(shown)
    assert "0 % de l’objectif de 300" in words(shown)
    assert "il en manque 298" in words(shown)


def test_a_goal_that_is_reached_is_said_and_one_may_still_sign() -> None:
    page = petition(goal=1)
    participation(page)
    assert "L’objectif de 1 est atteint" in words(page_of(Client(), page.url))
    assert fill(Client(), page, email="b@mail.example", first_name="B", last_name="C").status_code == 302


def test_all_the_names_that_may_be_shown_stand_page_by_page_out_of_reach_of_search_engines() -> None:
    page = petition()
    for number in range(14):
        participation(
            page, email=f"{number}@mail.example", first_name=f"Nom{number:02}", last_name="Zed", is_public=True
        )
    participation(page, email="x@mail.example", first_name="Marcel", last_name="Secret")
    front = page_of(Client(), page.url)
    assert len(front.select(".signatories__list li")) == 12
    everybody = page_of(Client(), front.select_one(".signatories a")["href"])
    assert len(everybody.select(".signatories__list li")) == 14
    assert everybody.select_one("meta[name=robots]")["content"] == "noindex"
    assert everybody.select_one("[data-nosnippet]")
    assert "Marcel" not in words(everybody)
    assert "Zed" not in words(everybody)
    assert "15 signatures, dont 14 affichées" in words(everybody)


@pytest.mark.parametrize("field", ["shows_names", "live"])
def test_there_is_no_page_of_names_where_none_are_shown(field: str) -> None:
    page = petition(**{field: False})
    assert Client().get(f"/signataires/{page.pk}/").status_code == 404


def test_a_page_of_names_exists_for_what_is_signed_only() -> None:
    assert Client().get(f"/signataires/{survey().pk}/").status_code == 404


def test_an_open_letter_shows_its_first_signatories_and_the_quality_of_who_agreed() -> None:
    page = open_letter(("Jeanne Abgrall", "maire de Plouénan"))
    participation(page, first_name="Paul", last_name="Riou", answers={QUALITY: "infirmier"}, is_public=True)
    participation(page, email="b@mail.example", first_name="Luc", last_name="Kerr", answers={QUALITY: "pompier"})
    shown = words(page_of(Client(), page.url))
    assert "Jeanne Abgrall maire de Plouénan" in shown
    assert "Paul R. infirmier" in shown
    assert "pompier" not in shown


def test_the_letter_asks_for_the_quality_whatever_the_editor_composed_and_owes_no_answer() -> None:
    page = open_letter()
    assert [question.key for question in page.asked][-1] == QUALITY
    fill(Client(), page, first_name="Paul", last_name="Riou")
    assert Participation.objects.get().answers == {}


# Agreeing to be handed over


def test_signing_and_being_named_to_the_addressee_are_two_agreements_and_neither_is_ticked() -> None:
    page = petition()
    form = page_of(Client(), page.url)
    label = form.select_one("label[for=id_handed]").get_text()
    assert "le maire" in label
    assert not form.select("input[checked]")
    fill(Client(), page, first_name="Maëlle", last_name="Le Bihan")
    assert not Participation.objects.get().may_be_handed_over


def test_the_version_of_the_form_keeps_the_addressee_and_the_words_that_were_agreed_to() -> None:
    page = petition()
    fill(Client(), page, first_name="Maëlle", last_name="Le Bihan", handed="on")
    taken = Participation.objects.get()
    assert taken.may_be_handed_over
    assert taken.version.content["addressee"] == "le maire"
    assert "le maire" in taken.version.content["handed"]


def test_a_page_that_hands_nothing_over_does_not_ask() -> None:
    page = petition(hands_names=False)
    assert not page_of(Client(), page.url).select("#id_handed")
    fill(Client(), page, first_name="A", last_name="B", handed="on")
    assert not Participation.objects.get().may_be_handed_over


def test_who_agreed_to_one_addressee_is_not_handed_to_another() -> None:
    page = petition()
    participation(page, may_be_handed_over=True)
    assert people_to_hand_over(page).count() == 1
    page.addressee = "le président du conseil régional"
    page.save()
    assert people_to_hand_over(page).count() == 0
    assert handing(page).elsewhere == 1
    participation(page, email="b@mail.example", may_be_handed_over=True)
    assert handing(page).named == 1


def test_who_signed_one_text_is_not_handed_over_with_another_and_the_desk_says_how_many() -> None:
    page = petition()
    participation(page, first_name="Maëlle", last_name="Le Bihan", may_be_handed_over=True)
    page.text = "<p>Il faut un avion.</p>"
    page.save()
    assert people_to_hand_over(page).count() == 0
    assert handing(page).total == 1
    shown = words(page_of(signed_in(Role.DIRECTOR), f"/gestion/actions/{page.pk}/remise/"))
    assert "1 signataire a accepté pour un autre destinataire ou signé un texte antérieur" in shown
    participation(page, first_name="Maëlle", last_name="Le Bihan", may_be_handed_over=True)
    assert handing(page).named == 1


def test_a_new_first_signatory_changes_no_text() -> None:
    page = open_letter(("Jeanne Abgrall", "maire"))
    participation(page, may_be_handed_over=True)
    page.first_signatories = "[]"
    page.save()
    assert people_to_hand_over(page).count() == 1


# The file


@pytest.fixture
def signed() -> SignedPage:
    page = petition()
    rennes = CommuneFactory(name="Rennes")
    said = {"commune": rennes.pk, "may_be_handed_over": True}
    participation(page, email="un@mail.example", first_name="Maëlle", last_name="Le Bihan", **said)
    participation(page, email="deux@mail.example", first_name="=cmd", last_name="Abgrall", **said)
    participation(page, email="trois@mail.example", first_name="Marcel", last_name="Secret")
    participation(page, email="quatre@mail.example", first_name="Pas", last_name="Confirmée", confirmed=False, **said)
    return page


def delivered(page: SignedPage, actor: object = None) -> Export:
    export = deliver_signatures(page, reason="remise au maire", actor=actor or staff())  # type: ignore[arg-type]
    tasks.write(export.pk)
    export.refresh_from_db()
    return export


def opened(export: Export, actor: object) -> dict[str, bytes]:
    password = exporting.show_password(export.pk, actor=actor)  # type: ignore[arg-type]
    _export, file = exporting.download_export(export.pk, actor=actor)  # type: ignore[arg-type]
    with file, pyzipper.AESZipFile(io.BytesIO(file.read())) as archive:
        return {name.rpartition(".")[2]: archive.read(name, pwd=password.encode()) for name in archive.namelist()}


def test_the_file_holds_who_agreed_and_nothing_that_the_form_did_not_name(signed: SignedPage) -> None:
    actor = staff()
    export = delivered(signed, actor)
    assert (export.state, export.people, export.recipient) == (State.READY, 2, "le maire")
    files = opened(export, actor)
    rows = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"))))
    assert rows[0] == ["Prénom", "Nom", "Commune", "Signé le"]
    assert [row[:3] for row in rows[1:]] == [["'=cmd", "Abgrall", "Rennes"], ["Maëlle", "Le Bihan", "Rennes"]]
    printed = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(files["pdf"])).pages)
    assert "Sauvons la ligne 7" in printed
    assert "3 personnes ont signé" in printed
    assert "Le Bihan" in printed
    for content in (files["csv"].decode("utf-8-sig"), printed):
        assert "Secret" not in content
        assert "mail.example" not in content
        assert "Confirmée" not in content


def test_the_list_to_print_is_tagged_for_who_cannot_see_it(signed: SignedPage) -> None:
    actor = staff()
    reader = PdfReader(io.BytesIO(opened(delivered(signed, actor), actor)["pdf"]))
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert reader.trailer["/Root"]["/Lang"] == "fr"  # type: ignore[index]


def test_a_letter_is_handed_over_with_the_quality_of_its_signatories() -> None:
    page = open_letter()
    participation(page, first_name="Paul", last_name="R", answers={QUALITY: "infirmier"}, may_be_handed_over=True)
    actor = staff()
    text = opened(delivered(page, actor), actor)["csv"].decode("utf-8-sig")
    assert "Profession ou mandat" in text
    assert "infirmier" in text


def test_nobody_invented_is_handed_to_an_addressee_and_the_journal_says_why(signed: SignedPage) -> None:
    assert not delivered(signed).canaries.exists()
    told = Entry.objects.get(command="disclosure.order_delivery").detail
    assert (told["canaries"], told["every_line_is_true"]) == (0, True)


def test_each_signatory_reads_on_their_timeline_that_they_were_handed_over(signed: SignedPage) -> None:
    export = delivered(signed)
    told = Interaction.objects.filter(kind=Kind.EXPORTED, about_id=export.pk)
    assert {one.person.last_name for one in told} == {"Le Bihan", "Abgrall"}
    assert Entry.objects.filter(command="actions.deliver_signatures", count=2).count() == 1


def test_who_takes_their_signature_back_before_the_file_is_written_is_not_in_it(signed: SignedPage) -> None:
    actor = staff()
    export = deliver_signatures(signed, reason="remise", actor=actor)
    person = Person.objects.get(last_name="Abgrall")
    rights.withdraw(person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    tasks.write(export.pk)
    assert "Abgrall" not in opened(export, actor)["csv"].decode("utf-8-sig")


def test_a_file_is_not_written_for_an_addressee_who_was_changed_meanwhile(signed: SignedPage) -> None:
    export = deliver_signatures(signed, reason="remise", actor=staff())
    signed.addressee = "la préfète"
    signed.save()
    participation(signed, email="cinq@mail.example", first_name="Z", last_name="Y", may_be_handed_over=True)
    tasks.write(export.pk)
    export.refresh_from_db()
    assert (export.state, export.end) == (State.FAILED, "readdress")
    assert not export.path.exists()


def test_who_is_erased_later_has_the_file_destroyed_and_the_team_reminded_of_the_addressee(signed: SignedPage) -> None:
    actor = staff()
    export = delivered(signed, actor)
    opened(export, actor)
    rights.forget(Person.objects.get(last_name="Abgrall"), actor=CAMPAIGN)
    export.refresh_from_db()
    assert export.state == State.DESTROYED
    assert export.must_be_recalled


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.ORGANISER, Role.READER])
def test_signatures_are_handed_over_by_who_answers_for_them_only(signed: SignedPage, role: Role) -> None:
    with pytest.raises(NotAllowed):
        deliver_signatures(signed, reason="x", actor=staff(role))
    answer = signed_in(role).get(f"/gestion/actions/{signed.pk}/remise/")
    assert (answer.status_code, answer["Location"]) == (302, "/gestion/")


def test_an_officer_of_one_departement_does_not_hand_over_signatures_of_all_france(signed: SignedPage) -> None:
    with pytest.raises((NotAllowed, PermissionDenied)):
        deliver_signatures(signed, reason="x", actor=staff(Role.DATA_OFFICER, "35"))


def test_the_door_refuses_columns_that_the_form_did_not_name_and_what_was_shown_to_another(signed: SignedPage) -> None:
    actor = staff()
    people = people_to_hand_over(signed)
    shown = gate.reveal(people, actor=actor, purpose="x", fields=(*fields_of(signed), "email"))
    with pytest.raises(UnknownField, match="email"):
        exporting.order_delivery(shown, about=signed, recipient="x", actor=actor)
    shown = gate.reveal(people, actor=staff(), purpose="x", fields=fields_of(signed))
    with pytest.raises(NotYours):
        exporting.order_delivery(shown, about=signed, recipient="x", actor=actor)
    shown = gate.reveal(people, actor=actor, purpose="x", fields=fields_of(signed))
    with pytest.raises(NotDescribed):
        exporting.order_delivery(shown, about=survey(), recipient="x", actor=actor)


def test_the_screen_shows_what_would_leave_before_it_does(signed: SignedPage) -> None:
    client = signed_in(Role.DIRECTOR)
    address = f"/gestion/actions/{signed.pk}/remise/"
    shown = words(page_of(client, address))
    assert "le maire" in shown
    assert "Le Bihan" in shown
    assert "Secret" not in shown
    assert client.post(address, {"reason": ""}).status_code == 422
    response = client.post(address, {"reason": "Remise publique du 4 mars"})
    export = Export.objects.get()
    assert response["Location"].endswith(f"/{export.pk}/")
    assert "le maire" in words(page_of(client, response["Location"]))


def test_there_is_nothing_to_hand_over_while_nobody_agreed() -> None:
    page = petition()
    participation(page)
    client, address = signed_in(Role.DIRECTOR), f"/gestion/actions/{page.pk}/remise/"
    assert "rien à remettre" in words(page_of(client, address))
    client.post(address, {"reason": "x"})
    assert not Export.objects.exists()


def test_what_is_no_text_to_sign_has_no_addressee() -> None:
    assert signed_in(Role.DIRECTOR).get(f"/gestion/actions/{survey().pk}/remise/").status_code == 404


def test_taking_a_signature_back_takes_the_name_off_the_page() -> None:
    page = open_letter()
    taken = participation(page, first_name="Paul", last_name="Riou", is_public=True)
    services.retract(taken, actor=CAMPAIGN)
    assert "Paul" not in words(page_of(Client(), page.url))
