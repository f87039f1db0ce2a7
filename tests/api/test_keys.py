"""Keys: made once, kept as a digest, good for some acts until a day, dead with the rights of whoever made them."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portevoix.accounts.commands import every
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.services import mandates
from portevoix.accounts.types import Role, Staff, System
from portevoix.api import rules
from portevoix.api.exceptions import NotToBeMade
from portevoix.api.models import Key
from portevoix.api.services.keys import end_key, make_key
from portevoix.api.types import SCOPES, End
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from tests.accounts.factories import MandateFactory, UserFactory, signed_in, staff
from tests.api.factories import ROOT, Program, program
from tests.people.factories import PersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = System("tests")


def code(answer: object) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]  # type: ignore[attr-defined]


def test_every_scope_is_the_name_of_an_act() -> None:
    assert set(SCOPES) <= set(every())


def test_a_key_says_what_it_may_do_and_as_whom() -> None:
    told = program(Role.LOCAL_LEAD, "35", ["people.tag"]).get("key")
    assert (told["name"], told["scopes"], told["roles"], told["departements"]) == (
        "Site",
        ["people.tag"],
        ["local_lead"],
        ["35"],
    )


def test_the_day_of_the_last_use_is_kept_and_no_more() -> None:
    held = program()
    assert held.key.used_on is None
    held.get("key")
    held.key.refresh_from_db()
    assert held.key.used_on == clock.today()


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nothing", "Basic {token}", "Token {token}", "{token}"])
def test_nothing_but_a_good_key_behind_the_word_bearer_opens(header: str) -> None:
    held = program()
    answer = held.ask("GET", "key", Authorization=header.format(token=held.token))
    assert code(answer) == (401, "no-key")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_in_the_address_or_in_a_cookie_opens_nothing() -> None:
    held = program()
    client = Client()
    client.cookies["Authorization"] = client.cookies["token"] = held.token
    assert client.get(f"{ROOT}key?token={held.token}&Authorization=Bearer {held.token}").status_code == 401


def test_a_session_of_a_director_opens_nothing_and_no_cookie_is_set() -> None:
    answer = signed_in(Role.DIRECTOR).get(f"{ROOT}key")
    assert answer.status_code == 401
    assert not answer.cookies


def test_an_expired_key_says_so() -> None:
    held = program()
    with clock.stopped_at(held.key.expires_at):
        assert code(held.ask("GET", "key")) == (401, "key-expired")
    with clock.stopped_at(held.key.expires_at - timedelta(seconds=1)):
        held.get("key")


def test_a_key_that_was_ended_opens_nothing_from_that_moment() -> None:
    held = program()
    end_key(held.key, actor=Staff(held.user))
    assert code(held.ask("GET", "key")) == (401, "key-ended")
    held.key.refresh_from_db()
    assert (held.key.end, held.key.ended_by) == (End.BY_HAND, held.user.username)


def test_an_act_that_the_key_was_not_made_for_is_refused_and_the_refusal_written_down() -> None:
    held, person = program(scopes=["people.tag"]), PersonFactory()
    answer = held.ask("PATCH", f"people/{person.pk}", {"version": "x", "first_name": "Autre"})
    assert code(answer) == (403, "scope-missing")
    line = Entry.objects.get(command="people.edit")
    assert (line.outcome, line.actor_label) == ("refused", f"{held.user.username} (API: Site)")


def test_the_act_itself_refuses_a_program_without_its_scope() -> None:
    """The door is not the only lock: an address that forgot to ask would be refused by the act."""
    from portevoix.people import services

    actor = Staff(UserFactory()).by_key("Site", ["people.edit"])
    with pytest.raises(NotAllowed):
        services.tag(PersonFactory(), ["Bénévole"], actor=actor)
    with pytest.raises(NotAllowed):
        make_key(name="Autre", purpose="rester", scopes=["people.tag"], days=7, actor=actor)


def test_nobody_makes_a_key_for_what_they_may_not_do() -> None:
    with pytest.raises(NotToBeMade, match="serve_people"):
        make_key(name="x", purpose="y", scopes=["disclosure.serve_people"], days=7, actor=staff(Role.LOCAL_LEAD, "35"))
    with pytest.raises(NotToBeMade, match="invite"):
        make_key(name="x", purpose="y", scopes=["accounts.invite"], days=7, actor=staff())


@pytest.mark.parametrize(
    "wrong", [{"days": 366}, {"days": 0}, {"purpose": "  "}, {"scopes": []}, {"name": " "}], ids=str
)
def test_a_key_has_a_term_a_reason_and_something_to_do(wrong: dict[str, object]) -> None:
    said = {"name": "x", "purpose": "y", "scopes": ["people.tag"], "days": 7, **wrong}
    with pytest.raises(NotToBeMade):
        make_key(**said, actor=staff())  # type: ignore[arg-type]


def test_the_database_refuses_a_key_of_more_than_a_year() -> None:
    held = program()
    with pytest.raises(IntegrityError, match="api_key_has_a_term"), transaction.atomic():
        Key.objects.filter(pk=held.key.pk).update(expires_at=held.key.created_at + timedelta(days=366))


def test_two_keys_of_one_person_have_two_names_until_the_first_is_over() -> None:
    held = program()
    again = {"name": "Site", "purpose": "y", "scopes": ["people.tag"], "days": 7, "actor": Staff(held.user)}
    with pytest.raises(NotToBeMade):
        make_key(**again)  # type: ignore[arg-type]
    with clock.stopped_at(held.key.expires_at):
        make_key(**again)  # type: ignore[arg-type]
    assert Key.objects.filter(ended_at=None).count() == 1


def test_a_key_dies_with_a_mandate_and_stays_dead_when_it_is_given_again() -> None:
    UserFactory()
    user = UserFactory(role=Role.ORGANISER)
    held = program(user=user)
    mandates.end_mandate(user.mandates.get(), actor=SYSTEM)
    assert code(held.ask("GET", "key")) == (401, "key-ended")
    mandates.give_mandate(user, Role.ORGANISER, "", actor=SYSTEM)
    assert code(held.ask("GET", "key")) == (401, "key-ended")
    held.key.refresh_from_db()
    assert held.key.end == End.MANDATE


def test_a_key_dies_with_the_account_and_stays_dead_when_it_is_opened_again() -> None:
    UserFactory()
    user = UserFactory(role=Role.ORGANISER)
    held = program(user=user)
    mandates.dismiss(user, actor=SYSTEM)
    assert code(held.ask("GET", "key")) == (401, "key-ended")
    mandates.reopen(user, actor=SYSTEM)
    assert code(held.ask("GET", "key")) == (401, "key-ended")


def test_a_key_dies_when_somebody_who_lost_their_second_factor_is_let_in_anew() -> None:
    user = UserFactory(role=Role.ORGANISER)
    held = program(user=user)
    user.set_password("a long enough phrase")
    user.save()
    held.get("key")  # a password that they change themselves ends nothing
    mandates.let_in_again(user, actor=SYSTEM)
    assert code(held.ask("GET", "key")) == (401, "key-ended")


def test_raw_sql_that_ends_a_mandate_ends_the_keys_too() -> None:
    user = UserFactory(role=Role.ORGANISER)
    held = program(user=user)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_mandate WHERE user_id = %s", [user.pk])
    assert code(held.ask("GET", "key")) == (401, "key-ended")


def test_a_mandate_given_later_opens_no_act_that_the_key_was_not_made_for() -> None:
    user = UserFactory(role=Role.READER)
    held = program(user=user)
    MandateFactory(user=user, role=Role.DIRECTOR)
    assert code(held.ask("GET", "people")) == (403, "scope-missing")


def test_a_key_that_asks_too_often_waits_for_the_next_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "USES_A_MINUTE", 3)
    held, moment = program(), clock.now().replace(second=20)
    with clock.stopped_at(moment):
        answers = [held.ask("GET", "key") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[-1]["Retry-After"] == "40"
        assert program(user=UserFactory()).ask("GET", "key").status_code == 200  # another key has its own count
    with clock.stopped_at(moment + timedelta(minutes=1)):
        held.get("key")


def test_the_secret_is_in_no_table_no_log_and_no_journal(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = signed_in()
    page = client.post(
        "/gestion/cles/nouvelle/",
        {"name": "Site", "purpose": "tenir le site", "scopes": ["people.tag", "disclosure.serve_person"], "days": "90"},
    ).content.decode()
    token = re.findall(rf"{rules.PREFIX}[\w-]{{43}}", page)[0]
    held = Program(Key.objects.get(), token)
    held.get("key")
    held.ask("GET", "people/0")
    held.ask("GET", "key", Authorization=f"Basic {token}")
    secret = token.removeprefix(rules.PREFIX)
    assert secret not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" AS kept WHERE kept::text LIKE %s', [f"%{secret}%"])
            assert cursor.fetchone() == (0,), table
    assert len(tables) > 100
    assert token not in client.get("/gestion/cles/").content.decode()


def test_the_journal_says_who_made_and_who_ended_a_key() -> None:
    held = program()
    end_key(held.key, actor=SYSTEM)
    lines = {line.command: line for line in Entry.objects.filter(command__startswith="api.")}
    assert set(lines) == {"api.make_key", "api.end_key"}
    assert lines["api.make_key"].about_id == str(held.key.pk)


def test_dead_keys_do_not_keep_an_account_from_being_removed() -> None:
    held = program(Role.ORGANISER)
    UserFactory()
    held.user.delete()
    assert not Key.objects.exists()
    call_command("check")
