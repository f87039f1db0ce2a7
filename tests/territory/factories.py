"""A small France."""

from __future__ import annotations

from datetime import date
from typing import Any

import factory
from factory.django import DjangoModelFactory

from portevoix.accounts.types import System
from portevoix.kernel import normalise
from portevoix.territory.models import Commune, Departement, Election, Region
from portevoix.territory.services.elections import keep_election
from portevoix.territory.types import ElectionDraft


class RegionFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ["code"]

    code = "53"
    name = "Bretagne"


class DepartementFactory(DjangoModelFactory[Departement]):
    class Meta:
        model = Departement
        django_get_or_create = ["code"]

    code = "35"
    name = "Ille-et-Vilaine"
    region = factory.SubFactory(RegionFactory)


class CommuneFactory(DjangoModelFactory[Commune]):
    class Meta:
        model = Commune
        django_get_or_create = ["code"]

    class Params:
        brest = factory.Trait(
            code="29019",
            name="Brest",
            postcodes=["29200"],
            departement=factory.SubFactory(DepartementFactory, code="29", name="Finistère"),
            latitude=48.4,
            longitude=-4.5,
        )

    code = "35238"
    name = "Rennes"
    sort_key = factory.LazyAttribute(lambda o: normalise.sort_key(o.name))
    postcodes = factory.LazyFunction(lambda: ["35000", "35200", "35700"])
    population = 225081
    departement = factory.SubFactory(DepartementFactory)
    latitude = 48.11
    longitude = -1.68
    h3_5 = "851849a3fffffff"


def election(on: date, **said: Any) -> Election:
    """Write an election in the calendar, with the silence that follows."""
    draft = ElectionDraft(**{"kind": "municipal", "name": "Municipales", "first_round_on": on, **said})
    return keep_election(draft, actor=System("tests"))
