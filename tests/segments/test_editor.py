"""Choosing among many conditions, going back, and what a segment's page tells."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from portevoix.accounts.types import Role, System
from portevoix.segments import services
from portevoix.segments.forms import choices
from portevoix.segments.models import Segment, Snapshot
from portevoix.segments.types import CRITERIA
from tests.accounts.factories import signed_in
from tests.mailings.factories import MailingFactory
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.segments.test_views import LIST, NEW, Editor

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def offered(editor: Editor) -> list[str]:
    return [value.rpartition(":")[2] for value in editor.buttons() if value.startswith("choose:")]


def test_all_conditions_are_offered_by_family_without_javascript() -> None:
    editor = Editor(signed_in())
    assert sorted(offered(editor)) == sorted(key for key, _kind in CRITERIA.items())
    families = [one["aria-label"] for one in editor.page.select(".office-picker__family")]
    assert len(families) == len(set(families)) >= 6


def test_a_word_narrows_the_choice_accents_and_case_apart() -> None:
    editor = Editor(signed_in()).press("search", t__0_search="ETIQ")
    assert sorted(offered(editor)) == ["tag", "tagged"]
    assert editor.sent["t.0-search"] == "ETIQ"
    editor.press("search", t__0_search="lieu département")  # the family counts
    assert offered(editor) == ["departement"]
    editor.press("search", t__0_search="zzz")
    assert offered(editor) == []
    assert "essayez un autre mot" in editor.text


def test_the_key_enter_searches_chooses_or_saves_as_one_means() -> None:
    editor = Editor(signed_in())
    editor.press("enter", t__0_search="e-mail")
    assert len(offered(editor)) > 1
    editor.press("enter", t__0_search="âge")  # also in « message », but this is its name
    assert editor.sent["t.0-criterion"] == "age"
    editor.client.post(NEW, {**editor.sent, "name": "Jeunes", "act": "enter"})
    assert Segment.objects.get().name == "Jeunes"


def test_of_two_who_edit_one_segment_the_second_is_told_and_decides() -> None:
    segment = SegmentFactory(tree=tree(rule("age", least=18, most=25)))
    address = reverse("segments:edit", args=[segment.pk])
    first, second = Editor(signed_in(), address), Editor(signed_in(), address)
    first.client.post(address, {**first.sent, "name": "Le premier", "act": "save"})
    second.press("save", name="Le second")
    assert "entre-temps" in second.text
    assert Segment.objects.get().name == "Le premier"
    second.save(name="Le second")
    assert Segment.objects.get().name == "Le second"


def test_a_condition_that_was_just_chosen_is_filled_in_and_counted() -> None:
    editor = Editor(signed_in()).press("choose:t.0:interaction")
    assert (editor.sent["t.0-times"], editor.sent["t.0-days"], editor.sent["t.0-kind"]) == ("1", "90", "imported")
    assert "à remplir" not in editor.text
    editor.press("change:t.0")
    assert len(offered(editor)) == len(CRITERIA)


def test_blanks_are_not_called_wrong_before_one_saves() -> None:
    editor = Editor(signed_in()).press("choose:t.0:near").press("add-rule:t")
    assert editor.page.select("[aria-invalid=true]") == []
    response = editor.save(name="Faux")
    page = BeautifulSoup(response.content, "html.parser")
    wrong = page.select_one("input[name='t.0-commune']")
    assert wrong
    assert wrong["aria-invalid"] == "true"
    assert page.find(id=str(wrong["aria-describedby"]).split()[0])


def test_the_browsers_way_back_undoes_each_act() -> None:
    editor = Editor(signed_in())
    editor.press("choose:t.0:near", name="Autour").press("add-rule:t", t__0_km="33").press("remove:t.0")
    assert "t.0-km" not in editor.sent
    editor.back()
    assert (editor.sent["t.0-km"], editor.sent["t.1-criterion"], editor.sent["name"]) == ("33", "", "Autour")
    editor.back()
    assert "t.1-criterion" not in editor.sent
    editor.back()
    assert editor.sent["t.0-criterion"] == ""


def test_a_step_that_is_forgotten_or_of_somebody_else_opens_the_editor_as_it_is() -> None:
    mine = Editor(signed_in()).press("choose:t.0:near")
    for client in (mine.client, signed_in()):
        page = client.get(f"{NEW}?etape=99")
        assert page.status_code == 200
    assert "t.0-km" not in Editor(signed_in(), mine.steps[-1]).sent


def test_saving_forgets_the_steps() -> None:
    editor = Editor(signed_in()).press("choose:t.0:email")
    editor.save(name="Joignables")
    assert "segment_steps" not in editor.client.session


def test_only_the_last_steps_are_kept() -> None:
    editor = Editor(signed_in())
    for _time in range(17):
        editor.press("add-rule:t").press("remove:t.1")
    assert len(editor.client.session["segment_steps"]) == 30


def test_htmx_is_given_the_address_of_the_step() -> None:
    editor = Editor(signed_in())
    htmx = {"HX-Request": "true"}
    response = editor.client.post(NEW, {**editor.sent, "act": "choose:t.0:age"}, headers=htmx)
    address = response["HX-Push-Url"]
    assert Editor(editor.client, address).sent["t.0-criterion"] == "age"
    searching = editor.client.post(NEW, {**editor.sent, "act": "search", "t.0-search": "x"}, headers=htmx)
    assert "HX-Push-Url" not in searching


def test_nothing_that_was_written_is_in_an_address() -> None:
    editor = Editor(signed_in()).press("choose:t.0:name").press("add-rule:t", t__0_text="Quéméneur")
    assert all("Qu" not in address for address in editor.steps)


def test_a_word_finds_the_families_too() -> None:
    assert {label for label, _kinds in choices("consent")} >= {"Consentement"}


# the page of a segment


def page_of(segment: Segment, role: Role = Role.DIRECTOR) -> BeautifulSoup:
    return BeautifulSoup(signed_in(role).get(f"{LIST}{segment.pk}/").content, "html.parser")


def test_the_page_tells_each_channel_and_why_not() -> None:
    PersonFactory(reachable=True)
    PersonFactory()
    page = page_of(SegmentFactory())
    rows = [row.get_text(" ", strip=True) for row in page.select(".office-reach tbody tr")]
    assert len(rows) >= 4
    assert rows[0].startswith("E-mail nouvelles de la campagne par e-mail 1 1 n’ont jamais donné leur accord")
    assert page.select_one(".office-bar rect:not(.office-bar__all)")["width"] == "50.00"  # type: ignore[index]


def test_the_page_shows_some_people_of_ones_own_territory() -> None:
    PersonFactory(in_rennes=True, last_name="Trouvable")
    PersonFactory(in_brest=True, last_name="Introuvable")
    content = signed_in(Role.LOCAL_LEAD, "35").get(f"{LIST}{SegmentFactory().pk}/").content.decode()
    assert "Trouvable" in content
    assert "Introuvable" not in content


def test_the_page_tells_where_a_segment_is_used() -> None:
    segment = SegmentFactory(name="Base")
    services.save(name="Au-dessus", tree=tree(rule("segment", segment=segment.pk)), actor=SYSTEM)
    MailingFactory(title="Lettre de mai", segment=segment)
    text = page_of(segment).get_text(" ", strip=True)
    assert "Segment Au-dessus" in text
    assert "Message Lettre de mai" in text


def test_what_others_ask_about_says_so_instead_of_being_deleted() -> None:
    segment = SegmentFactory()
    services.save(name="Au-dessus", tree=tree(rule("segment", segment=segment.pk)), actor=SYSTEM)
    client = signed_in()
    response = client.post(f"{LIST}{segment.pk}/supprimer/", follow=True)
    assert "Au-dessus" in response.content.decode()
    assert Segment.objects.filter(pk=segment.pk).exists()


def test_a_segment_is_duplicated_without_touching_the_first() -> None:
    segment = SegmentFactory(name="Premier", tree=tree(rule("age", least=20, most=30)))
    editor = Editor(signed_in(), f"{NEW}?copie={segment.pk}")
    assert editor.sent["name"] == "Copie de Premier"
    editor.save()
    assert sorted(Segment.objects.values_list("name", flat=True)) == ["Copie de Premier", "Premier"]
    for number in ("x", "0", "9" * 30):
        assert signed_in().get(f"{NEW}?copie={number}").status_code == 200


def test_freezing_and_forgetting_from_the_page() -> None:
    member, client = PersonFactory(in_rennes=True, last_name="Membre"), signed_in()
    segment = SegmentFactory(name="Rennes", tree=tree(rule("commune", commune="35238")))
    response = client.post(reverse("segments:freeze", args=[segment.pk]), follow=True)
    assert "1 personne" in response.content.decode()
    snapshot = Snapshot.objects.get()
    member.commune = None
    member.save()
    PersonFactory(last_name="Nouvelle", in_rennes=True)
    listed = client.get(f"/gestion/personnes/?snapshot={snapshot.pk}").content.decode()
    assert "Membre" in listed
    assert "Nouvelle" not in listed
    client.post(reverse("segments:delete_snapshot", args=[snapshot.pk]))
    assert not Snapshot.objects.exists()


def test_a_question_that_means_nothing_is_not_frozen() -> None:
    segment = SegmentFactory(tree=tree(rule("gone")))
    response = signed_in().post(reverse("segments:freeze", args=[segment.pk]), follow=True)
    assert "gone" in response.content.decode()
    assert not Snapshot.objects.exists()


def test_readers_freeze_nothing() -> None:
    segment = SegmentFactory()
    snapshot = services.freeze(segment, actor=SYSTEM)
    client = signed_in(Role.READER)
    client.post(reverse("segments:freeze", args=[segment.pk]))
    client.post(reverse("segments:delete_snapshot", args=[snapshot.pk]))
    assert Snapshot.objects.count() == 1


def test_a_tree_of_200_levels_stored_by_sql_breaks_no_page() -> None:
    deep = tree()
    for _level in range(200):
        deep = tree(deep)
    segment = SegmentFactory(name="Fond", tree=deep)
    client = signed_in()
    for address in (LIST, f"{LIST}{segment.pk}/", f"{LIST}{segment.pk}/nombre/", f"{LIST}{segment.pk}/modifier/"):
        response = client.get(address)
        assert response.status_code == 200, address
    assert "50 niveaux" in client.get(f"{LIST}{segment.pk}/").content.decode()
    assert client.get(f"/gestion/personnes/?segment={segment.pk}").status_code == 200
    assert client.get(f"{LIST}carte/?segment={segment.pk}").status_code == 404


def test_a_circle_made_by_sql_breaks_no_page() -> None:
    one = SegmentFactory(name="Un")
    two = SegmentFactory(name="Deux", tree=tree(rule("segment", segment=one.pk)))
    Segment.objects.filter(pk=one.pk).update(tree=tree(rule("segment", segment=two.pk)))
    client = signed_in()
    for path in ("", "nombre/", "modifier/"):
        assert client.get(f"{LIST}{one.pk}/{path}").status_code == 200
    assert client.get(f"/gestion/personnes/?segment={one.pk}").status_code == 200
    assert client.get(f"{LIST}carte/?segment={one.pk}").status_code == 404
