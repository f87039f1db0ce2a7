from __future__ import annotations

import json
from io import StringIO
from time import perf_counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import System, Visitor
from portevoix.journal.models import Entry
from portevoix.territory import readers, rules, selectors, services
from portevoix.territory.models import Commune, Departement, Postcode, Region

pytestmark = pytest.mark.django_db
CLERK = System("tests")


@pytest.fixture
def loaded() -> services.Loaded:
    return services.import_communes(actor=CLERK)


def test_the_whole_list_is_loaded_in_less_than_five_seconds() -> None:
    started = perf_counter()
    loaded = services.import_communes(actor=CLERK)
    assert perf_counter() - started < 5
    assert (Region.objects.count(), Departement.objects.count()) == (loaded.regions, loaded.departements)
    assert Commune.objects.count() == loaded.communes > 35_000
    assert Postcode.objects.count() == loaded.postcodes > 40_000


def test_loading_again_changes_nothing(loaded: services.Loaded) -> None:
    assert loaded.changed > 70_000
    assert services.import_communes(actor=CLERK).changed == 0


def test_loading_again_repairs_what_differs_and_keeps_a_commune_that_left_the_list(loaded: services.Loaded) -> None:
    Commune.objects.filter(pk="29019").update(population=1, postcodes=[])
    Postcode.objects.filter(postcode="29200").delete()
    gone = Commune.objects.create(pk="29999", name="Ys", sort_key="ys", departement_id="29")
    Postcode.objects.create(postcode="29999", city_key="ys", commune=gone)
    assert services.import_communes(actor=CLERK).changed > 2
    brest = Commune.objects.get(pk="29019")
    assert brest.population is not None
    assert brest.population > 100_000
    assert brest.postcodes == ["29200"]
    assert Commune.objects.filter(pk="29999").exists()
    assert not Postcode.objects.filter(commune=gone).exists()


def test_the_list_is_loaded_by_those_who_may_and_the_journal_says_so(loaded: services.Loaded) -> None:
    entry = Entry.objects.get(command="territory.import_communes")
    assert entry.count == loaded.communes
    with pytest.raises(NotAllowed):
        services.import_communes(actor=Visitor())


def test_every_departement_has_communes_and_every_region_departements(loaded: services.Loaded) -> None:
    assert not Departement.objects.filter(communes=None).exists()
    assert not Region.objects.filter(departements=None).exists()


def test_the_population_of_france_is_counted_once(loaded: services.Loaded) -> None:
    whole = Commune.objects.whole().aggregate(n=Sum("population"))["n"]
    undivided = Commune.objects.undivided().aggregate(n=Sum("population"))["n"]
    assert 68_000_000 < whole < 70_000_000
    assert whole == undivided
    assert not Commune.objects.undivided().filter(pk__in=["75056", "69123", "13055"]).exists()


ADDRESSES = {
    ("29200", "Brest"): "29019",
    ("35000", ""): "35238",
    ("35000", "n'importe quoi"): "35238",
    ("75011", "Paris"): "75111",
    ("75011", "PARIS 11EME"): "75111",
    ("75116", "Paris Cedex 16"): "75116",
    ("69003", "Lyon 3e Arrondissement"): "69383",
    ("1000", "st denis les bourg"): "01344",
    ("01000", "Bourg-en-Bresse"): "01053",
    ("14240", "Saint-Germain-d'Ectot"): "14581",  # merged into Aurseulles in 2017; people still write it
    ("97133", "Gustavia"): "97701",
    ("98714", "Papeete"): "98735",
    ("01000", "Ailleurs"): None,
    ("99999", "Brest"): None,
    ("?", "Brest"): None,
}


def test_an_address_means_one_commune_or_none(loaded: services.Loaded) -> None:
    communes = {address: selectors.commune_at(*address) for address in ADDRESSES}
    assert {address: commune and commune.code for address, commune in communes.items()} == ADDRESSES


def test_a_postcode_offers_its_communes_but_not_the_city_around_an_arrondissement(loaded: services.Loaded) -> None:
    assert [c.code for c in Commune.objects.with_postcode("75011")] == ["75111"]
    assert [c.code for c in Commune.objects.with_postcode("01000")] == ["01053", "01344"]


def test_the_database_makes_the_same_keys_as_the_rules(loaded: services.Loaded) -> None:
    towns = [commune.name for commune in readers.communes()]
    towns += [town.upper() for town in towns[::7]] + ["Paris 01", "Lyon 3e arr", "Saint Denis CEDEX 9", "cedex"]
    towns += ["Œting", "ŒTING", "Villeneuve s/ Lot", "  L’Haÿ-les-Roses\t", "", "42", "Ste-Foy", "E\u0301pinal"]
    towns += ["Saint‑Étienne", "İzmir", "straße", "巴黎"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT town, territory_city_key(town) FROM unnest(%s::text[]) AS town", [towns])
        keys = dict(cursor.fetchall())
    assert len(keys) > 30_000
    assert {town: key for town, key in keys.items() if key != rules.city_key(town)} == {}


def test_an_import_finds_all_its_communes_in_one_join(loaded: services.Loaded) -> None:
    join = selectors.JOIN_COMMUNE.format(postcode="zip", city_key="territory_city_key(city)")
    query = f"SELECT {selectors.MEANT_COMMUNE} FROM unnest(%s::text[], %s::text[]) AS row (zip, city) {join}"
    with connection.cursor() as cursor:
        cursor.execute(query, [["29200", "75011", "01000"], ["BREST", "Paris", "Nulle part"]])
        assert cursor.fetchall() == [("29019",), ("75111",), (None,)]


def test_the_console_says_what_was_loaded() -> None:
    out = StringIO()
    call_command("import_communes", "--json", stdout=out)
    assert json.loads(out.getvalue())["communes"] == Commune.objects.count()
    out = StringIO()
    call_command("import_communes", stdout=out)
    assert str(Commune.objects.count()) in out.getvalue()
