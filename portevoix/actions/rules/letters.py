"""Where a letter to a representative goes, and the link that opens it in the visitor's own mail program."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

#: Mail programs cut longer links; the letter is then copied by hand.
LONGEST_LINK = 1900
OVERSEAS = ("97", "98")


def departement_of(postcode: str) -> str:
    """Return the département that a postcode is of, as closely as it says: Corsica's two share theirs."""
    return postcode[:3] if postcode.startswith(OVERSEAS) else postcode[:2]


def represents(places: str, postcode: str, communes: Iterable[str] = ()) -> bool:
    """Tell whether somebody with these places is there for a postcode; ``communes`` are its INSEE codes.

    No place is everywhere. The INSEE code knows what the postcode does not: 2A from 2B.
    """
    wanted = {place.strip().upper() for place in places.replace(";", ",").split(",") if place.strip()}
    if not wanted:
        return True
    mine = {postcode, departement_of(postcode)}
    for code in communes:
        mine |= {code, departement_of(code)}
    return bool(wanted & mine)


def mail_link(address: str, subject: str, letter: str) -> str:
    """Return the link that opens the letter; empty where it would be cut."""
    words = letter.replace("\r\n", "\n").replace("\n", "\r\n")
    link = f"mailto:{quote(address, safe='@.+-_')}?subject={quote(subject)}&body={quote(words)}"
    return link if len(link) <= LONGEST_LINK else f"mailto:{quote(address, safe='@.+-_')}?subject={quote(subject)}"
