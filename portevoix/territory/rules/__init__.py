"""What can be said of a place from its name, its code or its position alone: pure functions, no database."""

from __future__ import annotations

import re
import unicodedata

#: The SQL function ``territory_city_key`` (migration 0002) follows the same steps: change both or neither.
_MARKS = re.compile("[\u0300-\u036f]")
_ELSE = re.compile(r"[^a-z0-9]+")
_CEDEX = re.compile(r" ?\bcedex\b.*$")
_ABBREVIATIONS = (
    (re.compile(r"\bst\b"), "saint"),
    (re.compile(r"\bste\b"), "sainte"),
    (re.compile(r"\bs\b(?= )"), "sur"),
)
_ARRONDISSEMENT = re.compile(r"\b0?(\d{1,2})(er|e|eme|nd|nde)?( (arrondissement|arrdt|arr|ardt))?$")
_POSTCODE = re.compile(r"^(?:F|FR)?[- ]?(\d{2}) ?(\d{3})$", re.IGNORECASE)


def city_key(name: str) -> str:
    """Return the key by which a town written on an envelope is looked up.

    « PARIS 11EME », « Paris 11e Arrondissement » → « paris 11 »; « St-Denis Cedex 2 » → « saint denis ».
    """
    ligatures = name.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", ligatures)).lower()
    key = _CEDEX.sub("", _ELSE.sub(" ", plain).strip())
    for short, whole in _ABBREVIATIONS:
        key = short.sub(whole, key)
    return _ARRONDISSEMENT.sub(r"\1", key)


def postcode(raw: str) -> str | None:
    """Return five digits, or None: spreadsheets eat the zero of « 01000 », people write « F-75011 » or « 75 011 »."""
    text = raw.strip()
    if len(text) == 4 and text.isdecimal():
        text = f"0{text}"
    match = _POSTCODE.match(text)
    return match[1] + match[2] if match else None


def departement_of(code: str) -> str:
    """Return the département of a postcode; for a few communes on a border it is the neighbour's.

    Postcodes of Corsica begin by 20: 200 and 201 are the south (2A), the others the north (2B).
    Saint-Barthélemy and Saint-Martin kept the postcodes of Guadeloupe.
    """
    if code in {"97133", "97150"}:
        return "977" if code == "97133" else "978"
    if code.startswith("20"):
        return "2A" if code[:3] in {"200", "201"} else "2B"
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def departement_of_commune(code: str) -> str:
    """Return the département of a commune, which its INSEE code begins with."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def placed(
    longitude: float, latitude: float, placement: tuple[float, float, float, float] | None
) -> tuple[float, float]:
    """Return where a point is drawn on the map of France: overseas, in the box of its département.

    ``placement`` is the département's in ``selectors.placements()``; in metropolitan France there is none.
    """
    if placement is None:
        return longitude, latitude
    a, b, c, d = placement
    return a + b * longitude, c + d * latitude
