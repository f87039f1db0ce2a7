"""The screens of terms and of the end of a campaign: what is shown is what would happen, and nobody else sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from pytest_django import Settings

from portevoix.accounts.types import Role
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import tasks
from portevoix.rights.models import Closure, RetentionRule, RetentionRun
from portevoix.rights.models.retention import RunState
from tests.accounts.factories import UserFactory, signed_in
from tests.rights.retaining import NOW, bound, lapsed, regular, ungrounded

pytestmark = pytest.mark.django_db
HOME = "/gestion/conservation/"
END = f"{HOME}fin/"


@pytest.fixture(autouse=True)
def _one_night(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with clock.stopped_at(NOW):
        yield


def page(client: Client, path: str) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.content, "html.parser")


def words(client: Client, path: str) -> str:
    return " ".join(page(client, path).get_text(" ", strip=True).split())


def test_the_screen_says_what_the_night_would_do_and_does_none_of_it() -> None:
    lapsed()
    regular()
    told = words(signed_in(), HOME)
    assert "mettrait fin à 1 accords et effacerait 1 personnes" in told
    assert Person.objects.count() == 2


def test_every_rule_shows_its_article_and_everything_else_that_is_kept() -> None:
    told = words(signed_in(), HOME)
    for text in ("CNIL, délibération 2012-020", "25 mois", "avec la fiche de la personne", "Notes"):
        assert text in told


def test_a_term_is_set_with_a_reason_and_the_former_one_is_told() -> None:
    client = signed_in()
    answer = client.post(f"{HOME}regles/newsletter/", {"months": 24, "reason": "Décision du bureau de campagne."})
    assert answer.status_code == 302
    assert "Décision du bureau" in words(client, f"{HOME}regles/newsletter/")


@pytest.mark.parametrize(
    "said",
    [
        {"months": 61, "reason": "x" * 20},
        {"months": 3, "reason": ""},
        {"months": -1, "reason": "x" * 20},
        {"months": ""},
    ],
)
def test_a_term_beyond_the_law_or_without_a_reason_is_refused_with_words(said: dict[str, object]) -> None:
    answer = signed_in().post(f"{HOME}regles/newsletter/", said)
    assert answer.status_code == 200
    assert b"error-message" in answer.content
    assert not RetentionRule.objects.exists()


def test_what_people_type_is_shown_as_text() -> None:
    client = signed_in()
    client.post(f"{HOME}regles/newsletter/", {"months": 24, "reason": "<script>alert(1)</script> parce que"})
    assert not page(client, f"{HOME}regles/newsletter/").select("main script")


def test_an_unknown_rule_is_not_found() -> None:
    for path in ("regles/x/", "regles/regular/qui/"):
        assert signed_in().get(HOME + path).status_code == 404


def test_those_about_to_go_are_shown_as_far_as_the_reader_may_see_them() -> None:
    here = lapsed()
    assert str(here) in words(signed_in(), f"{HOME}regles/lapsed/qui/")
    officer = signed_in(Role.DATA_OFFICER)
    assert str(here) in words(officer, f"{HOME}regles/newsletter/qui/")


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.LOCAL_LEAD, Role.READER])
def test_nobody_else_opens_it(role: Role) -> None:
    departement = "35" if role is Role.LOCAL_LEAD else ""
    assert signed_in(role, departement).get(HOME).status_code in {302, 403}


def test_a_braked_night_is_told_on_the_first_page_and_confirmed_on_the_screen() -> None:
    for _one in range(12):
        ungrounded()
    client = signed_in()
    client.post(f"{HOME}nuit/")
    run = RetentionRun.objects.get()
    assert run.state == RunState.BRAKED
    assert "beaucoup de personnes d’un coup" in words(client, "/gestion/")
    shown = page(client, HOME).select_one(".retention-brake input[name=seen]")
    assert shown is not None
    assert shown["value"] == "12"
    ungrounded()
    client.post(f"{HOME}nuit/{run.pk}/confirmer/", {"seen": 12})
    assert RetentionRun.objects.get().state == RunState.BRAKED, "one more came since"
    client.post(f"{HOME}nuit/{run.pk}/confirmer/", {"seen": 13})
    tasks.retain(run.pk)
    assert not Person.objects.exists()


def test_a_braked_night_can_be_left_alone() -> None:
    for _one in range(12):
        ungrounded()
    client = signed_in()
    client.post(f"{HOME}nuit/")
    client.post(f"{HOME}nuit/{RetentionRun.objects.get().pk}/arreter/")
    assert RetentionRun.objects.get().state == RunState.STOPPED
    assert Person.objects.count() == 12


def test_two_persons_end_a_campaign_on_the_screen_and_print_its_record(settings: Settings) -> None:
    lapsed(), bound()
    director, officer = signed_in(Role.DIRECTOR), signed_in(Role.DATA_OFFICER)
    name = settings.INSTANCE.site.name
    told = words(director, END)
    assert "1 personne" in told
    assert "une association rend compte" in told
    assert director.post(END, {"scope": "prospects", "seen": 1, "name": "autre chose"}).status_code == 200
    assert not Closure.objects.exists()
    assert director.post(END, {"scope": "prospects", "seen": 1, "name": name}).status_code == 302
    closure = Closure.objects.get()
    assert "donnez votre accord" in words(officer, "/gestion/")
    assert "Vous êtes la seconde personne" in words(officer, END)
    director.post(f"{END}{closure.pk}/accord/", {"scope": "prospects", "seen": 1, "name": name})
    closure.refresh_from_db()
    assert closure.state == "proposed", "the first is not the second"
    officer.post(f"{END}{closure.pk}/accord/", {"scope": "prospects", "seen": 1, "name": name})
    tasks.close(closure.pk)
    told = words(officer, f"{END}{closure.pk}/attestation/")
    assert "Attestation de destruction" in told
    file = officer.get(f"{END}{closure.pk}/fichier/")
    closure.refresh_from_db()
    assert file.content == bytes(closure.record or b"")
    assert "attachment" in file["Content-Disposition"]


def test_a_decision_is_cancelled_by_either() -> None:
    lapsed()
    director, officer = signed_in(Role.DIRECTOR), signed_in(Role.DATA_OFFICER)
    director.post(END, {"scope": "everybody", "seen": 1, "name": "Portevoix"})
    closure = Closure.objects.get()
    officer.post(f"{END}{closure.pk}/annuler/")
    closure.refresh_from_db()
    assert closure.state == "cancelled"
    assert officer.post(f"{END}{closure.pk}/annuler/").status_code == 404


def test_more_people_than_were_seen_is_told_and_nothing_is_decided() -> None:
    lapsed()
    answer = signed_in().post(END, {"scope": "everybody", "seen": 0, "name": "Portevoix"})
    assert "Davantage de personnes" in answer.content.decode()
    assert not Closure.objects.exists()


def test_a_last_export_is_offered_first() -> None:
    assert "dernier export" in words(signed_in(), END)


def test_a_record_that_is_not_there_is_not_found() -> None:
    UserFactory()
    assert signed_in().get(f"{END}7/attestation/").status_code == 404
