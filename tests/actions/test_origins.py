"""Where participants come from: figures without anybody in them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from portevoix.accounts.types import Role, System, Visitor
from portevoix.actions import rules, services
from portevoix.actions.models import OriginMark, Participation, PetitionPage
from portevoix.actions.selectors.origins import conversion, recruiters, share
from portevoix.actions.types import Origin, Stage
from portevoix.audience import counter
from portevoix.audience.models import DailyCount
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from tests.accounts.factories import signed_in, staff
from tests.actions.factories import code_of, fill, participation, petition, sign_up_page

pytestmark = pytest.mark.django_db
CAMPAIGN = System("tests")


def marks() -> dict[str, int]:
    return {stage.value: OriginMark.objects.filter(stage=stage).count() for stage in Stage}


def test_a_form_leaves_a_mark_when_it_is_sent_and_one_when_it_is_confirmed() -> None:
    page = petition()
    participation(page, confirmed=False)
    assert marks() == {"sent": 1, "confirmed": 0}
    participation(page, email="b@mail.example")
    assert marks() == {"sent": 2, "confirmed": 1}


def test_signing_again_is_no_second_signature_in_the_figures() -> None:
    page = petition()
    participation(page)
    participation(page)  # the first is confirmed: this is no second click
    assert marks() == {"sent": 2, "confirmed": 1}


def test_a_mark_holds_nobody_no_hour_and_no_order() -> None:
    columns = {field.name for field in OriginMark._meta.concrete_fields}
    assert columns == {"id", "page", "day", "stage", "source", "medium", "campaign", "referrer", "is_recruited"}
    participation(petition())
    assert len({mark.pk.version for mark in OriginMark.objects.all()} & {4}) == 1


def test_the_figures_outlive_the_person() -> None:
    page = petition()
    taken = participation(page, origin=Origin(source="tract"))
    rights.forget(taken.person, actor=CAMPAIGN)
    assert not Person.objects.exists()
    found = conversion(page, 30)
    assert (found.sent, found.confirmed) == (1, 1)


def test_the_database_lets_nobody_change_a_mark() -> None:
    participation(petition())
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        OriginMark.objects.update(source="autre")


@pytest.mark.parametrize("said", ["maelle@mail.example", "06 39 98 12 34", "x" * 61, "<b>", "a\nb", "a=b&c"])
def test_a_word_of_a_link_that_could_name_somebody_is_not_kept(said: str) -> None:
    assert rules.origin_word(said) == ""
    taken = participation(petition(), origin=Origin(source=said))
    assert taken.source == ""


@pytest.mark.parametrize("said", ["tract", "Marché", "infolettre-mars 2027", "a.b_c+d"])
def test_an_ordinary_word_of_a_link_is_kept(said: str) -> None:
    assert rules.origin_word(said) == said.lower()


def test_visits_and_forms_of_one_origin_stand_side_by_side() -> None:
    page = petition()
    today = clock.today()
    for origin, visits in (("forum.example", 20), ("social", 40), ("", 40)):
        DailyCount.objects.create(day=today, path="/ligne-7/", origin=origin, views=visits, visits=visits)
    DailyCount.objects.create(day=today, path="/autre/", origin="", views=9, visits=9)
    participation(page, origin=Origin(referrer="forum.example"))
    participation(page, email="b@mail.example", origin=Origin(referrer="www.facebook.com", source="facebook"))
    found = conversion(page, 30)
    assert (found.visits, found.sent, found.confirmed, found.rate) == (100, 2, 2, "2,0 %")
    lines = {line.name: (line.visits, line.confirmed, line.rate) for line in found.sites}
    assert lines["forum.example"] == (20, 1, "5,0 %")
    assert lines["réseaux sociaux"] == (40, 1, "2,5 %")
    assert [(line.name, line.confirmed) for line in found.links] == [("facebook", 1)]


def test_who_came_by_a_participants_link_is_counted_apart() -> None:
    page = petition()
    recruiter = participation(page)
    participation(page, email="b@mail.example", origin=Origin(recruiter=code_of(recruiter)))
    assert (conversion(page, 7).recruited.sent, conversion(page, 7).recruited.confirmed) == (1, 1)


def test_visits_and_forms_of_one_link_stand_side_by_side() -> None:
    page, today = petition(), clock.today()
    recruiter = participation(page)
    counted = (("tract", "qr", False, 20), ("tract", "", True, 5), ("", "", True, 15), ("affiche", "", False, 8))
    for word, medium, is_own, visits in counted:
        said = {"source": word, "medium": medium, "is_by_personal_link": is_own}
        DailyCount.objects.create(day=today, path="/ligne-7/", **said, views=visits, visits=visits)
    for number, medium in enumerate(("qr", "papier")):
        participation(page, email=f"{number}@mail.example", origin=Origin(source="Tract", medium=medium))
    participation(page, email="c@mail.example", origin=Origin(recruiter=code_of(recruiter)))
    found = conversion(page, 7)
    lines = {line.name: (line.visits, line.sent, line.confirmed, line.rate) for line in found.sources}
    assert lines == {"tract": (25, 2, 2, "8,0 %"), "affiche": (8, 0, 0, "0,0 %")}
    assert (found.recruited.visits, found.recruited.rate) == (20, "5,0 %")
    assert [(line.name, line.visits, line.confirmed, line.rate) for line in found.links] == [
        ("tract · qr", 20, 1, "5,0 %"),
        ("tract · papier", 0, 1, "–"),
        ("affiche", 8, 0, "0,0 %"),
        ("tract", 5, 0, "0,0 %"),
    ]


def brought(page: PetitionPage, by: Participation, number: int, *, confirmed: bool = True) -> None:
    for one in range(number):
        email = f"{by.pk}-{one}-{int(confirmed)}@mail.example"
        participation(page, email=email, origin=Origin(recruiter=code_of(by)), confirmed=confirmed)


def test_what_came_by_each_participants_link_is_told_from_three_on() -> None:
    page, reader = petition(), staff()
    often, seldom, once = (
        participation(page, f"{name.lower()}@mail.example", first_name=name, last_name="Roc")
        for name in ("Anne", "Luc", "Jean")
    )
    brought(page, often, 3)
    brought(page, often, 1, confirmed=False)
    brought(page, seldom, 2)
    lines = [(line.name, line.sent, line.confirmed, line.rate) for line in recruiters(page, 7, reader)]
    assert lines == [("Anne Roc", 4, 3, "75,0 %")]
    brought(page, once, 1)
    lines = [(line.name, line.sent, line.confirmed, line.rate) for line in recruiters(page, 7, reader)]
    assert lines == [("Anne Roc", 4, 3, "75,0 %"), ("d’autres, moins de trois chacun", 3, 3, "100,0 %")]


def test_whose_link_it_was_is_told_to_nobody_who_may_not_see_them_nor_once_they_took_their_part_back() -> None:
    page = petition()
    by = participation(page, "anne@mail.example", first_name="Anne", last_name="Roc")
    brought(page, by, 3)
    stranger = staff(Role.ORGANISER, "29")
    (line,) = recruiters(page, 7, stranger)
    assert (line.name, line.person, line.confirmed) == ("une personne que vous ne pouvez pas voir", None, 3)
    services.retract(by, actor=Visitor())
    (line,) = recruiters(page, 7, staff())
    assert (line.name, line.person) == ("d’autres, moins de trois chacun", None)


def test_the_screen_names_whose_link_it_was_and_the_file_names_nobody() -> None:
    page = petition()
    brought(page, participation(page, "anne@mail.example", first_name="Anne", last_name="Roc"), 3)
    client = signed_in(Role.DIRECTOR)
    shown = BeautifulSoup(client.get(f"/gestion/actions/{page.pk}/origines/").content, "html.parser")
    row = shown.select_one("[aria-labelledby=recruiters-title] tbody tr")
    assert row is not None
    assert row.get_text(" ", strip=True).startswith("Anne Roc 3 3")
    assert row.select_one("rect")["width"] == "100"  # type: ignore[index]
    assert "Roc" not in client.get(f"/gestion/actions/{page.pk}/origines/fichier/").content.decode()


def test_a_form_begun_on_an_allys_site_is_a_visit_by_its_link(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COUNT_VISITS = True
    monkeypatch.setattr(counter, "_start_writer", lambda: None)
    page, client = petition(), Client()
    told = {"HTTP_USER_AGENT": "Firefox", "HTTP_REFERER": "https://allie.example/agir"}
    client.post(f"/agir/{page.pk}/?utm_source=integration&utm_medium=site", {"email": "a@mail.example"}, **told)
    client.post(page.url, {"email": "a@mail.example"}, **told)  # our own page, sent: no visit
    counter.flush()
    (line,) = conversion(page, 7).links
    assert (line.name, line.visits) == ("integration · site", 1)
    assert [(row.origin, row.visits) for row in DailyCount.objects.all()] == [("allie.example", 1)]


def test_the_days_before_are_left_out() -> None:
    page = petition()
    participation(page)
    OriginMark.objects.all().delete()
    OriginMark.objects.create(page_id=page.pk, day=clock.today().replace(year=2020), stage=Stage.SENT)
    assert conversion(page, 365).sent == 0


def test_a_share_of_nothing_is_a_dash() -> None:
    assert share(3, 0) == "–"
    assert share(3, 2) == "–", "whoever refuses to be counted signs all the same"
    with translation.override("fr"):
        assert share(1, 3) == "33,3 %"
    with translation.override("en"):
        assert share(1, 3) == "33.3 %"


def test_the_browser_says_which_site_led_here_and_an_error_does_not_lose_it() -> None:
    page = petition()
    faulty = fill(Client(), page, first_name="", last_name="B", **{"from": "https://forum.example/t/12"})
    assert faulty.status_code == 422
    assert b'value="https://forum.example/"' in faulty.content


def test_the_screen_shows_the_figures_and_the_file_holds_the_same() -> None:
    page = petition()
    participation(page, origin=Origin(source="tract", referrer="forum.example"))
    client = signed_in(Role.COMMUNICATIONS)
    shown = client.get(f"/gestion/actions/{page.pk}/origines/?jours=7").content.decode()
    assert "tract" in shown
    assert "forum.example" in shown
    file = client.get(f"/gestion/actions/{page.pk}/origines/fichier/?jours=7")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert ["lien", "tract", "confirmés", "1"] in rows
    assert ["mot du lien", "tract", "confirmés", "1"] in rows
    assert Entry.objects.filter(command="disclosure.export_totals").count() == 1


def test_the_page_of_an_action_leads_to_its_figures_its_links_and_its_addressee() -> None:
    page = petition()
    shown = signed_in(Role.DIRECTOR).get(f"/gestion/actions/{page.pk}/").content.decode()
    for end in ("origines", "partage", "remise"):
        assert f"/gestion/actions/{page.pk}/{end}/" in shown
    other = sign_up_page()
    assert "/remise/" not in signed_in(Role.DIRECTOR).get(f"/gestion/actions/{other.pk}/").content.decode()
