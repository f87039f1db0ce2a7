"""Canaries: invented people, each in one export only, so that a file found outside says which export it comes from."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portevoix.kernel import normalise

#: Frequent in France among voters of every age: nobody in particular.
FIRST_NAMES = {
    "F": "Catherine Nathalie Isabelle Sandrine Céline Aurélie Émilie Julie Camille Léa Manon Chloé Sylvie Martine "
    "Monique Françoise Valérie Laetitia Stéphanie Audrey Élodie Marion Laura Pauline Mathilde Anaïs Lucie Sarah "
    "Christine Véronique Patricia Corinne Delphine Virginie Caroline Hélène Claire Sophie Anne Brigitte",
    "M": "Philippe Michel Patrick Alain Pascal Christophe Stéphane Laurent Frédéric Sébastien Nicolas Julien "
    "Guillaume Thomas Alexandre Maxime Antoine Romain Kévin Jérémy Olivier Éric Thierry Bruno Didier Gilles "
    "Vincent David Arnaud Benoît Mathieu Florian Clément Quentin Hugo Lucas Pierre François Jacques Marc",
}
FAMILY_NAMES = (
    "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy "
    "Roux Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Faure "
    "Mercier Blanc Guérin Boyer Garnier Chevalier Legrand Gauthier Garcia Perrin Robin Clément Morin Henry "
    "Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun "
    "Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt "
    "Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe "
    "Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot "
    "Hubert Berger Carpentier"
)
STREETS = (
    "de la Gare",
    "Victor-Hugo",
    "des Écoles",
    "Jean-Jaurès",
    "de la Mairie",
    "Pasteur",
    "du Moulin",
    "des Lilas",
    "de l’Église",
)
OCCUPATIONS = (
    "infirmière",
    "employé de bureau",
    "enseignante",
    "artisan",
    "retraité",
    "technicienne",
    "vendeur",
    "comptable",
)
#: Family names that are nobody's first name: two of them with a hyphen are a name that is in one export alone.
_GIVEN_TOO = (
    "Martin Bernard Thomas Robert Richard Laurent Simon Michel Bertrand Vincent Clément Henry Mathieu Gautier Denis "
    "Marie Noël Lucas Gérard Colin Roger Olivier Philippe Pierre Benoît Guillaume Jean Robin Gauthier"
)
JOINED = tuple(name for name in FAMILY_NAMES.split() if name not in _GIVEN_TOO.split())
#: Numbers that no subscriber has: kept for fiction (plan national de numérotation, ARCEP, décision 2018-0881).
FICTION = "+3363998"
LANDLINES = "+3319900"
#: The domain of addresses that no file holds (RFC 2606).
NOWHERE = "nobody.invalid"
#: Before a name that only somebody invented has, among the clues of a file.
NAMED = "name:"
#: What can tell one file from another, the surest first.
MARKS = ("email", "mobile_number", "phone_number", "last_name", "primary_address1")
#: Below that many people, more than one canary would show.
FEW = 20
MOST = 40


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist."""

    sex: str
    first_name: str
    family_name: str
    mailbox: str
    mobile: str
    born_on: date

    @property
    def sort_key(self) -> str:
        return normalise.sort_key(f"{self.family_name} {self.first_name}")

    @property
    def landline(self) -> str:
        return LANDLINES + self.mobile[-4:]


def mark_of(fields: Sequence[str], domain: str) -> str:
    """Return the column by which a file is known again; blank where no line of it can be told from another's."""
    return next((mark for mark in MARKS if mark in fields and (domain or mark != "email")), "")


def wanted(people: int, mark: str) -> int:
    """Return how many canaries an export carries: none without a column to find them by, more in a long file."""
    if not (people and mark):
        return 0
    return 1 if people < FEW else min(3 + people // 1000, MOST)


def invent(chance: random.Random, domain: str, *, is_known_by_name: bool = False) -> Invented:
    """Return somebody plausible with a mailbox at ``domain``; two family names where the name must tell the file."""
    sex = chance.choice("FM")
    first = chance.choice(FIRST_NAMES[sex].split())
    family = "-".join(chance.sample(JOINED, 2)) if is_known_by_name else chance.choice(FAMILY_NAMES.split())
    born_on = date(1943, 1, 1) + timedelta(days=chance.randrange(62 * 365))
    plain_first, plain_family = (normalise.sort_key(name).replace(" ", "") for name in (first, family))
    form = chance.choice(("{f}.{n}", "{f}.{n}{y}", "{i}.{n}{y}", "{f}{n}{d}", "{n}.{f}{d}", "{f}_{n}{d}"))
    local = form.format(
        f=plain_first, n=plain_family, i=plain_first[0], y=f"{born_on:%y}", d=chance.choice(("", str(born_on.year)))
    )
    mobile = f"{FICTION}{chance.randrange(10_000):04d}"
    return Invented(sex, first, family, f"{local}@{domain or NOWHERE}", mobile, born_on)


def disguised(one: Invented, neighbour: Mapping[str, object], mark: str) -> dict[str, object]:
    """Return the cells of a canary's row: blank where its neighbour's are, but for the mark that makes it useful.

    What names nobody (commune, tags, consents) is the neighbour's own, so that no count tells the canary from others.
    """
    chance = random.Random(one.mailbox)  # noqa: S311  # the same row each time the file is written; no secret
    number, street = chance.randrange(1, 90), chance.choice(STREETS)
    own: dict[str, object] = {
        "email": one.mailbox if mark == "email" else "",
        "first_name": one.first_name,
        "last_name": one.family_name,
        "sex": one.sex,
        "born_at": one.born_on.isoformat(),
        "mobile_number": one.mobile,
        "phone_number": one.landline,
        "occupation": chance.choice(OCCUPATIONS),
        "primary_address1": f"{number} rue {one.family_name if mark == 'primary_address1' else street}",
    }
    cells = {name: own.get(name, cell) if cell not in (None, "") else cell for name, cell in neighbour.items()}
    if isinstance(created := cells.get("created_at"), str):
        earlier = datetime.fromisoformat(created) - timedelta(seconds=chance.randrange(60, 86_400))
        cells["created_at"] = earlier.isoformat()
    return cells | {name: own[name] for name in ("first_name", "last_name", mark) if name in cells}
