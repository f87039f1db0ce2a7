"""The guide for whoever writes a program: its very lines, run by a shell against a live server, in both languages."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.people.models import Consultation, Person
from portevoix.rights.models import Ground
from tests.accounts.factories import somebody_with_a_password
from tests.api.factories import program
from tests.architecture.house import ROOT

GUIDES = {"connect-a-program.md": "https://your-site", "relier-un-programme.md": "https://votre-site"}


@pytest.fixture
def director(transactional_db: None) -> User:
    return somebody_with_a_password()


def lines_of(guide: str) -> str:
    """Return what the guide has whoever reads it type, in one piece."""
    (block,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/howto" / guide).read_text("utf-8"), flags=re.DOTALL)
    return str(block)


@pytest.mark.parametrize("guide", GUIDES)
def test_every_line_of_the_guide_works(guide: str, director: User, live_server: LiveServer, tmp_path: Path) -> None:
    held = program(user=director)
    typed = lines_of(guide).replace(GUIDES[guide], live_server.url).replace("portevoix_…", held.token)
    assert live_server.url in typed
    assert held.token in typed
    # Each answer on a line of its own; the first that is refused ends it.
    shell = "set -euo pipefail\n" + typed.replace('"$@"; }', '"$@"; echo; }')
    ran = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.strip()]
    person = Person.objects.get()
    assert answers[0]["account"] == director.username
    assert answers[1] == {"id": person.pk, "is_new": True, "taken_back": []}
    assert answers[-1] == {"gone": [999999]}
    assert [one["id"] for one in answers[-2]["people"]] == [person.pk]
    assert len(answers) == typed.count("\napi ") - 1  # one goes to a file
    assert (person.postcode, person.emails.get().address) == ("35000", "gwen@example.org")
    assert (person.phones.get().number, person.addresses.get().city) == ("+33639980012", "Rennes")
    assert not Ground.objects.live().exists()
    assert Consultation.objects.filter(person=person).count() >= 3


def test_the_guide_names_every_act_that_its_lines_need() -> None:
    for guide in GUIDES:
        text = (ROOT / "docs/howto" / guide).read_text("utf-8")
        lines = lines_of(guide)
        needed = {
            "/contacts": "people.edit_contacts",
            "/consents": "disclosure.serve_consents",
            "/withdrawals": "rights.withdraw",
            "/tags": "people.tag",
            "PATCH": "people.edit",
            "/search": "disclosure.serve_person",
            "changed_since": "disclosure.serve_people",
            "$site/people -d": "intake.enter",
        }
        for said, act in needed.items():
            assert said in lines
            assert f"`{act}`" in text


def test_the_guides_say_the_same_lines() -> None:
    plain = {re.sub(r"#.*|\"where\": \"[^\"]*\"|https://\S+", "", lines_of(guide)).replace(" ", "") for guide in GUIDES}
    assert len(plain) == 1
