"""Keys stand in the registers by themselves: what leaves by each, for whom, until when; whoever answers sees it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from portevoix.accounts.types import Role, Staff
from portevoix.api.models import Key
from portevoix.api.selectors import programs
from portevoix.api.services.keys import end_key
from portevoix.api.types import GIVES, SCOPES
from portevoix.kernel import clock
from portevoix.registers.selectors.overview import overview
from portevoix.registers.selectors.programs import programs_section
from portevoix.registers.selectors.reach import reach
from portevoix.registers.selectors.record import record
from portevoix.registers.services.editions import keep_edition
from tests.accounts.factories import signed_in, staff
from tests.api.factories import program
from tests.registers.test_record import text

pytestmark = pytest.mark.django_db
TITLE = "Programmes qui entrent par des clés"


def test_every_act_that_tells_of_people_is_named_as_a_way_out() -> None:
    """An act that answers by more than what a program itself sent, or how many, stands here or among the others."""
    told_nothing = {"intake.enter", "people.edit", "people.edit_contacts", "rights.record_opinion", "api.count_segment"}
    assert set(GIVES) == set(SCOPES) - told_nothing


def test_a_key_is_told_with_what_leaves_by_it_who_made_it_until_when_and_its_last_use() -> None:
    held = program(Role.ORGANISER, "35", ["disclosure.serve_people", "people.edit"])
    (one,) = programs()
    assert (one.name, one.purpose, one.holder) == ("Site", "tenir le site à jour", held.user.username)
    assert (one.gives, one.used_on) == ("tout le fichier", None)
    assert one.sight.endswith("35")
    assert one.until == (clock.today() + timedelta(days=90))
    held.get("key")
    assert programs()[0].used_on == clock.today()


def test_what_leaves_twice_is_said_once() -> None:
    program(scopes=["disclosure.serve_consents", "rights.give", "rights.withdraw", "people.tag"])
    assert programs()[0].gives == "consentements, étiquettes"


def test_what_is_hidden_from_whoever_made_the_key_is_said_not_to_leave() -> None:
    program(Role.TREASURER, scopes=["disclosure.serve_person"])
    assert "sans " in programs()[0].gives
    assert "téléphone" in programs()[0].gives


def test_who_can_reach_the_data_names_each_program_and_whose_it_is() -> None:
    assert "aucun programme" in text(reach(), TITLE)
    held = program(scopes=["disclosure.serve_person", "disclosure.serve_opinion"])
    told = text(reach(), TITLE)
    for said in ("Site", "des fiches, une à une, opinions politiques", "toute la France", held.user.username, "jamais"):
        assert said in told
    assert "Jamais servie" in told
    held.get("key")
    assert "Jamais servie" not in text(reach(), TITLE)


def test_a_program_that_is_given_nothing_comes_last_and_is_no_way_out() -> None:
    user = program(scopes=["people.edit"]).user
    Key.objects.update(name="A")
    program(user=user, scopes=["disclosure.serve_people"])
    rows = [row for block in programs_section().blocks if block.kind == "table" for row in block.rows]
    assert [row[0] for row in rows] == ["Site", "A"]
    assert rows[1][1].startswith("aucune")
    assert "A" not in [row[0] for section in record().sections if section.title == TITLE
                       for block in section.blocks if block.kind == "table" for row in block.rows]  # fmt: skip
    (register,) = [one for one in overview() if "programmes" in one.about]
    assert register.state == "Des données sortent par la clé de 1 programme."


def test_the_record_has_a_new_version_when_a_way_out_opens_or_closes_and_names_nobody() -> None:
    keep_edition(actor=staff())
    held = program(scopes=["disclosure.serve_people"])
    told = text(record(), TITLE)
    assert "Site : tenir le site à jour" in told.replace("\u00a0", " ")
    assert "tout le fichier" in told
    assert held.user.username not in text(record())
    assert keep_edition(actor=staff())
    held.get("key")
    assert not keep_edition(actor=staff())  # a use is no new fact
    end_key(held.key, actor=Staff(held.user))
    assert "Site" not in text(record(), TITLE)
    assert keep_edition(actor=staff())


def test_an_expired_key_is_no_way_out_any_more() -> None:
    held = program(scopes=["disclosure.serve_people"])
    with clock.stopped_at(held.key.expires_at):
        assert programs() == []


def test_the_pages_of_the_registers_show_it_to_who_answers_for_the_data_and_let_nothing_through() -> None:
    held = program(scopes=["disclosure.serve_people"])
    Key.objects.update(name='"><img src=x onerror=alert(1)>', purpose="<script>alert(1)</script>")
    officer = signed_in(Role.DATA_OFFICER)
    for page in ("sous-traitants", "acces", "traitements"):
        shown = BeautifulSoup(officer.get(f"/gestion/registres/{page}/").content, "html.parser")
        assert TITLE in shown.get_text()
        assert "<script>alert(1)</script>" in shown.get_text()
        assert shown.find("img", src="x") is None
        assert (held.user.username in shown.get_text()) == (page != "traitements")
        pdf = officer.get(f"/gestion/registres/{page}/pdf/")
        assert pdf.content.startswith(b"%PDF")
