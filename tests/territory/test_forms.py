"""A commune as people write it, and the suggestions while they do."""

from __future__ import annotations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from portevoix.territory.forms import CommuneField
from portevoix.territory.models import Commune
from tests.accounts.factories import signed_in
from tests.territory.factories import CommuneFactory, DepartementFactory, RegionFactory

pytestmark = pytest.mark.django_db
SUGGESTIONS = "/gestion/territoire/communes/"


@pytest.fixture(autouse=True)
def communes() -> None:
    idf = RegionFactory(code="11", name="Île-de-France")
    CommuneFactory()
    CommuneFactory(code="35239", name="Rennes-en-Grenouilles", population=120, postcodes=["53110"])
    for code, population in (("93", 113_000), ("974", 154_000)):
        CommuneFactory(
            code=f"{code}066"[:5],
            name="Saint-Denis",
            postcodes=["93200"] if code == "93" else ["97400"],
            population=population,
            departement=DepartementFactory(code=code, name=code, region=idf),
        )
    CommuneFactory(code="95018", name="L’Haÿ-les-Œufs", postcodes=["95100"], population=5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Rennes", "35238"),
        ("  rennes ", "35238"),
        ("RENNES (35)", "35238"),
        ("35200", "35238"),
        ("35238", "35238"),
        ("rennes en g", "35239"),
        ("Saint-Denis (93)", "93066"),
        ("saint denis (974)", "97406"),
        ("l'hay les oeufs", "95018"),
        ("", ""),
    ],
)
def test_a_commune_is_understood_as_it_is_written(text: str, code: str) -> None:
    assert CommuneField(required=False).clean(text) == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Nulle-Part", "Aucune commune"),
        ("Saint-Denis", "Saint-Denis (974), Saint-Denis (93)"),
        ("Rennes (29)", "Aucune commune"),
        ("()", "Aucune commune"),
        ("'; DROP TABLE territory_commune; --", "Aucune commune"),
        ("99999", "Aucune commune"),
        ("x" * 101, "100"),
    ],
)
def test_what_is_not_understood_is_said(text: str, said: str) -> None:
    with translation.override("fr"), pytest.raises(ValidationError) as fault:
        CommuneField().clean(text)
    assert said in " ".join(fault.value.messages)


def test_a_stored_code_is_shown_as_a_name_that_the_field_reads_back() -> None:
    class Form(forms.Form):
        commune = CommuneField()

    shown = str(Form(initial={"commune": "93066"})["commune"])
    assert 'value="Saint-Denis (93)"' in shown
    assert "datalist" in shown
    assert Form({"commune": "Saint-Denis (93)"}).is_valid()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("ren", ["Rennes (35)", "Rennes-en-Grenouilles (35)"]),
        ("saint d", ["Saint-Denis (974)", "Saint-Denis (93)"]),
        ("352", []),
        ("35200", ["Rennes (35)"]),
        ("r", []),
        ("", []),
    ],
)
def test_suggestions_come_the_most_populous_first(typed: str, offered: list[str]) -> None:
    content = signed_in().get(SUGGESTIONS, {"t.0-commune": typed}).content.decode()
    assert [line.split('"')[1] for line in content.split("<option ")[1:]] == offered


def test_suggestions_are_for_the_team() -> None:
    assert Client().get(f"{SUGGESTIONS}?q=ren").status_code == 302
    assert signed_in().post(SUGGESTIONS).status_code == 405


def test_communes_within_a_distance_are_found_by_the_database() -> None:
    CommuneFactory(brest=True)
    found = Commune.objects.within(213, of="35238")
    assert {"35238", "29019"} <= set(found.values_list("pk", flat=True))
    assert "29019" not in Commune.objects.within(200, of="35238").values_list("pk", flat=True)
    assert not Commune.objects.within(10, of="00000").exists()
