"""Two windows on one note, two people on one role: what was written meanwhile is shown, and nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest
from bs4 import BeautifulSoup

from portevoix.accounts.types import Role, System
from portevoix.people.exceptions import ChangedMeanwhile, OutOfSight
from portevoix.people.models import PersonRole
from portevoix.people.services import writing
from portevoix.people.types import Held, RoleKind
from tests.accounts.factories import signed_in, staff
from tests.people.factories import PersonFactory
from tests.people.test_record import HOSTILE, form_of, page_of, soup

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


@pytest.mark.parametrize("text", ["Rappelée deux fois", " "])
def test_a_note_that_says_something_else_by_now_is_not_written_over(text: str) -> None:
    person, author = PersonFactory(), staff(Role.ORGANISER)
    note = writing.write_note(person, "À rappeler", actor=author)
    stale = person.notes.get()
    writing.correct_note(note, "Rappelée", seen="À rappeler", actor=author)
    with pytest.raises(ChangedMeanwhile):
        writing.correct_note(stale, text, seen="À rappeler", actor=author)
    assert person.notes.get().text == "Rappelée"
    writing.correct_note(note, " ", seen="Rappelée", actor=author)
    with pytest.raises(OutOfSight):
        writing.correct_note(stale, text, seen="Rappelée", actor=author)
    assert not person.notes.exists(), "what is gone does not come back by an older screen"


def test_two_windows_on_one_note_are_shown_to_each_other() -> None:
    person, client = PersonFactory(), signed_in(Role.ORGANISER)
    client.post(f"{page_of(person)}notes/", {"text": "À rappeler"})
    address = f"{page_of(person)}notes/{person.notes.get().pk}/"
    first, second = form_of(client, address), form_of(client, address)
    client.post(address, first | {"text": HOSTILE})
    answer = client.post(address, second | {"text": "Autre chose"})
    page = BeautifulSoup(answer.content, "html.parser")
    assert person.notes.get().text == HOSTILE
    assert HOSTILE in page.get_text()
    assert page.select_one("textarea").get_text().strip() == "Autre chose"  # type: ignore[union-attr]
    again = page.select_one("input[name=seen]")["value"]  # type: ignore[index]
    assert client.post(address, {"text": "Autre chose", "seen": again}).status_code == 302
    assert person.notes.get().text == "Autre chose"
    client.post(address, {"text": "sans rien avoir vu"})
    assert person.notes.get().text == "Autre chose"


def test_a_role_that_somebody_corrected_meanwhile_is_not_taken_away() -> None:
    person, client = PersonFactory(), signed_in(Role.ORGANISER)
    role = writing.give_role(person, Held(RoleKind.MEMBER, since=date(2026, 1, 1)), actor=SYSTEM)
    seen = dict.fromkeys(("until", "dues_paid_on", "dues_until"))
    address = f"{page_of(person)}roles/"
    shown = soup(client, address).select_one(f"form[action$='/{role.pk}/retrait/'] input[name=seen]")["value"]  # type: ignore[index]
    writing.correct_role(role, {"dues_paid_on": date(2026, 2, 1)}, seen=seen, actor=SYSTEM)
    with pytest.raises(ChangedMeanwhile):
        writing.remove_role(role, seen=seen, actor=SYSTEM)
    for sent in ({"seen": shown}, {"seen": "forged"}, {}):
        client.post(f"{address}{role.pk}/retrait/", sent)
        assert person.roles.exists()
    page = soup(client, address)
    now = page.select_one(f"form[action$='/{role.pk}/retrait/'] input[name=seen]")["value"]  # type: ignore[index]
    client.post(f"{address}{role.pk}/retrait/", {"seen": now})
    assert not person.roles.exists()
    with pytest.raises(OutOfSight):
        writing.remove_role(PersonRole(pk=role.pk, person=person, kind=role.kind), seen=seen, actor=SYSTEM)
