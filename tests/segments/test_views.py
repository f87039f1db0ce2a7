"""The editor and the pages of segments, as a browser without JavaScript uses them, then as htmx does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portevoix.accounts.types import Role
from portevoix.people.models import Tag as Word
from portevoix.segments.models import Segment
from tests.accounts.factories import signed_in
from tests.people.factories import PersonFactory
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
LIST = "/gestion/segments/"
NEW = f"{LIST}nouveau/"


def sent_by(form: Tag) -> dict[str, Any]:
    """Return what a browser would send of a form, less its buttons."""
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    for select in form.select("select[name]"):
        option = select.select_one("option[selected]") or select.select_one("option")
        sent[select["name"]] = option.get("value", "") if option else ""
    return sent


class Editor:
    """A browser without JavaScript on the editor."""

    def __init__(self, client: Client, address: str = NEW) -> None:
        self.client, self.address, self.steps = client, address, list[str]()
        self._read(client.get(address))

    def _read(self, response: Any) -> None:
        assert response.status_code == 200, response
        self.page = BeautifulSoup(response.content, "html.parser")
        form = self.page.select_one("form.office-editor")
        assert form
        self.sent = sent_by(form)

    def press(self, act: str, **filled: str) -> Editor:
        """Fill controls in (``t__0_criterion`` for ``t.0-criterion``) and press a button that stays here."""
        response = self.client.post(self.address, {**self.sent, **named(filled), "act": act}, follow=True)
        self.steps = [*self.steps, *(address for address, _status in response.redirect_chain)]
        self._read(response)
        return self

    def back(self) -> Editor:
        """Press the browser's way back."""
        self.steps.pop()
        self._read(self.client.get(self.steps[-1] if self.steps else self.address))
        return self

    def save(self, **filled: str) -> Any:
        return self.client.post(self.address, {**self.sent, **named(filled), "act": "save"}, follow=True)

    @property
    def text(self) -> str:
        return self.page.get_text(" ", strip=True)

    def buttons(self) -> list[str]:
        return [str(button["value"]) for button in self.page.select("button[name=act]")]


def named(filled: dict[str, str]) -> dict[str, str]:
    return {
        (name if name == "name" else name.replace("__", ".").replace("_", "-", 1)): value
        for name, value in filled.items()
    }


def test_a_segment_is_written_by_submit_buttons_alone() -> None:
    word = Word.objects.create(name="bénévole")
    CommuneFactory()
    editor = Editor(signed_in(Role.ORGANISER))
    editor.press("choose", name="Bénévoles de Rennes", t__0_criterion="commune")
    editor.press("add-rule:t", t__0_commune="rennes")
    editor.press("choose", t__1_criterion="email")
    editor.press("add-group:t")
    editor.press("choose", t__2__0_criterion="tag", t__2_match="none")
    response = editor.save(t__2__0_tag=str(word.pk))
    segment = Segment.objects.get()
    assert response.redirect_chain[-1][0] == f"{LIST}{segment.pk}/"
    assert (segment.name, segment.tree) == (
        "Bénévoles de Rennes",
        tree(rule("commune", commune="35238"), rule("email"), tree(rule("tag", tag=word.pk), match="none")),
    )


def test_what_was_written_survives_every_button() -> None:
    CommuneFactory()
    editor = Editor(signed_in())
    editor.press("choose", name="Mon segment", t__0_criterion="near", t_match="any")
    editor.press("add-group:t", t__0_km="12", t__0_commune="Renn")
    assert editor.sent["name"] == "Mon segment"
    assert (editor.sent["t.0-km"], editor.sent["t.0-commune"], editor.sent["t-match"]) == ("12", "Renn", "any")


def test_conditions_and_groups_are_taken_away() -> None:
    editor = Editor(signed_in())
    editor.press("choose", t__0_criterion="email").press("add-group:t").press("add-rule:t")
    editor.press("choose", t__2_criterion="phone").press("remove:t.1").press("remove:t.0")
    assert [name for name in editor.sent if name.endswith("criterion")] == ["t.2-criterion"]
    editor.save(name="Téléphones")
    assert Segment.objects.get().tree == tree(rule("phone", kind=""))


@pytest.mark.parametrize("order", ["remove:t", "add-rule:t.9", "add-rule:t.0", "fly:t", "remove:", ":", "add-group"])
def test_an_order_that_means_nothing_changes_nothing(order: str) -> None:
    editor = Editor(signed_in()).press("choose", t__0_criterion="email")
    before = editor.sent
    assert editor.press(order).sent.keys() == before.keys()


def test_a_segment_opens_as_it_was_saved() -> None:
    CommuneFactory()
    stored = tree(
        rule("near", commune="35238", km=20),
        tree(rule("age", least=18, most=25), rule("known_since", day="2026-01-31"), match="any"),
        rule("interaction", kind="mailed", times=2, days=90),
    )
    segment = SegmentFactory(tree=stored)
    editor = Editor(signed_in(), f"{LIST}{segment.pk}/modifier/")
    assert editor.sent["t.0-commune"] == "Rennes (35)"
    editor.save()
    segment.refresh_from_db()
    assert segment.tree == stored


def test_unfinished_conditions_are_told_one_by_one_and_nothing_is_saved() -> None:
    editor = Editor(signed_in()).press("choose", t__0_criterion="near")
    response = editor.save(name="Faux", t__0_commune="Nulle-Part", t__0_km="0")
    text = BeautifulSoup(response.content, "html.parser").get_text(" ", strip=True)
    assert "1 condition n’est pas remplie" in text
    assert "Aucune commune ne s’appelle «\xa0Nulle-Part\xa0»" in text
    assert not Segment.objects.exists()


def test_errors_wait_until_one_saves() -> None:
    editor = Editor(signed_in()).press("choose", t__0_criterion="near").press("add-rule:t", t__0_km="0")
    assert editor.page.select(".office-rule .office-fault") == []
    assert "2 conditions restent à remplir" in editor.text


def test_two_blanks_that_contradict_each_other_are_told() -> None:
    editor = Editor(signed_in()).press("choose", t__0_criterion="age")
    response = editor.save(name="Âges", t__0_least="40", t__0_most="20")
    assert "Ces valeurs ne vont pas ensemble" in response.content.decode()


def test_an_empty_group_is_not_saved() -> None:
    editor = Editor(signed_in()).press("choose", t__0_criterion="email").press("add-group:t").press("remove:t.1.0")
    response = editor.save(name="Vide")
    assert "Ce groupe est vide" in response.content.decode()


def test_two_segments_do_not_share_a_name() -> None:
    SegmentFactory(name="Jeunes")
    editor = Editor(signed_in()).press("choose", t__0_criterion="email")
    assert "Un autre segment porte ce nom" in editor.save(name="Jeunes").content.decode()
    assert "Champ requis" in editor.save(name=" ").content.decode()
    assert Segment.objects.count() == 1


def test_everybody_is_a_segment() -> None:
    Editor(signed_in()).press("remove:t.0").save(name="Tout le monde")
    assert Segment.objects.get().tree == tree()


def test_htmx_takes_the_count_alone_while_one_writes() -> None:
    PersonFactory(reachable=True)
    PersonFactory(with_email=True)
    PersonFactory()
    client = signed_in()
    editor = Editor(client).press("choose", t__0_criterion="email")
    content = client.post(NEW, editor.sent, headers={"HX-Request": "true"}).content.decode()
    page = BeautifulSoup(content, "html.parser")
    assert [figure.get_text(strip=True) for figure in page.select("dd")] == ["2", "1"]
    assert "<html" not in content
    assert "fieldset" not in content


def test_htmx_takes_the_rules_and_the_count_when_a_button_is_pressed() -> None:
    client = signed_in()
    editor = Editor(client)
    response = client.post(NEW, {**editor.sent, "act": "add-rule:t"}, headers={"HX-Request": "true"})
    page = BeautifulSoup(response.content, "html.parser")
    assert page.select_one("#segment-rules")
    assert page.select_one("#segment-summary[hx-swap-oob]")
    assert [one["name"] for one in page.select("[autofocus]")] == ["t.1-search"]


def test_a_tree_posted_beyond_all_measure_is_refused_in_one_sentence() -> None:
    client = signed_in()
    deep = {"t" + ".0" * depth + "-match": "all" for depth in range(200)}
    response = client.post(NEW, {**deep, "name": "Fond", "act": "save"})
    assert response.status_code == 400
    assert "50 niveaux" in response.content.decode()
    wide = {f"t.{number}-criterion": "email" for number in range(500)}
    assert client.post(NEW, {**wide, "name": "Large", "act": "save"}).status_code == 400


def test_fifty_levels_are_shown_and_saved() -> None:
    part: dict[str, Any] = tree(rule("email"))
    for _level in range(48):
        part = tree(part)
    segment = SegmentFactory(tree=part)
    editor = Editor(signed_in(), f"{LIST}{segment.pk}/modifier/")
    editor.save()
    segment.refresh_from_db()
    assert segment.tree == part


def test_groups_are_offered_to_a_depth_that_people_understand() -> None:
    editor = Editor(signed_in())
    place = "t"
    for _level in range(4):
        editor.press(f"add-group:{place}")
        place = str(next(value for value in reversed(editor.buttons()) if value.startswith(f"remove:{place}.")))[7:]
        place = place.rpartition(".")[0] if place.count(".") > _level + 1 else place
    assert f"add-rule:{place}" in editor.buttons()
    assert f"add-group:{place}" not in editor.buttons()


@pytest.mark.parametrize("control", ["t.x-match", "t.0.-match", "T.0-match", "t.00000-match", "t..0-match", "-match"])
def test_controls_that_nobody_drew_are_left_aside(control: str) -> None:
    response = signed_in().post(NEW, {"t-match": "bogus", control: "any", "name": "Rien", "act": "save"}, follow=True)
    assert response.status_code == 200
    assert Segment.objects.get().tree == tree()


# pages


def test_a_segment_says_what_it_asks_and_how_many_it_finds_in_the_readers_territory() -> None:
    PersonFactory(in_rennes=True, reachable=True)
    PersonFactory(in_brest=True, reachable=True)
    segment = SegmentFactory(name="Joignables", tree=tree(rule("email")))
    for client, figures in ((signed_in(), ["2", "2"]), (signed_in(Role.LOCAL_LEAD, "35"), ["1", "1"])):
        page = BeautifulSoup(client.get(f"{LIST}{segment.pk}/").content, "html.parser")
        assert "ont une adresse e-mail utilisable" in page.get_text()
        assert [figure.get_text(strip=True) for figure in page.select("dd")] == figures


def test_the_list_says_by_which_ways_a_segment_reaches_and_why_not_the_others() -> None:
    PersonFactory(reachable=True)
    over = PersonFactory(reachable=True)
    over.grounds.update(withdrawn_at=over.created_at + timedelta(days=9000), withdrawal={"retention": "newsletter"})
    segment, client = SegmentFactory(tree=tree(rule("email"))), signed_in()
    page = BeautifulSoup(client.get(LIST).content, "html.parser")
    assert page.select_one(f"#reach-of-{segment.pk}"), "the count has where to say more"
    part = BeautifulSoup(client.get(f"{LIST}{segment.pk}/nombre/").content, "html.parser")
    told = part.select_one(f"#reach-of-{segment.pk}[hx-swap-oob] details")
    assert told
    rows = [" ".join(row.get_text(" ").split()) for row in told.select("li")]
    assert len(rows) >= 5
    assert rows[0].startswith("E-mail nouvelles de la campagne par e-mail")
    assert rows[0].endswith("1 1 avaient donné leur accord, arrivé à son terme"), rows


def test_the_list_costs_the_same_whatever_its_length() -> None:
    client = signed_in()
    words = [Word.objects.create(name=f"mot {number}") for number in range(8)]

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    SegmentFactory(tree=tree(rule("tag", tag=words[0].pk)))
    cost()
    few = cost()
    for word in words:
        SegmentFactory(tree=tree(rule("tag", tag=word.pk)))
    assert cost() == few


def test_a_segment_that_is_no_question_any_more_is_shown_and_may_be_rewritten() -> None:
    segment = SegmentFactory(tree=tree(rule("gone")))
    client = signed_in()
    for address in (LIST, f"{LIST}{segment.pk}/", f"{LIST}{segment.pk}/nombre/", f"{LIST}{segment.pk}/modifier/"):
        assert client.get(address).status_code == 200, address
    assert client.get(f"/gestion/personnes/?segment={segment.pk}").status_code == 200


def test_deleting_asks_first() -> None:
    segment = SegmentFactory(name="Ancien")
    client = signed_in(Role.COMMUNICATIONS)
    assert "Ancien" in client.get(f"{LIST}{segment.pk}/supprimer/").content.decode()
    assert Segment.objects.exists()
    client.post(f"{LIST}{segment.pk}/supprimer/")
    assert not Segment.objects.exists()


@pytest.mark.parametrize("role", [Role.READER, Role.LOCAL_LEAD])
def test_readers_read_and_do_not_write(role: Role) -> None:
    segment = SegmentFactory()
    client = signed_in(role, "35" if role == Role.LOCAL_LEAD else "")
    page = client.get(f"{LIST}{segment.pk}/")
    assert page.status_code == 200
    assert "modifier/" not in page.content.decode()
    for address in (NEW, f"{LIST}{segment.pk}/modifier/", f"{LIST}{segment.pk}/supprimer/"):
        assert client.get(address).status_code == 302, address
        assert client.post(address, {"act": "save", "name": "X"}).status_code == 302, address
    assert Segment.objects.get().name == segment.name


def test_a_name_is_never_markup() -> None:
    segment = SegmentFactory(name="<img src=x>", tree=tree(rule("name", text="<i>x</i>")))
    client = signed_in()
    for address in (LIST, f"{LIST}{segment.pk}/", f"{LIST}{segment.pk}/modifier/", f"{LIST}{segment.pk}/supprimer/"):
        content = client.get(address).content.decode()
        assert "<img src=x" not in content
        assert "<i>x" not in content


def test_a_snapshot_says_how_many_may_be_reached_today_and_why_not_the_others() -> None:
    reachable, other = PersonFactory(reachable=True), PersonFactory()
    segment, client = SegmentFactory(), signed_in()
    client.post(f"{LIST}{segment.pk}/figer/")
    page = BeautifulSoup(client.get(f"{LIST}{segment.pk}/").content, "html.parser")
    link = page.select_one(".office-snapshots .office-reach-of a")
    assert link
    address = str(link["href"])
    whole = BeautifulSoup(client.get(address).content, "html.parser").get_text(" ", strip=True)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "dont 1 joignables" in part
    for words in ("E-mail", "SMS", "n’ont jamais donné leur accord"):
        assert words in part, words
        assert words in whole, words
    other.delete()
    reachable.restricted_at = segment.updated_at
    reachable.save()
    assert "dont 0 joignables" in client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_of_a_snapshot_a_local_lead_counts_their_own_only() -> None:
    PersonFactory(in_rennes=True, reachable=True)
    PersonFactory(in_brest=True, reachable=True)
    segment = SegmentFactory()
    signed_in().post(f"{LIST}{segment.pk}/figer/")
    address = f"{LIST}photos/{segment.snapshots.get().pk}/portee/"
    assert (
        "dont 1 joignables"
        in signed_in(Role.LOCAL_LEAD, "35").get(address, headers={"HX-Request": "true"}).content.decode()
    )
