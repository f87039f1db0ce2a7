"""By what somebody erased is known again where no address, number or reference of their own says it.

Each likeness is a pair of a kind and a value, hashed with the key of the instance like a contact; the SQL of imports
makes the same of the rows of a file (``intake.readers.erased``). A likeness is no proof: whoever has it is left aside
and named in the report, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portevoix.kernel import normalise


@dataclass(frozen=True)
class Known:
    """What is known of a person without an address or number that is theirs alone."""

    sort_key: str
    born_on: date | None
    postcode: str
    #: Street and postcode of each address.
    homes: tuple[tuple[str, str], ...] = ()
    #: Numbers that somebody else has too, and those of landlines, which are a household's.
    shared: tuple[str, ...] = ()
    #: Whether an address or number of their own says already who they are.
    has_contact: bool = False


def name_key(sort_key: str) -> str:
    """Return the words of a name in one order, whichever of them is the family's; blank for a single word."""
    words = sorted(sort_key.split())
    return " ".join(words) if len(words) > 1 else ""


def likenesses(known: Known) -> set[tuple[str, str]]:
    """Return by what a person is known again: birth date, home, a shared number; the postcode where there is no more.

    A home is compared with everybody of the name who lives there where no birth date was known (``home``); else only
    with whom a file gives none (``home_undated``): a son of the same name is not his father.
    """
    name = name_key(known.sort_key)
    if not name:
        return set()
    found = {("shared", f"{name}|{number}") for number in known.shared}
    if known.born_on:
        found.add(("born", f"{name}|{known.born_on.isoformat()}"))
    home = "home_undated" if known.born_on else "home"
    found |= {(home, f"{name}|{place}") for place in _places(known.homes)}
    if not (found or known.has_contact) and known.postcode:
        found.add(("place", f"{name}|{known.postcode}"))
    return found


def looked_for(known: Known) -> set[tuple[str, str]]:
    """Return by what somebody erased would be known again in a person of whom this is said: as a line of a file is."""
    name = name_key(known.sort_key)
    if not name:
        return set()
    found = {("shared", f"{name}|{number}") for number in known.shared}
    kinds = ["home"]
    if known.born_on:
        found.add(("born", f"{name}|{known.born_on.isoformat()}"))
    else:
        kinds.append("home_undated")
    found |= {(kind, f"{name}|{place}") for kind in kinds for place in _places(known.homes)}
    if known.postcode and not (found or known.has_contact):
        found.add(("place", f"{name}|{known.postcode}"))
    return found


def liftable(known: Known) -> set[tuple[str, str]]:
    """Return every likeness that may have been kept of a person, whatever was known of them then."""
    name = name_key(known.sort_key)
    homes = {(kind, f"{name}|{place}") for kind in ("home", "home_undated") for place in _places(known.homes)}
    weak = {("place", f"{name}|{known.postcode}")} if known.postcode else set()
    return (likenesses(known) | homes | weak) if name else set()


def _places(homes: Iterable[tuple[str, str]]) -> list[str]:
    streets = ((normalise.sort_key(line1), postcode) for line1, postcode in homes)
    return [f"{postcode}|{street}" for street, postcode in streets if street and postcode]
