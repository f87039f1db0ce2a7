"""Reads of the territory: which commune is meant, where a département is drawn."""

from __future__ import annotations

import re
from functools import cache

from portevoix.kernel import normalise
from portevoix.territory import readers, rules
from portevoix.territory.models import Commune, Postcode

#: Static files of the choropleths; overseas stands in the boxes of ``INSETS``, off the coast of Aquitaine.
DEPARTEMENTS = "territory/contours/departements.geojson"
REGIONS = "territory/contours/regions.geojson"
INSETS = "territory/contours/insets.geojson"

#: For imports: two joins that give ``MEANT_COMMUNE``, the commune of an address, for all rows at once. ``{postcode}``
#: is a column of five digits, ``{city_key}`` a column made by ``territory_city_key(town)`` – on distinct towns.
JOIN_COMMUNE = """
LEFT JOIN territory_postcode AS place_named
    ON place_named.postcode = {postcode} AND place_named.city_key = {city_key}
LEFT JOIN territory_postcode AS place_alone
    ON place_alone.postcode = {postcode} AND place_alone.city_key = ''
"""
MEANT_COMMUNE = "coalesce(place_named.commune_id, place_alone.commune_id)"


def commune_at(postcode: str, city: str) -> Commune | None:
    """Return the commune of an address, or None where postcode and town leave a doubt."""
    if (code := rules.postcode(postcode)) is None:
        return None
    keys = [rules.city_key(city), ""]
    names = Postcode.objects.filter(postcode=code, city_key__in=keys).select_related("commune")
    found = {name.city_key: name for name in names}
    return next((found[key].commune for key in keys if key in found), None)


#: « Saint-Denis (93) »: a name and, to tell two apart, a département.
_WRITTEN = re.compile(r"^(?P<name>.*?)\s*(?:\((?P<departement>\w{2,3})\))?$")


def communes_meant(text: str, limit: int) -> list[Commune]:
    """Return the communes that somebody may mean: by postcode, INSEE code or name, whole names first.

    One whole name alone is an answer, even where other names begin so; homonyms are told apart by « (93) ».
    """
    text = text.strip()
    if re.fullmatch(r"(\d{2}|2[abAB])\d{3}", text):
        found = list(Commune.objects.with_postcode(text)[:limit])
        return found or list(Commune.objects.filter(pk=text.upper()))
    parts = _WRITTEN.match(text)
    key = normalise.sort_key(parts["name"]) if parts else ""
    if not parts or not key:
        return []
    named = Commune.objects.order_by("-population", "sort_key")
    if parts["departement"]:
        named = named.filter(departement=parts["departement"].upper())
    return list(named.filter(sort_key=key)[:limit]) or list(named.filter(sort_key__startswith=key)[:limit])


def communes_beginning(text: str, limit: int) -> list[Commune]:
    """Return the most populous communes that what is being typed may become."""
    if re.fullmatch(r"\d+", text.strip()):
        return communes_meant(text, limit)
    key = normalise.sort_key(text.partition("(")[0])
    if len(key) < 2:
        return []
    return list(Commune.objects.filter(sort_key__startswith=key).order_by("-population", "sort_key")[:limit])


@cache
def placements() -> dict[str, tuple[float, float, float, float]]:
    """Return, for each overseas département, how ``rules.placed`` brings it into its box."""
    return {
        feature["properties"]["code"]: tuple(feature["properties"]["placement"])
        for feature in readers.contours("insets")["features"]
    }
