"""What invented people are made of: real frequencies of names and places, addresses that can reach nobody."""

from __future__ import annotations

import gzip
import unicodedata
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from portevoix.operations.generation.chance import Weighted
from portevoix.territory import readers


class Name(NamedTuple):
    """A name, and what an e-mail address makes of it."""

    written: str
    plain: str


class Place(NamedTuple):
    """Where letters go: the town as it is written, and the codes of its département's telephones."""

    code: str
    city: str
    county: str
    state: str
    postcodes: tuple[str, ...]
    landline: str


class Names(NamedTuple):
    first: dict[tuple[str, str], Weighted[Name]]
    family: Weighted[Name]


@cache
def names() -> Names:
    """Return first names by sex and decade of birth, and family names, by their frequency."""
    packed = files("portevoix.operations.generation") / "data/names.csv.gz"
    groups: dict[tuple[str, str], list[tuple[Name, int]]] = defaultdict(list)
    for row in gzip.decompress(packed.read_bytes()).decode().splitlines()[1:]:
        kind, born, name, weight = row.split(",")
        groups[kind, born].append((Name(name, _plain(name)), int(weight)))
    family = Weighted(groups.pop(("L", "")))
    return Names({group: Weighted(members) for group, members in groups.items()}, family)


#: Numbers that ARCEP keeps for fiction, by zone: they ring nowhere (plan de numérotation, décision 2018-0881).
MOBILE = "063998"
LANDLINES = {
    "019900": {"11"},
    "026191": {"24", "28", "52", "53"},
    "035301": {"27", "32", "44"},
    "046571": {"84", "93", "94"},
}
ELSEWHERE = "053649"


@cache
def places() -> Weighted[Place]:
    """Return communes, and arrondissements in place of the three divided cities, by their population."""
    departements = {code: (name, region) for code, name, region in readers.rows("departements")}
    regions = dict(readers.rows("regions"))
    zones = {region: prefix for prefix, zone in LANDLINES.items() for region in zone}
    communes = list(readers.communes())
    cities = {commune.code: commune.name for commune in communes}
    divided = {commune.parent for commune in communes}

    def place(commune: readers.ListedCommune) -> Place:
        county, region = departements[commune.departement]
        return Place(
            code=commune.code,
            city=cities[commune.parent] if commune.parent else commune.name,
            county=county,
            state=regions[region],
            postcodes=commune.postcodes,
            landline=zones.get(region, ELSEWHERE),
        )

    return Weighted((place(c), c.population) for c in communes if c.population and c.code not in divided)


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("æ", "ae"))
    plain = "".join(mark for mark in decomposed if not unicodedata.combining(mark)).lower()
    return "".join(letter for letter in plain if letter.isalnum())


#: Decades of birth of those on the file, as the electoral roll has them, a little older.
DECADES = Weighted(
    [
        (("1931", 1931, 1940), 4),
        (("1941", 1941, 1950), 13),
        (("1951", 1951, 1960), 17),
        (("1961", 1961, 1970), 18),
        (("1971", 1971, 1980), 16),
        (("1981", 1981, 1990), 15),
        (("1991", 1991, 2000), 12),
        (("2001", 2001, 2008), 5),
    ]
)

#: Domains that RFC 2606 keeps for examples: no letter can reach anyone.
DOMAINS = Weighted(
    [
        ("courriel.example", 34),
        ("orange.example", 15),
        ("hotmail.example", 11),
        ("laposte.example", 9),
        ("free.example", 9),
        ("yahoo.example", 6),
        ("wanadoo.example", 5),
        ("sfr.example", 4),
        ("outlook.example", 3),
        ("example.org", 2),
        ("example.net", 1),
        ("example.com", 1),
    ]
)

WAYS = Weighted([("rue", 60), ("avenue", 12), ("chemin", 9), ("impasse", 6), ("allée", 5), ("place", 4), ("route", 4)])
STREETS = (
    *("des Lilas", "de l'Église", "du Moulin", "de la Gare", "des Écoles", "du Stade", "de la Mairie", "des Tilleuls"),
    *("du Château", "de la Fontaine", "des Vignes", "du Lavoir", "des Acacias", "de la République", "du Pressoir"),
    *("des Prés", "du Puits", "de Bellevue", "des Rosiers", "du Four", "de la Croix", "des Jardins", "du Bourg"),
    *("de la Forêt", "du Verger", "des Cerisiers", "de la Liberté", "du Port", "des Peupliers", "de Verdun"),
    *("de l'Abbaye", "des Chênes", "du Canal", "des Bleuets", "de la Paix", "du Marché", "des Marronniers"),
    *("de la Source", "du 8 Mai 1945", "du 11 Novembre", "des Hirondelles", "de la Vallée", "du Soleil levant"),
)
TAGS = Weighted(
    [
        ("newsletter", 30),
        ("bénévole", 9),
        ("adhérent", 8),
        ("réunion publique 2025", 8),
        ("pétition hôpital", 8),
        ("pétition trains du quotidien", 7),
        ("porte-à-porte", 5),
        ("marché du samedi", 5),
        ("tractage", 4),
        ("relais de quartier", 3),
        ("covoiturage", 2),
        ("assesseur", 2),
        ("presse locale", 1),
        ("élu local", 1),
    ]
)
OCCUPATIONS = (
    *("enseignante", "infirmier", "retraité", "retraitée", "agriculteur", "artisane", "étudiante", "cadre", "ouvrier"),
    *("employée", "commerçant", "aide-soignante", "technicien", "ingénieure", "chauffeur", "libraire", "boulanger"),
)
#: Parties that do not exist.
PARTIES = ("Parti des Rivages", "Les Semeurs", "Alliance des Clairières", "Union du Grand Large")
LEVELS = ("Adhésion", "Adhésion solidaire", "Adhésion jeune")
NOTES = (
    *("Rencontrée au marché.", "Rappeler après 18 h", "Souhaite aider le week-end", "Préfère le courrier postal"),
    *("Peut prêter une salle, 40 places", 'Dit « oui, mais "pas avant juin" »', "A déménagé en 2024"),
)
