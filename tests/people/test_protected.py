"""What the law protects is told by a name, however it is written; innocent names pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portevoix.accounts.types import System
from portevoix.actions.blocks import OwnFieldBlock, own_fields
from portevoix.people import services
from portevoix.people.exceptions import ProtectedName
from portevoix.people.forms.identity import PersonForm
from portevoix.people.models import BulkRun, CustomField, Person, Tag, Tagging
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import identity_of
from portevoix.people.services import bulk, fields
from portevoix.people.services.acts import AddTag
from portevoix.people.services.acts_on_records import SetField
from portevoix.people.types import KNOWN_COLUMNS, CustomKind, Protected
from tests.accounts.factories import signed_in
from tests.people import acts
from tests.people.factories import PersonFactory

SYSTEM = System("tests")

OPINIONS = [
    *("intentions_de_vote", "Intention de vote", "INTENTION DE VOTE", "intentionDeVote", "Intentions_de_votes_2026"),
    *("vote_intention", "vote intention 5", "voting intention", "intention to vote", "intention vote"),
    *("niveau_de_soutien", "Niveau de soutien", "soutien", "Soutien 4", "soutien4", "degré du soutien", "soutien fort"),
    *("support_level", "support score", "level of support", "support 5", "support", "strong supporter"),
    *("issues", "Issues", "top_issues", "issue", "enjeux", "Enjeu prioritaire", "ENJEUX LOCAUX"),
    *("opinion", "Opinions", "parti", "Parti politique", "party", "partis", "politique", "Orientation politique"),
    *("political_views", "Candidat préféré", "candidate_favorite", "preferred candidate", "candidat soutenu"),
    *("vote pour Dupont", "voted for Dupont", "a voté pour nous", "votera contre", "vote", "Vote 2022", "Vote RN"),
    *("opposant", "Extrême gauche", "far-right", "indécis", "Sujets qui vous tiennent à cœur", "ballots"),
]
OTHERS = [
    *((name, Protected.INFERRED) for name in ("inferred_party", "support_probability_score", "Score probable")),
    *((name, Protected.INFERRED) for name in ("turnout_probability_score", "probabilité de vote", "predicted_vote")),
    *((name, Protected.UNION) for name in ("Syndicat", "syndicats", "Syndiqué", "union_member", "Union membership")),
    *((name, Protected.UNION) for name in ("trade_union", "responsable syndicale", "CGT")),
    *((name, Protected.BELIEF) for name in ("religion", "Confession religieuse", "church", "Église", "musulman")),
    *(
        (name, Protected.HEALTH)
        for name in ("Problème de santé", "health_status", "Handicapé", "allergies", "maladies")
    ),
    *((name, Protected.ORIGIN) for name in ("ethnicity", "Origine ethnique", "race", "racial_group")),
    *((name, Protected.INTIMACY) for name in ("Orientation sexuelle", "sexuality", "LGBT")),
    *((name, Protected.OFFENCES) for name in ("casier (condamnations)", "criminal record")),
]
INNOCENT = [
    *(
        "issued_on",
        "issue_date",
        "issue number",
        "bureau_de_vote",
        "Lieu de vote",
        "droit de vote",
        "vote par procuration",
    ),
    *("A voté", "voted_2022", "voter_id", "support technique", "soutien scolaire", "comité de soutien", "IT support"),
    *("support papier", "partie prenante", "Parti le", "party size", "third_party_id", "Politique de confidentialité"),
    *(
        "sexe",
        "sex",
        "gender",
        "Genre",
        "supporter_since",
        "is_supporter",
        "third place",
        "racette",
        "Terrace",
        "candidat",
    ),
    *(
        "Chanson préférée",
        "Couleur préférée",
        "médecin",
        "professionnels de santé",
        "Syndicat de copropriété",
        "syndic",
    ),
    *("culture", "multiculturel", "political_district", "formule de politesse", "intention de don", "pays d'origine"),
    *("Taille du t-shirt", "Adhérent depuis", "départ", "participation", "apartment", "priority_level", "Compétences"),
    *("soutenance", "dévoteur", "union_city", "Réunion", "tissue", "Tags", "precinct_name", "créé le", "", "是"),
]


@pytest.mark.parametrize("name", OPINIONS)
def test_an_opinion_is_known_by_its_name(name: str) -> None:
    assert protection(name) == Protected.OPINION


@pytest.mark.parametrize(("name", "what"), OTHERS)
def test_the_other_things_that_the_law_protects_are_known_too(name: str, what: Protected) -> None:
    assert protection(name) == what


@pytest.mark.parametrize("name", INNOCENT)
def test_an_innocent_name_passes(name: str) -> None:
    assert protection(name) is None


def test_no_known_column_of_another_tool_is_protected() -> None:
    assert KNOWN_COLUMNS
    assert [name for name in KNOWN_COLUMNS if protection(name)] == []


@given(st.sampled_from(OPINIONS), st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from("_-.  "))
def test_case_and_punctuation_hide_nothing(name: str, cased: object, between: str) -> None:
    assert callable(cased)
    if name != "intentionDeVote":
        assert protection(f" {cased(name).replace(' ', between)}: ") == Protected.OPINION


@given(st.text(max_size=120))
def test_any_text_has_an_answer(name: str) -> None:
    protection(name)


# the back office: fields and tags


def make_field(label: str, field: CustomField | None = None) -> CustomField:
    return fields.make_field(field, label=label, kind=CustomKind.TEXT, group="", choices=[], actor=SYSTEM)


@pytest.mark.django_db
def test_no_field_is_made_or_renamed_to_keep_an_opinion() -> None:
    with pytest.raises(ProtectedName) as refusal, translation.override("fr"):
        make_field("Intention de vote")
    assert refusal.value.what == Protected.OPINION
    innocent = make_field("Taille")
    with pytest.raises(ProtectedName):
        make_field("Niveau de soutien", innocent)
    assert list(CustomField.objects.values_list("label", flat=True)) == ["Taille"]


@pytest.mark.django_db
def test_a_field_of_former_times_can_be_kept_to_fewer_and_retired_and_does_not_come_back() -> None:
    field = CustomField.objects.create(key="issues", label="issues", kind=CustomKind.TEXT, source="people.csv")
    assert make_field("issues", field).pk == field.pk
    fields.retire_field(field, is_retired=True, actor=SYSTEM)
    with pytest.raises(ProtectedName):
        fields.retire_field(field, is_retired=False, actor=SYSTEM)


@pytest.mark.django_db
def test_the_form_of_a_field_says_why_and_the_way() -> None:
    sent = {"label": "Intention de vote", "kind": "text", "group": "", "choices": ""}
    page = signed_in().post("/gestion/personnes/champs/nouveau/", sent).content.decode()
    assert "RGPD art. 9" in page
    assert "Opinions politiques" in page
    assert not CustomField.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["vote intention 5", "Soutien 4", "CGT"])
def test_no_tag_that_says_what_the_law_protects_is_given_by_hand(name: str) -> None:
    person = PersonFactory()
    with pytest.raises(ProtectedName):
        services.tag(person, ["tractage", name], seen=[], actor=SYSTEM)
    for tag in (None, Tag.objects.create(name=name)):
        with pytest.raises(ProtectedName):
            AddTag().settle({"tag": tag, "new": "" if tag else name}, SYSTEM)
    assert not person.taggings.exists()


@pytest.mark.django_db
def test_a_tag_of_former_times_can_be_taken_off_a_record_that_is_edited() -> None:
    person = PersonFactory()
    former = Tagging.objects.create(person=person, tag=Tag.objects.create(name="soutien 4"), source="people.csv")
    services.tag(person, ["soutien 4", "tractage"], seen=["soutien 4"], actor=SYSTEM)
    services.tag(person, ["tractage"], seen=["soutien 4", "tractage"], actor=SYSTEM)
    assert not Tagging.objects.filter(pk=former.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [False, True])
def test_the_form_of_a_record_refuses_the_tag_before_it_writes_anything(is_known: bool) -> None:
    person = PersonFactory(occupation="")
    tag = Tag.objects.create(name="soutien 4") if is_known else None
    told = {"tags": [tag.pk]} if tag else {"new_tags": "soutien 4"}
    form = PersonForm(person, {"language": "fr", "occupation": "marin", **told})
    assert "RGPD art. 9" in form.errors["tags" if is_known else "new_tags"][0]


# what came in before names were read


def former_field(label: str = "Soutien", kind: CustomKind = CustomKind.NUMBER) -> CustomField:
    return CustomField.objects.create(key=label.lower(), label=label, kind=kind, source="people.csv")


@pytest.mark.django_db
def test_nothing_more_is_written_in_a_field_of_former_times_and_it_may_be_emptied() -> None:
    former_field()
    person = PersonFactory(custom={"soutien": 4})
    with pytest.raises(ProtectedName):
        services.edit(person, replace(identity_of(person), custom={"soutien": 5}), actor=SYSTEM)
    assert "custom.soutien" not in PersonForm(person).fields
    services.edit(person, replace(identity_of(person), custom={"soutien": None}), actor=SYSTEM)
    assert Person.objects.get().custom == {}


@pytest.mark.django_db
def test_editing_a_name_leaves_what_stands_in_a_field_of_former_times() -> None:
    former_field()
    person = PersonFactory(custom={"soutien": 4})
    sent = {**PersonForm(person).initial, "first_name": "Zoé", "language": "fr", "seen": ""}
    form = PersonForm(person, {key: value for key, value in sent.items() if value is not None})
    assert form.is_valid() or not form.errors.get("custom.soutien")
    services.edit(person, replace(identity_of(person), first_name="Zoé"), actor=SYSTEM)
    assert Person.objects.get().custom == {"soutien": 4}


@pytest.mark.django_db
def test_an_act_on_many_fills_no_field_of_former_times_and_empties_it() -> None:
    former_field()
    PersonFactory(custom={"soutien": 4})
    with pytest.raises(ProtectedName):
        acts.prepared("set_field", {"field": "soutien", "value": "5"}, SYSTEM)
    run = acts.prepared("set_field", {"field": "soutien", "value": ""}, SYSTEM)
    BulkRun.objects.filter(pk=run.pk).update(said={"field": "soutien", "value": 5})
    with pytest.raises(ProtectedName):
        SetField().check({"field": "soutien", "value": 5}, SYSTEM)
    assert acts.done("set_field", {"field": "soutien", "value": ""}, SYSTEM).touched == 1


@pytest.mark.django_db
def test_an_act_that_was_prepared_before_gives_nobody_a_protected_tag() -> None:
    PersonFactory()
    run = acts.prepared("add_tag", {"tag": Tag.objects.create(name="Relais"), "new": ""}, SYSTEM)
    Tag.objects.update(name="Opposant")
    run = acts.advanced(bulk.start_act(run, by_worker=False, actor=SYSTEM))
    assert (run.state, run.end, Tagging.objects.count()) == ("stopped", "impossible", 0)


@pytest.mark.django_db
def test_undoing_gives_nobody_a_protected_tag_back() -> None:
    tag = Tag.objects.create(name="Opposant")
    Tagging.objects.create(person=PersonFactory(), tag=tag, source="tests")
    run = acts.undone(acts.done("remove_tag", {"tag": tag}, SYSTEM), SYSTEM)
    assert (run.state, run.undone, Tagging.objects.count()) == ("undone", 0, 0)


@pytest.mark.django_db
def test_no_form_of_the_site_asks_into_a_field_of_former_times() -> None:
    former_field()
    former_field("Taille")
    assert own_fields() == [("taille", "Taille")]
    value = {"field": "soutien", "serves": "action", "is_required": False}
    assert OwnFieldBlock().question_of(value, "") is None
    assert OwnFieldBlock().question_of(value | {"field": "taille"}, "") is not None
