"""Who may ask what: hidden facts are not guessed by counting, and opinions make figures, never a list."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation

from portevoix.accounts.types import Role, System
from portevoix.mailings import selectors as mailings
from portevoix.mailings.exceptions import SegmentOfOpinions
from portevoix.people.models import CustomField, Person
from portevoix.rights.types import Views
from portevoix.segments import rules, selectors, services
from portevoix.segments.exceptions import NotToBeAsked, OpinionsAsked
from portevoix.segments.models import Segment, Snapshot
from portevoix.segments.selectors import geography
from portevoix.segments.types import CRITERIA
from tests.accounts.factories import signed_in, staff
from tests.mailings.factories import MailingFactory
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.segments.test_more_criteria import holding
from tests.segments.test_views import NEW, Editor

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")
YOUNG, FIRM = rule("age", least=18, most=25), rule("support", least=4, most=5)


def by_opinions() -> Segment:
    """A segment that asks about opinions by naming another."""
    inner = SegmentFactory(name="Soutiens", tree=tree(FIRM))
    made: Segment = SegmentFactory(name="Soutiens joignables", tree=tree(rule("segment", segment=inner.pk)))
    return made


def supporters(number: int) -> list[Person]:
    return [holding(Views(5), in_rennes=True, first_name="Maïwenn", last_name=f"Le Goff {n}") for n in range(number)]


def test_a_masked_role_writes_no_question_about_what_it_may_not_read() -> None:
    with translation.override("fr"), pytest.raises(NotToBeAsked) as fault:
        services.save(name="Jeunes", tree=tree(tree(YOUNG, match="none")), actor=staff(Role.COMMUNICATIONS))
    assert str(fault.value) == "«\xa0Âge\xa0» porte sur ce qui est masqué pour votre rôle (date de naissance)."
    assert not Segment.objects.exists()
    services.save(name="Jeunes", tree=tree(YOUNG), actor=staff(Role.ORGANISER))


@pytest.mark.parametrize("masked", [YOUNG, rule("birthday", days=0)])
def test_a_draft_is_not_counted_for_a_masked_role_either(masked: dict[str, Any]) -> None:
    """Else a birth date is found in a few tries of the live count."""
    PersonFactory(born_on="2000-01-01")
    with pytest.raises(NotToBeAsked):
        selectors.check_draft(rules.read(tree(masked)), staff(Role.COMMUNICATIONS))
    selectors.check_draft(rules.read(tree(rule("phone"))), staff(Role.COMMUNICATIONS))


def test_the_editor_offers_no_masked_condition_and_refuses_a_forged_one() -> None:
    client = signed_in(Role.COMMUNICATIONS)
    editor = Editor(client)
    offered = {value.rpartition(":")[2] for value in editor.buttons() if value.startswith("choose:")}
    hidden = set(dict(CRITERIA.items())) - offered
    assert hidden == {"age", "birthday", "support", "issue", "vote", "opinion"}
    editor.press("choose:t.0:age")
    assert "porte sur ce qui est masqué" in editor.text
    assert "peuvent être joint" not in editor.text


def test_a_shared_segment_is_used_by_a_masked_role_and_changed_or_copied_by_none() -> None:
    PersonFactory(born_on="2004-01-01", reachable=True)
    segment, client = SegmentFactory(tree=tree(YOUNG)), signed_in(Role.COMMUNICATIONS)
    page = client.get(reverse("segments:segment", args=[segment.pk])).content.decode()
    edit = reverse("segments:edit", args=[segment.pk])
    assert "entre 18 et 25 ans" in page
    assert edit not in page
    for address in (edit, f"{NEW}?copie={segment.pk}"):
        answer = client.get(address, follow=True)
        assert answer.redirect_chain == [(reverse("segments:segment", args=[segment.pk]), 302)]
        assert "masqué pour votre rôle" in answer.content.decode()
    client.post(edit, {"name": "x", "t-match": "all", "act": "save"})
    segment.refresh_from_db()
    assert segment.tree == tree(YOUNG)
    with pytest.raises(NotToBeAsked):
        services.save(segment=segment, name="x", tree=tree(), actor=staff(Role.COMMUNICATIONS))
    assert set(selectors.people_of(segment, staff(Role.COMMUNICATIONS))) == set(Person.objects.all())


def test_a_broken_segment_is_anybodys_to_mend() -> None:
    segment = SegmentFactory(tree=tree(rule("unheard_of")))
    services.save(segment=segment, name="Entier", tree=tree(), actor=staff(Role.COMMUNICATIONS))
    assert Segment.objects.get().name == "Entier"


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS, Role.TREASURER, Role.READER])
def test_opinions_are_asked_about_by_no_way_by_those_who_do_not_read_them(role: Role) -> None:
    supporters(5)
    segment, client = by_opinions(), signed_in(role)
    for question in (segment.question, rules.read(tree(FIRM))):
        for ask in (selectors.count, selectors.reach, geography.spread):
            with pytest.raises(NotToBeAsked):
                ask(question, staff(role))
    page = client.get(reverse("segments:segment", args=[segment.pk])).content.decode()
    assert "que votre rôle ne permet pas de lire" in page
    assert "Le Goff" not in page
    assert client.get(reverse("segments:map"), {"segment": segment.pk}).status_code == 404
    assert client.get(reverse("segments:hexagons", args=[5]), {"segment": segment.pk}).status_code == 404
    assert "5" not in client.get(reverse("segments:count", args=[segment.pk])).content.decode()


def test_naming_a_segment_of_opinions_is_asking_about_them() -> None:
    named = by_opinions()
    with pytest.raises(NotToBeAsked):
        services.save(
            name="Par un autre", tree=tree(rule("segment", segment=named.pk)), actor=staff(Role.COMMUNICATIONS)
        )
    services.save(name="Par un autre", tree=tree(rule("segment", segment=named.pk)), actor=staff(Role.ORGANISER))


def test_opinions_are_counted_and_nobody_is_named() -> None:
    supporters(5)
    segment, client = by_opinions(), signed_in(Role.DIRECTOR)
    assert selectors.count(segment.question, staff(Role.DIRECTOR)) == 5
    page = client.get(reverse("segments:segment", args=[segment.pk])).content.decode()
    assert "RGPD" in page
    assert "Le Goff" not in page
    assert reverse("people:list") + f"?segment={segment.pk}" not in page
    assert "Le Goff" not in client.get(reverse("people:list"), {"segment": segment.pk}).content.decode()


def test_few_people_with_an_opinion_are_not_counted_on_the_screen_nor_is_nobody() -> None:
    people = supporters(4)
    segment, client = by_opinions(), signed_in(Role.DIRECTOR)
    for _left in range(2):
        page = client.get(reverse("segments:segment", args=[segment.pk])).content.decode()
        assert "Moins de 5" in page
        assert "office-figures" not in page
        assert "moins de 5" in client.get(reverse("segments:count", args=[segment.pk])).content.decode()
        Person.objects.filter(pk__in=[person.pk for person in people]).delete()


def test_the_map_of_opinions_comes_no_closer_than_a_departement() -> None:
    supporters(6)
    segment, actor = by_opinions(), staff(Role.DIRECTOR)
    question = selectors.resolved(segment.question)
    assert geography.hexagons(question, actor, 5)["features"] == []
    assert [area.people for area in geography.spread(question, actor).areas if area.code == "35"] == [6]


def test_opinions_are_never_kept_written_to_or_exported(tmp_path: Any) -> None:
    supporters(6)
    segment = by_opinions()
    with pytest.raises(OpinionsAsked):
        services.freeze(segment, actor=staff(Role.DIRECTOR))
    assert not Snapshot.objects.exists()
    with pytest.raises(SegmentOfOpinions):
        mailings.people_of(MailingFactory(segment=segment), staff(Role.DIRECTOR))
    file = tmp_path / "people.zip"
    with pytest.raises(CommandError):
        call_command("export_people", str(file), reason="tests", segment=segment.name)
    assert not file.exists()


def test_opinions_are_counted_as_far_as_the_mandate_that_reads_them() -> None:
    supporters(5)
    holding(Views(5), in_brest=True)
    question = rules.read(tree(FIRM))
    assert selectors.count(question, staff(Role.LOCAL_LEAD, "35")) == 5
    assert selectors.count(question, staff(Role.LOCAL_LEAD, "29")) == 1
    assert selectors.count(question, SYSTEM) == 6


# fields of the campaign's own


AMOUNT = rule("custom_filled", field="montant")


@pytest.fixture
def hidden_field() -> CustomField:
    field: CustomField = CustomField.objects.create(
        key="montant", label="Montant promis", source="tests", seen_by=[Role.TREASURER]
    )
    CustomField.objects.create(key="village", label="Village", source="tests")
    CustomField.objects.create(key="fax_number", label="Fax", source="tests")
    PersonFactory(custom={"montant": "5000", "fax_number": "0299630001"}, in_rennes=True, last_name="Généreuse")
    return field


@pytest.mark.parametrize(
    "asked",
    [
        AMOUNT,
        rule("custom", field="montant", value="5000"),
        rule("custom_contains", field="montant", text="5"),
        rule("custom_number", field="montant", least=1, most=9999),
        rule("custom_day", field="montant", first="2000-01-01", last="2030-01-01"),
        rule("custom_choice", field="montant", value="5000"),
        rule("custom_yes", field="montant"),
        rule("custom_soon", field="montant", days=3),
    ],
)
def test_nobody_asks_about_a_field_that_is_hidden_from_their_role(
    hidden_field: CustomField, asked: dict[str, Any]
) -> None:
    nested = tree(tree(tree(asked, match="none"), match="any"))
    organiser = staff(Role.ORGANISER)
    with translation.override("fr"), pytest.raises(NotToBeAsked, match="Montant promis"):
        services.save(name="Donateurs", tree=nested, actor=organiser)
    saved = services.save(name="Donateurs", tree=nested, actor=staff(Role.DIRECTOR))
    outer = SegmentFactory(tree=tree(rule("segment", segment=saved.pk)))
    for segment in (saved, outer):
        for run in (
            lambda segment=segment: selectors.people_of(segment, organiser),
            lambda segment=segment: selectors.count(segment.question, organiser),
            lambda segment=segment: selectors.reach(segment.question, organiser),
            lambda segment=segment: services.freeze(segment, actor=organiser),
            lambda segment=segment: services.save(name="x", tree=segment.tree, segment=segment, actor=organiser),
        ):
            with pytest.raises(NotToBeAsked):
                run()
        assert selectors.people_of(segment, staff(Role.DIRECTOR)) is not None


def test_a_segment_about_a_hidden_field_lists_nobody_and_says_why(hidden_field: CustomField) -> None:
    segment = SegmentFactory(name="Donateurs", tree=tree(AMOUNT))
    reader = signed_in(Role.ORGANISER)
    assert "Généreuse" not in reader.get(f"/gestion/personnes/?segment={segment.pk}").content.decode()
    assert "Généreuse" in signed_in(Role.DIRECTOR).get(f"/gestion/personnes/?segment={segment.pk}").content.decode()
    page = reader.get(reverse("segments:segment", args=[segment.pk])).content.decode()
    assert "des champs que votre rôle ne voit pas" in page
    assert reader.get(f"{reverse('segments:hexagons', args=[5])}?segment={segment.pk}").status_code == 404


def test_what_a_field_holds_hides_it_as_the_fact_itself(hidden_field: CustomField) -> None:
    """A role that sees no telephone number asks nothing about a fax number either."""
    question = rules.read(tree(rule("custom_contains", field="fax_number", text="0299")))
    with pytest.raises(NotToBeAsked):
        selectors.count(question, staff(Role.COMMUNICATIONS))
    assert selectors.count(question, staff(Role.ORGANISER)) == 1


def test_the_editor_offers_only_the_fields_that_its_writer_reads(hidden_field: CustomField) -> None:
    for role, offered in ((Role.ORGANISER, {"village", "fax_number"}), (Role.COMMUNICATIONS, {"village"})):
        editor = Editor(signed_in(role)).press("choose:t.0:custom_filled")
        keys = {option["value"] for option in editor.page.select("select[name='t.0-field'] option")}
        assert keys - {""} == offered
