"""Writing by a key: by the acts of the screens, with their refusals; nothing without a ground, nothing overwritten."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from portevoix.accounts.types import Role, System
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.models import CustomField, EmailAddress, Interaction, Person, Tag
from portevoix.people.selectors import signups_per_day
from portevoix.people.types import Kind
from portevoix.rights.models import Ground, Opinion, Suppression
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.rights.selectors import current_wording, suppression_keys
from tests.api.factories import Program, program
from tests.api.test_keys import code
from tests.people.factories import EmailFactory, GroundFactory, PersonFactory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
TODAY = clock.today().isoformat()
SENT = {
    "first_name": "Soizic",
    "last_name": "Le Guen",
    "email": "Soizic@Mail.example",
    "phone": "06 39 98 00 12",
    "agreed_to": ["newsletter", "texts"],
    "proof": {"where": "formulaire de l’appli, page 3", "on": TODAY},
}


def version(held: Program, person: Person) -> str:
    return str(held.get(f"people/{person.pk}")["version"])


def agreed(person: Person, purpose: Purpose = Purpose.OPINION) -> Ground:
    ground: Ground = GroundFactory(person=person, purpose=purpose, channel=Channel.RECORD)
    return ground


# coming in


def test_somebody_comes_in_with_what_they_agreed_to_and_its_proof() -> None:
    held = program(Role.ORGANISER)
    told = held.send("POST", "people", SENT, 201)
    person = Person.objects.get(pk=told["id"])
    assert (told["is_new"], person.source, person.emails.get().address) == (True, "API: Site", "soizic@mail.example")
    grounds = {ground.purpose: ground for ground in person.grounds.all()}
    assert set(grounds) == {"newsletter", "texts"}
    evidence = grounds["newsletter"].evidence
    assert (evidence["form"], evidence["signed_on"]) == ("formulaire de l’appli, page 3", TODAY)
    assert evidence["entered_by"] == f"{held.user.username} (API: Site)"
    assert (grounds["newsletter"].basis, grounds["newsletter"].source) == (Basis.CONSENT, "API: Site")
    assert Interaction.objects.filter(person=person, kind="added", source="API: Site").exists()
    assert not person.interactions.filter(kind="signed_up").exists(), "they filled nothing in on the site"
    assert sum(day.value for day in signups_per_day(System("tests"), 3)) == 0


def test_what_programs_brought_in_before_is_told_as_it_was() -> None:
    held = program(Role.ORGANISER)
    person = Person.objects.get(pk=held.send("POST", "people", SENT, 201)["id"])
    person.interactions.filter(kind="added").update(kind="signed_up")
    interactions.record(person, Kind.SIGNED_UP, about=person.emails.get(), source="/rejoindre/")
    with connection.cursor() as cursor:
        cursor.execute(import_module("portevoix.people.migrations.0017_brought_in").TOLD_AS_IT_WAS)
    assert person.interactions.get(kind="added").source == "API: Site"
    assert person.interactions.get(kind="signed_up").source == "/rejoindre/"


def test_sent_twice_it_is_one_person_whose_blanks_alone_are_filled() -> None:
    held = program()
    first = held.send("POST", "people", SENT, 201)
    again = held.send("POST", "people", {**SENT, "first_name": "Autre", "postcode": "35000"}, 200)
    assert (again["id"], again["is_new"]) == (first["id"], False)
    person = Person.objects.get()
    assert (person.first_name, person.postcode) == ("Soizic", "35000")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"agreed_to": []}, "agreed_to"),
        ({"agreed_to": ["everything"]}, "agreed_to.0"),
        ({"agreed_to": ["calls"], "phone": ""}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"proof": {"where": "", "on": TODAY}}, "proof.where"),
        ({"proof": {"where": "x", "on": "2099-01-01"}}, "proof.on"),
        ({"proof": {"where": "x", "on": "2001-01-01"}}, "proof.on"),
        ({"commune": "99999"}, "commune"),
        ({"surname": "x"}, "surname"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": "a\x00b"}, "first_name"),
        ({"first_name": 7}, "first_name"),
    ],
    ids=str,
)
def test_nobody_comes_in_without_ground_proof_or_sense(change: dict[str, object], field: str) -> None:
    answer = program().ask("POST", "people", {**SENT, **change})
    assert code(answer) == (422, "unfit")
    told = answer.json()["errors"]  # type: ignore[attr-defined]
    assert [one["field"] for one in told] == [field]
    assert all(one["detail"] for one in told)
    assert not Person.objects.exists()


def test_whoever_was_erased_is_not_brought_back() -> None:
    Suppression.objects.create(digest=suppression_keys()[0].digest("email", "soizic@mail.example"))
    answer = program().ask("POST", "people", SENT)
    assert code(answer) == (422, "erased")
    assert not Person.objects.exists()


def test_a_local_leads_key_takes_in_nobody_of_elsewhere() -> None:
    CommuneFactory()
    brest = CommuneFactory(brest=True)
    held = program(Role.LOCAL_LEAD, "35")
    for commune in ("", brest.pk):
        assert code(held.ask("POST", "people", {**SENT, "commune": commune})) == (422, "other-territory")
    held.send("POST", "people", {**SENT, "commune": "35238"}, 201)


def test_what_was_taken_back_since_the_form_stays_so() -> None:
    held = program()
    person = Person.objects.get(pk=held.send("POST", "people", SENT, 201)["id"])
    held.send("POST", f"people/{person.pk}/withdrawals", {"purposes": ["newsletter"], "how": "email"})
    told = held.send("POST", "people", SENT, 200)
    assert told["taken_back"] == ["newsletter"]
    assert set(person.grounds.live().values_list("purpose", flat=True)) == {"texts"}


# corrections


def test_a_correction_writes_what_is_said_and_nothing_else() -> None:
    held, person = program(Role.ORGANISER), PersonFactory(occupation="luthière", born_on="1980-05-04")
    said = {"version": version(held, person), "first_name": " Gwen ", "born_on": None, "other_languages": ["br", "fr"]}
    told = held.send("PATCH", f"people/{person.pk}", said)
    assert set(told["changed"]) == {"first_name", "born_on", "other_languages"}
    person.refresh_from_db()
    assert (person.first_name, person.born_on, person.occupation, person.other_languages) == (
        "Gwen",
        None,
        "luthière",
        ["br"],
    )
    assert told["version"] == version(held, person)
    line = Interaction.objects.get(person=person, kind="edited")
    assert (line.source, line.by) == ("API: Site", f"{held.user.username} (API: Site)")


def test_of_two_programs_that_edit_at_once_the_second_is_told_and_overwrites_nothing() -> None:
    one, other, person = program(), program(Role.ORGANISER), PersonFactory()
    seen = version(one, person)
    one.send("PATCH", f"people/{person.pk}", {"version": seen, "first_name": "Première"})
    answer = other.ask("PATCH", f"people/{person.pk}", {"version": seen, "last_name": "Seconde"})
    assert code(answer) == (409, "changed-meanwhile")
    person.refresh_from_db()
    assert (person.first_name, person.last_name == "Seconde") == ("Première", False)
    other.send("PATCH", f"people/{person.pk}", {"version": version(other, person), "last_name": "Seconde"})
    person.refresh_from_db()
    assert (person.first_name, person.last_name) == ("Première", "Seconde")


def test_somebody_who_edits_between_the_look_and_the_lock_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is looked at before the row is held: the act itself compares once more."""
    from portevoix.api.views import writing

    held, person = program(), PersonFactory()
    seen = version(held, person)

    def overtaken(one: Person) -> str:
        Person.objects.filter(pk=person.pk).update(first_name="Entre-temps")
        return seen

    monkeypatch.setattr(writing, "version_of", overtaken)
    answer = held.ask("PATCH", f"people/{person.pk}", {"version": seen, "first_name": "Trop tard"})
    assert code(answer) == (409, "changed-meanwhile")
    person.refresh_from_db()
    assert person.first_name == "Entre-temps"


def test_somebody_moved_out_of_the_territory_is_told_as_changed() -> None:
    CommuneFactory(brest=True)
    lead, person = program(Role.LOCAL_LEAD, "35"), PersonFactory(in_rennes=True)
    told = lead.send("PATCH", f"people/{person.pk}", {"version": version(lead, person), "commune": "29019"})
    assert (told["version"], told["changed"]) == ("", ["commune_id"])
    assert lead.ask("GET", f"people/{person.pk}").status_code == 404


def test_the_version_of_a_record_is_the_same_for_all_who_read_it() -> None:
    person = PersonFactory(in_rennes=True, born_on="1980-05-04")
    one, other = program(Role.LOCAL_LEAD, "35"), program(Role.DIRECTOR)
    assert version(one, person) == version(other, person)
    one.send("PATCH", f"people/{person.pk}", {"version": version(other, person), "occupation": "luthière"})


def test_the_versions_of_two_readers_with_other_masks_each_serve_their_reader() -> None:
    lead, person = program(Role.LOCAL_LEAD, "35"), PersonFactory(in_rennes=True, born_on="1980-05-04")
    said = {"version": version(lead, person), "occupation": "luthière"}
    lead.send("PATCH", f"people/{person.pk}", said)
    person.refresh_from_db()
    assert (str(person.born_on), person.occupation) == ("1980-05-04", "luthière")
    said = {"version": version(lead, person), "born_on": "1990-01-01"}
    assert code(lead.ask("PATCH", f"people/{person.pk}", said)) == (403, "hidden")


@pytest.mark.parametrize(
    "change",
    [
        {"born_on": "2099-01-01"},
        {"born_on": "1500-01-01"},
        {"born_on": "yesterday"},
        {"language": "tlh"},
        {"polling_station": "35238-12"},
        {"commune": "99999"},
        {"custom": {"enfants": "beaucoup"}},
        {"custom": {"couleur": "mauve"}},
        {"custom": {"inconnu": "x"}},
        {"custom": {"enfants": {"a": 1}}},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(change: dict[str, object]) -> None:
    held, person = program(), PersonFactory()
    CustomField.objects.create(key="enfants", label="Enfants", kind="number", source="tests")
    CustomField.objects.create(key="couleur", label="Couleur", kind="choice", choices=["bleu"], source="tests")
    said = {"version": version(held, person), "occupation": "luthière", **change}
    assert code(held.ask("PATCH", f"people/{person.pk}", said)) == (422, "unfit")
    person.refresh_from_db()
    assert (person.occupation, person.custom) == ("", {})


def test_own_fields_take_values_of_their_kind() -> None:
    held, person = program(), PersonFactory()
    values = {
        "texte": ("text", "un mot"),
        "enfants": ("number", 3),
        "poids": ("number", 1.5),
        "permis": ("yes_no", False),
        "depuis": ("day", "2028-04-23"),
        "jours": ("choices", ["lundi"]),
    }
    for key, (kind, _value) in values.items():
        CustomField.objects.create(key=key, label=key, kind=kind, choices=["lundi"], source="tests")
    said = {key: value for key, (_kind, value) in values.items()}
    held.send("PATCH", f"people/{person.pk}", {"version": version(held, person), "custom": said})
    person.refresh_from_db()
    assert person.custom == said
    emptied = {"version": version(held, person), "custom": {"enfants": None}}
    held.send("PATCH", f"people/{person.pk}", emptied)
    person.refresh_from_db()
    assert "enfants" not in person.custom


def test_a_restricted_record_is_changed_by_no_organisers_key() -> None:
    held, person = program(Role.ORGANISER), PersonFactory()
    seen = version(held, person)
    Person.objects.update(restricted_at=clock.now())
    answer = held.ask("PATCH", f"people/{person.pk}", {"version": seen, "first_name": "x"})
    assert code(answer) == (403, "restricted")


# tags


def test_tags_are_put_on_and_taken_off_and_the_others_stay() -> None:
    held, person = program(), PersonFactory()
    held.send("POST", f"people/{person.pk}/tags", {"add": ["Bénévole", "Marché <b>"]})
    told = held.send("POST", f"people/{person.pk}/tags", {"add": ["Colleuse"], "remove": ["Bénévole", "Absent"]})
    assert told["tags"] == ["Colleuse", "Marché <b>"]
    assert person.taggings.first().source == "API: Site"  # type: ignore[union-attr]


# opinions: refused three ways, and by every back door


def test_no_opinion_is_kept_without_a_ground_and_the_reason_is_said_in_the_askers_language() -> None:
    held, person = program(), PersonFactory()
    said = {"version": "none", "support_level": 5}
    answer = held.ask("PUT", f"people/{person.pk}/opinions", said)
    assert code(answer) == (422, "no-ground")
    assert "art. 9" in answer.json()["detail"]  # type: ignore[attr-defined]
    assert "n’a pas" in answer.json()["detail"]  # type: ignore[attr-defined]
    held.language = "en-GB,fr;q=0.5"
    answer = held.ask("PUT", f"people/{person.pk}/opinions", said)
    assert "has not agreed" in answer.json()["detail"]  # type: ignore[attr-defined]
    assert answer["Content-Language"] == "en"
    assert not Opinion.objects.exists()


def test_an_opinion_that_was_agreed_to_is_kept_until_that_is_taken_back() -> None:
    held, person = program(), PersonFactory()
    agreed(person)
    said = {"version": "none", "support_level": 4, "issues": ["climat"], "vote_intention": "oui"}
    told = held.send("PUT", f"people/{person.pk}/opinions", said)
    assert held.get(f"people/{person.pk}/opinions") == told
    assert Opinion.objects.get().source == "API: Site"
    stale = held.ask("PUT", f"people/{person.pk}/opinions", {**said, "support_level": 1})
    assert code(stale) == (409, "changed-meanwhile")
    held.send("POST", f"people/{person.pk}/withdrawals", {"purposes": ["opinion"], "how": "telephone"})
    assert not Opinion.objects.exists()
    again = held.ask("PUT", f"people/{person.pk}/opinions", said)
    assert code(again) == (422, "no-ground")


@pytest.mark.parametrize("change", [{"support_level": 6}, {"support_level": 0}, {"issues": ["x" * 81]}], ids=str)
def test_an_opinion_out_of_its_scale_is_refused(change: dict[str, object]) -> None:
    held, person = program(), PersonFactory()
    agreed(person)
    assert code(held.ask("PUT", f"people/{person.pk}/opinions", {"version": "none", **change})) == (422, "unfit")


@pytest.mark.parametrize("tag", ["Soutien fort", "vote Dupont", "niveau de soutien 5", "Syndiqué CGT"])
def test_a_tag_that_says_what_the_law_protects_is_refused_with_the_reason(tag: str) -> None:
    held, person = program(), PersonFactory()
    answer = held.ask("POST", f"people/{person.pk}/tags", {"add": [tag]})
    assert code(answer) == (422, "protected")
    assert tag in answer.json()["detail"]  # type: ignore[attr-defined]
    assert not Tag.objects.exists()


@pytest.mark.parametrize("key", ["niveau_de_soutien", "support_level", "intention_de_vote"])
def test_an_own_field_that_says_an_opinion_is_refused_whether_it_is_there_or_not(key: str) -> None:
    held, person = program(), PersonFactory()
    said = {"version": version(held, person), "custom": {key: "5"}}
    assert code(held.ask("PATCH", f"people/{person.pk}", said)) == (422, "protected")
    CustomField.objects.create(key=key, label="Innocent", source="tests")
    assert code(held.ask("PATCH", f"people/{person.pk}", said)) == (422, "protected")
    person.refresh_from_db()
    assert person.custom == {}


def test_an_opinion_beside_the_name_is_refused_with_the_reason() -> None:
    held, person = program(), PersonFactory()
    answer = held.ask("PATCH", f"people/{person.pk}", {"version": "x", "support_level": 5})
    assert code(answer) == (422, "unfit")
    told = answer.json()["errors"][0]  # type: ignore[attr-defined]
    assert told["field"] == "support_level"
    assert "art. 9" in told["detail"]


def test_opinions_are_read_by_those_who_record_them_alone() -> None:
    person = PersonFactory()
    agreed(person)
    for role in (Role.COMMUNICATIONS, Role.TREASURER, Role.READER):
        held = program(role)
        assert code(held.ask("GET", f"people/{person.pk}/opinions")) == (403, "scope-missing")
        assert "support" not in held.ask("GET", f"people/{person.pk}").content.decode()


# consents


def test_a_consent_is_given_with_its_words_and_its_proof() -> None:
    held, person = program(Role.DATA_OFFICER), PersonFactory()
    purposes = {one["purpose"]: one for one in held.get("purposes")}
    words = next(one for one in purposes["opinion"]["wordings"] if one["language"] == "fr")
    said = {"purpose": "opinion", "wording": words["id"], "how": "form", "proof": {"where": "appli", "on": TODAY}}
    assert held.send("POST", f"people/{person.pk}/consents", said) == {"agreed_to": ["opinion"]}
    ground = person.grounds.get()
    assert (ground.basis, ground.wording_id, ground.evidence["form"]) == (Basis.CONSENT, words["id"], "appli")
    assert Entry.objects.filter(command="rights.give", actor_label=f"{held.user.username} (API: Site)").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"wording": 0},
        {"proof": {"where": "", "on": TODAY}},
        {"proof": {"where": "x", "on": "2099-01-01"}},
        {"proof": {"where": "x", "on": "2001-01-01"}},
        {"proof": None},
        {"how": "telepathy"},
        {"purpose": "service"},
    ],
    ids=str,
)
def test_a_consent_without_its_words_or_its_proof_is_none(change: dict[str, object]) -> None:
    held, person = program(), PersonFactory()
    words = current_wording(Purpose.NEWSLETTER, "fr").pk
    said = {"purpose": "newsletter", "wording": words, "how": "form", "proof": {"where": "x", "on": TODAY}}
    assert code(held.ask("POST", f"people/{person.pk}/consents", {**said, **change})) == (422, "unfit")
    assert not person.grounds.exists()


def test_a_consent_of_before_a_withdrawal_is_not_given_again() -> None:
    held, person = program(), PersonFactory()
    now = clock.now()
    GroundFactory(person=person, given_at=now, withdrawn_at=now, withdrawal={"asked": "email"})
    words = current_wording(Purpose.NEWSLETTER, "fr").pk
    day = (clock.today() - timedelta(days=3)).isoformat()
    said = {"purpose": "newsletter", "wording": words, "how": "form", "proof": {"where": "x", "on": day}}
    assert code(held.ask("POST", f"people/{person.pk}/consents", said)) == (409, "taken-back")
    assert not person.grounds.live().exists()


def test_taking_back_asks_for_no_more_than_how() -> None:
    held, person = program(Role.DATA_OFFICER), PersonFactory(reachable=True)
    told = held.send("POST", f"people/{person.pk}/withdrawals", {"purposes": ["newsletter", "calls"], "how": "letter"})
    assert told == {"agreed_to": []}
    assert person.grounds.get(purpose="newsletter").withdrawal["asked"] == "letter"
    refused = person.grounds.get(purpose="calls")
    assert refused.withdrawn_at is not None, "what was never agreed to is refused from now on"


def test_an_address_that_is_another_persons_brings_nobody_elses_record_to_light() -> None:
    EmailFactory(person=PersonFactory(in_brest=True), address="soizic@mail.example")
    CommuneFactory()
    held = program(Role.LOCAL_LEAD, "35")
    answer = held.ask("POST", "people", {**SENT, "commune": "35238"})
    assert code(answer) == (422, "other-territory")
    assert EmailAddress.objects.count() == 1
