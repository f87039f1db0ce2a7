"""Whoever opens one person's data leaves a line that says so, at every address that leads to it (RGPD art. 32)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.urls import get_resolver

from portevoix.people.models import Consultation, Interaction
from tests.accounts.factories import signed_in
from tests.architecture.test_urls import addresses
from tests.architecture.world import everything_about, said_by

pytestmark = pytest.mark.django_db
NUMBER = 7_000_001
NAME = "Introuvable"
#: Addresses whose number names a thing of the campaign: they list some people, as any list does, and open none.
LISTS = {
    "/gestion/actions/1/presents/": "who comes to a meeting, by name and commune, as a list",
    "/gestion/parcours/1/": "the board of a path, by name, as a list",
}


def of_one_person() -> Iterator[tuple[str, str]]:
    """Yield each address of the back office with a number, and with the number of the person and of all their rows."""
    for path, item in addresses(get_resolver()):
        if item.callback.__module__.startswith("portevoix.") and path.startswith("/gestion/") and "/1/" in path:
            yield path, path.replace("/1/", f"/{NUMBER}/").replace("/1/", f"/{NUMBER}/").replace("/x/", "/appel/")


def test_every_address_that_shows_one_persons_data_writes_who_read_it() -> None:
    person, client = everything_about(NUMBER, NAME, in_rennes=True), signed_in()
    shown, silent = [], []
    for path, address in of_one_person():
        with transaction.atomic():
            answer = client.get(address)
            told = said_by(answer)
            if answer.status_code == 200 and NAME.encode() in told:
                shown.append(path)
                is_written = Consultation.objects.filter(person=person).exists()
                if not is_written or not Interaction.objects.filter(person=person, kind="consulted").exists():
                    silent.append(path)
            transaction.set_rollback(True)
    assert len(shown) > 15
    assert set(silent) == set(LISTS), "write who read it, or say why not: " + " ".join(silent)
