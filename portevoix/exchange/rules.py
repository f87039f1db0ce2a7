"""Which column of a file means what: NationBuilder's names, a few that spreadsheets use, and what the law keeps out."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Dictionary

from portevoix.exchange.types import Fate
from portevoix.intake.exceptions import FileRefused
from portevoix.intake.readers.fields import FIELDS
from portevoix.intake.types import Extra, Fault, Mapping, Refused
from portevoix.kernel import normalise
from portevoix.people.rules.protected import protection
from portevoix.people.types import CustomKind, Protected

#: Names of columns that mean one of ours.
ALIASES = {
    "nationbuilder_id": "external_ref",
    **dict.fromkeys(("gender", "sexe"), "sex"),
    "prenom": "first_name",
    **dict.fromkeys(("nom", "nom_de_famille"), "last_name"),
    "nom_complet": "full_name",
    **dict.fromkeys(("date_de_naissance", "naissance", "birthdate"), "born_at"),
    "langue": "language",
    "profession": "occupation",
    **dict.fromkeys(("mail", "e_mail", "courriel", "adresse_e_mail", "adresse_mail"), "email"),
    **dict.fromkeys(("telephone", "telephone_fixe", "tel", "phone"), "phone_number"),
    **dict.fromkeys(("mobile", "portable", "telephone_portable", "telephone_mobile"), "mobile_number"),
    "adresse": "primary_address1",
    **dict.fromkeys(("code_postal", "cp"), "primary_zip"),
    **dict.fromkeys(("ville", "commune"), "primary_city"),
    "pays": "primary_country",
    **dict.fromkeys(("tags", "etiquettes"), "tag_list"),
}
#: Parts of an address that its commune already says.
IMPLIED = re.compile(
    r"^(primary|address|mailing|billing|user_submitted|registered|work)_"
    r"(county|state|street_number|street_prefix|street_name|street_type|street_suffix|unit_number|zip4|zip5"
    r"|fips|lat|lng|carrier_route|congressional_district|submitted_address)$"
)
#: Without one of these columns, nobody could be told from anybody.
IDENTIFYING = ("external_ref", "email", "email1", "phone_number", "mobile_number", "last_name", "full_name")
#: What the refusal of a file names as examples.
EXPECTED = ("nationbuilder_id", "first_name", "last_name", "email", "mobile_number")

#: Kinds of NationBuilder's columns that are kept as the campaign's own fields.
KINDS = dict.fromkeys(
    ("donations_count", "donations_amount", "donations_amount_in_cents", "priority_level"), CustomKind.NUMBER
)


def recognise(titles: Sequence[str], known_kinds: Dictionary[str, str]) -> Mapping:
    """Return where each column goes. ``known_kinds`` gives the kinds of the custom fields there are, by key.

    Raises FileRefused where no column would tell one person from another.
    """
    fields: dict[str, int] = {}
    extras: list[Extra] = []
    refused: list[Refused] = []
    for index, title in enumerate(titles):
        name = slug(title)
        field = ALIASES.get(name, name)
        if not title or IMPLIED.match(name):
            continue
        if field in FIELDS and field not in fields:
            fields[field] = index
        elif why := protection(title):
            refused.append(Refused(title, why))
        else:
            key = _free_key(name, {extra.key for extra in extras})
            extras.append(Extra(index, key, title[:120], CustomKind(known_kinds.get(key, kind_of(name)))))
    if not fields.keys() & set(IDENTIFYING):
        found = ", ".join(f"« {title[:40]} »" for title in titles[:8])
        raise FileRefused(Fault.STRANGE_TITLES, expected=", ".join(EXPECTED), found=found)
    return Mapping("nationbuilder:", fields, tuple(extras), tuple(refused))


def kind_of(name: str) -> CustomKind:
    """Return what a column holds, as far as its name says it."""
    if name in KINDS:
        return KINDS[name]
    if name.startswith(("is_", "has_", "est_")):
        return CustomKind.YES_NO
    return CustomKind.DAY if name.endswith(("_at", "_on")) else CustomKind.TEXT


def slug(title: str) -> str:
    """Return a title as a name: « Date d’adhésion » → ``date_d_adhesion``."""
    return normalise.sort_key(title.replace("_", " ")).replace(" ", "_")


def _free_key(name: str, taken: Collection[str]) -> str:
    plain = re.sub(r"[^a-z0-9_]", "", name)[:58] or "field"
    return next(key for number in range(1, 2000) if (key := plain if number == 1 else f"{plain}_{number}") not in taken)


def fates(mapping: Mapping, titles: Sequence[str]) -> list[dict[str, str]]:
    """Return what becomes of each column, in the order of the file: its title, its fate, the reason or the key."""
    kept = {extra.column: extra.key for extra in mapping.extras}
    why = {refused.label: refused.why for refused in mapping.refused}
    told = []
    for index, title in enumerate(titles):
        if index in kept:
            told.append({"title": title, "fate": Fate.KEPT, "key": kept[index]})
        elif title in why:
            told.append({"title": title, "fate": Fate.REFUSED, "why": why[title]})
        elif mapping.fields.get("support_level") == index:
            # Read, so that it can be counted; kept only with the agreement that somebody declares.
            told.append({"title": title, "fate": Fate.REFUSED, "why": Protected.OPINION, "field": "support_level"})
        elif title:
            told.append({"title": title, "fate": Fate.UNDERSTOOD})
    return told
