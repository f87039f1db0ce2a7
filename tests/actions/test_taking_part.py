"""From the form of an action to what counts: confirmed, agreed to, once a person."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portevoix.accounts.types import System, Visitor
from portevoix.actions import services
from portevoix.actions.exceptions import FormClosed
from portevoix.actions.models import ContactPage, FormVersion, Participation
from portevoix.actions.rules import host_of
from portevoix.intake.links import confirmation_token
from portevoix.people.models import CustomField, Interaction, Person
from portevoix.people.types import CustomKind, Kind
from portevoix.rights import services as rights
from portevoix.rights.links import preferences_token
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.services.merging import merge, undo_merge
from portevoix.rights.types import HANDLERS
from tests.actions.factories import (
    block,
    fill,
    key,
    open_letter,
    participation,
    petition,
    published,
    sign_up_page,
    survey,
)
from tests.people.factories import GroundFactory

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def text_of(response: object) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())  # type: ignore[attr-defined]


def test_a_signature_counts_once_its_address_is_confirmed() -> None:
    page = petition()
    assert fill(Client(), page, first_name="Maëlle", last_name="Le Bihan").status_code == 302
    taken = Participation.objects.get()
    assert not Participation.objects.counted().exists()
    services.confirm(confirmation_token(taken.submission), actor=Visitor())
    assert Participation.objects.counted().get() == taken
    assert Interaction.objects.filter(kind=Kind.PARTICIPATED, person=taken.person).count() == 1


def test_nobody_signs_without_agreeing_to_it() -> None:
    page = petition()
    response = fill(Client(), page, first_name="Maëlle", last_name="Le Bihan", agreement="")
    assert response.status_code == 422
    assert "Sans votre accord" in text_of(response)
    assert not Participation.objects.exists()


def test_signing_again_replaces_what_was_signed_and_counts_once() -> None:
    page = petition()
    participation(page, first_name="Maëlle", is_public=True)
    second = participation(page, first_name="Maëlle", is_public=False)
    assert Participation.objects.confirmed().get() == second


def test_a_stranger_who_knows_an_address_changes_nothing_of_what_its_owner_signed() -> None:
    page = petition()
    mine = participation(page, first_name="Maëlle", is_public=False)
    participation(page, first_name="Marcel", is_public=True, confirmed=False)
    assert Participation.objects.confirmed().get() == mine
    assert not Participation.objects.shown().exists()


def test_who_withdraws_is_no_longer_counted_and_their_answers_go_at_night() -> None:
    page = petition()
    taken = participation(page)
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    assert not Participation.objects.counted().exists()
    assert services.forget_ended(actor=CAMPAIGN) == 1
    assert not Participation.objects.exists()


def test_what_was_taken_back_does_not_come_back_with_a_later_signature() -> None:
    taken = participation(petition())
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    later = participation(survey({"label": "Le bus ?", "kind": "yes_no"}))
    assert Participation.objects.counted().get() == later
    assert services.forget_ended(actor=CAMPAIGN) == 1
    assert Participation.objects.get() == later


def test_a_better_ground_and_a_merge_of_two_records_end_no_part() -> None:
    page, other = petition(), survey({"label": "Le bus ?", "kind": "yes_no"})
    first, second = participation(page, email="un@mail.example"), participation(other, email="deux@mail.example")
    Ground.objects.filter(person=first.person, purpose=Purpose.PARTICIPATION).update(basis=Basis.DECLARED_AT_IMPORT)
    said = {"basis": Basis.CONSENT, "evidence": {}, "source": "tests"}
    rights.give(first.person, Purpose.PARTICIPATION, **said, actor=CAMPAIGN)
    assert Participation.objects.counted().count() == 2
    for kept, absorbed in ((first, second), (second, first)):
        kept.refresh_from_db()
        absorbed.refresh_from_db()
        done = merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
        assert Participation.objects.counted().count() == 2
        assert services.forget_ended(actor=CAMPAIGN) == 0
        undo_merge(done.pk, actor=CAMPAIGN)
        assert Participation.objects.counted().count() == 2


def test_a_merge_with_who_took_it_back_ends_a_part_until_it_is_undone() -> None:
    page, other = petition(), survey({"label": "Le bus ?", "kind": "yes_no"})
    gone = participation(page, email="un@mail.example")
    rights.withdraw(gone.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    taken = participation(other, email="deux@mail.example")
    done = merge(gone.person_id, taken.person_id, actor=CAMPAIGN)
    assert not Participation.objects.counted().exists()
    undo_merge(done.pk, actor=CAMPAIGN)
    assert Participation.objects.counted().get() == taken
    merge(gone.person_id, taken.person_id, actor=CAMPAIGN)
    later = participation(open_letter(), email="deux@mail.example")
    assert Participation.objects.counted().get() == later


def test_the_timeline_forgets_what_was_taken_back_and_keeps_that_something_was_done() -> None:
    page = petition()
    participation(page)
    page.title = "Sauvons la ligne 8"
    page.save()
    taken = participation(page)
    services.retract(taken, actor=CAMPAIGN)
    lines = Interaction.objects.filter(person=taken.person_id)
    assert {line.kind for line in lines} >= {Kind.RETRACTED, Kind.WITHDREW, Kind.CONFIRMED}
    for line in lines.exclude(kind=Kind.CONSENTED):
        assert "igne" not in f"{line.source} {line.detail}", line.kind
    assert not lines.filter(kind=Kind.PARTICIPATED).exists()
    assert lines.get(kind=Kind.WITHDREW).detail == {"purpose": Purpose.PARTICIPATION}


def test_the_timeline_forgets_what_the_night_erased_and_nothing_of_what_stays() -> None:
    taken = participation(petition())
    rights.withdraw(taken.person, [Purpose.PARTICIPATION], evidence={}, source="tests", actor=CAMPAIGN)
    later = participation(survey({"label": "Le bus ?", "kind": "yes_no"}))
    services.forget_ended(actor=CAMPAIGN)
    told = Interaction.objects.filter(person=taken.person_id, kind__in=(Kind.PARTICIPATED, Kind.RETRACTED))
    assert set(told.values_list("kind", "source", "about_id")) == {
        (Kind.RETRACTED, "", None),
        (Kind.PARTICIPATED, "Votre avis", later.pk),
    }


def test_taking_a_message_back_is_no_withdrawal_of_a_consent_to_take_part() -> None:
    taken = participation(published(ContactPage(title="Écrire", slug="ecrire")))
    services.retract(taken, actor=CAMPAIGN)
    assert Interaction.objects.get(kind=Kind.WITHDREW).detail == {"purpose": Purpose.SERVICE}


def test_who_takes_part_reads_what_stays_once_they_take_it_back() -> None:
    taken = participation(petition())
    address = reverse("actions:mine", args=[preferences_token(taken.person.ref)])
    assert "Ce qui reste" in text_of(Client().get(address))


def test_the_page_to_confirm_names_what_is_confirmed_and_welcomes_nobody() -> None:
    page = published(ContactPage(title="Écrire à Noémie", slug="ecrire"))
    taken = participation(page, confirmed=False)
    address = f"/confirmer/{confirmation_token(taken.submission)}/"
    before = text_of(Client().get(address))
    Client().post(address)
    after = text_of(Client().get(address))
    assert "Confirmez votre envoi Écrire à Noémie" in before
    assert "C’est confirmé Écrire à Noémie" in after
    assert "inscription" not in before
    assert "Bienvenue" not in after


def test_the_site_of_an_address_is_written_as_sites_are() -> None:
    assert host_of("https://forum.example/x") == "forum.example"
    assert host_of("https://a\x00b.example/") == ""
    assert host_of(f"https://{'a' * 254}/") == ""
    page = petition()
    sent = fill(Client(), page, first_name="A", last_name="B", **{"from": "https://a\x00b.example/"})
    assert sent.status_code == 302
    assert Participation.objects.get().referrer == ""


def test_a_restricted_person_is_counted_no_more_and_nothing_is_lost() -> None:
    taken = participation(petition())
    Person.objects.filter(pk=taken.person_id).update(restricted_at=taken.confirmed_at)
    assert not Participation.objects.counted().exists()
    assert services.forget_ended(actor=CAMPAIGN) == 0


def test_the_database_itself_refuses_a_part_that_nobody_agreed_to() -> None:
    taken = participation(petition(), confirmed=False)
    with pytest.raises(IntegrityError, match="live ground"), transaction.atomic():
        Participation.objects.filter(pk=taken.pk).update(confirmed_at=taken.created_at)
    GroundFactory(person=taken.person, purpose=Purpose.PARTICIPATION, channel="record")
    assert Participation.objects.filter(pk=taken.pk).update(confirmed_at=taken.created_at) == 1


def test_the_words_of_the_form_are_kept_with_what_was_answered() -> None:
    page = survey({"label": "Le bus ?", "kind": "yes_no"})
    first = participation(page, answers={key(1): "yes"})
    page.questions[0].value["label"] = "Le bus, vraiment ?"
    page.save()
    second = participation(page, email="paul@mail.example", answers={key(1): "no"})
    assert FormVersion.objects.count() == 2
    assert first.version.questions[0].label == "Le bus ?"
    assert second.version.questions[0].label == "Le bus, vraiment ?"


def test_a_form_whose_day_is_over_takes_nothing() -> None:
    page = petition(closes_on="2020-01-01")
    page.refresh_from_db()
    assert "Ce formulaire est fermé" in text_of(Client().get(page.url))
    with pytest.raises(FormClosed):
        participation(page)


def test_joining_asks_for_no_more_than_a_request_unless_the_campaign_asks_questions() -> None:
    page = sign_up_page()
    assert page.purpose == Purpose.SERVICE
    page.questions = json.dumps([block("question", label="Pourquoi ?")])
    assert page.purpose == Purpose.PARTICIPATION


def test_own_fields_fill_blanks_of_the_record_and_change_nothing() -> None:
    CustomField.objects.create(key="taille", label="Taille", kind=CustomKind.CHOICE, choices=["S", "M"], source="tests")
    page = sign_up_page(questions=json.dumps([block("own_field", field="taille", is_required=True)]))
    fill(Client(), page, own_taille="M", newsletter="on")
    taken = Participation.objects.get()
    assert Person.objects.get().custom == {}
    services.confirm(confirmation_token(taken.submission), actor=Visitor())
    assert Person.objects.get().custom == {"taille": "M"}
    fill(Client(), page, own_taille="S", newsletter="on")
    services.confirm(confirmation_token(Participation.objects.latest("pk").submission), actor=Visitor())
    assert Person.objects.get().custom == {"taille": "M"}


def test_two_records_of_one_person_merge_into_one_signature() -> None:
    page, other = petition(), survey({"label": "Le bus ?", "kind": "yes_no"})
    kept = participation(page, email="un@mail.example")
    absorbed = participation(page, email="deux@mail.example")
    answered = participation(other, email="deux@mail.example", answers={key(1): "yes"})
    merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    assert Participation.objects.confirmed().get(page=page) == kept
    assert Participation.objects.get(pk=answered.pk).person == kept.person


def test_undoing_a_merge_gives_both_their_signature_back() -> None:
    page = petition()
    kept, absorbed = participation(page, email="un@mail.example"), participation(page, email="deux@mail.example")
    done = merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    undo_merge(done.pk, actor=CAMPAIGN)
    assert set(Participation.objects.counted()) == {kept, absorbed}


def test_of_two_signatures_that_a_merge_joined_no_line_names_the_page_once_it_is_taken_back() -> None:
    page = petition()
    kept, absorbed = participation(page, email="un@mail.example"), participation(page, email="deux@mail.example")
    merge(kept.person_id, absorbed.person_id, actor=CAMPAIGN)
    lines = Interaction.objects.filter(person=kept.person_id, kind__in=(Kind.PARTICIPATED, Kind.RETRACTED))
    assert lines.filter(source=page.title).count() == 2
    services.retract(kept, actor=Visitor())
    assert {line.kind for line in lines} == {Kind.RETRACTED}
    assert list(lines.values_list("source", "about_id")) == [("", None), ("", None)]


def test_an_erased_person_leaves_no_signature() -> None:
    taken = participation(petition())
    rights.forget(taken.person, actor=CAMPAIGN)
    assert not Participation.objects.exists()


def test_a_copy_of_ones_data_says_what_was_signed() -> None:
    taken = participation(petition(), is_public=True)
    handler = next(one for _name, one in HANDLERS.items() if one.model is Participation)
    assert handler.export(taken.person_id)[0]["page__title"] == "Sauvons la ligne 7"


def test_a_signature_is_shown_only_where_its_signatory_agreed() -> None:
    page = petition()
    participation(page, email="un@mail.example", first_name="Maëlle", last_name="Le Bihan", is_public=True)
    participation(page, email="deux@mail.example", first_name="Marcel", last_name="Durand")
    shown = text_of(Client().get(page.url))
    assert "Maëlle L." in shown
    assert "Marcel" not in shown
    assert "Le Bihan" not in shown
    assert "2 signatures" in shown


def test_a_conditional_question_is_asked_of_whom_it_is_for() -> None:
    page = survey(
        {"label": "Prenez-vous le bus ?", "kind": "yes_no", "is_required": True},
        {"label": "Lequel ?", "kind": "line", "is_required": True, "after": 1, "after_answer": "oui"},
    )
    without = fill(Client(), page, **{key(1): "yes"})
    assert without.status_code == 422
    assert fill(Client(), page, **{key(1): "no", key(2): "le 7"}).status_code == 302
    assert Participation.objects.get().answers == {key(1): "no"}


def test_where_a_link_stood_is_kept_and_not_the_page_that_was_read() -> None:
    page = petition()
    query = "?utm_source=infolettre&utm_campaign=mars"
    fill(Client(), page, query, first_name="A", last_name="B", **{"from": "https://forum.example/who/is/reading?x=1"})
    taken = Participation.objects.get()
    assert (taken.source, taken.campaign, taken.referrer) == ("infolettre", "mars", "forum.example")


def test_a_ground_is_given_for_what_was_agreed_to_and_nothing_else() -> None:
    taken = participation(petition())
    live = Ground.objects.live().filter(person=taken.person).values_list("purpose", flat=True)
    assert set(live) == {Purpose.SERVICE, Purpose.PARTICIPATION}


def test_whoever_signs_up_holds_the_head_of_the_ledger_for_a_moment_only() -> None:
    """Everybody else who gives a ground waits from there to the commit."""
    page = petition()
    with CaptureQueriesContext(connection) as asked:
        assert fill(Client(), page, first_name="Maëlle", last_name="Le Bihan").status_code == 302
    said = [query["sql"] for query in asked.captured_queries]
    head = next(place for place, sql in enumerate(said) if sql.startswith('INSERT INTO "rights_ground"'))
    after = [sql.split(" (")[0] for sql in said[head + 1 :] if not sql.startswith("RELEASE SAVEPOINT")]
    assert after[0] == 'INSERT INTO "journal_entry"'
    # The letter's job comes after the commit.
    assert len(after) <= 2, after
