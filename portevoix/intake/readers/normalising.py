"""Raw cells into clean rows: one statement a block, made from the columns that the file has.

What SQL cannot decide (``portevoix_email`` and its likes answer NULL) was decided by the reader beforehand.
"""

from __future__ import annotations

from portevoix.intake.readers.fields import (
    ADDRESS_PARTS,
    ADDRESSES,
    EMAILS,
    FIELDS,
    GENDERS,
    LIMITS,
    LONGEST_EXTRA,
    LONGEST_GENDER,
    LONGEST_NOTE,
    PERMISSIONS,
    PHONES,
    ROLES,
    STAGED,
)
from portevoix.intake.types import Mapping, Reason
from portevoix.people.types import CustomKind
from portevoix.rights.purposes import OPTIONAL, OUTLIVING_CONTACT, Purpose
from portevoix.territory.selectors import JOIN_COMMUNE, MEANT_COMMUNE

RAW = "intake_raw"
#: Towns of the file met so far, and the communes they mean.
PLACES = "intake_place"

#: Country names that files give without a code, by ``portevoix_sort_key``.
COUNTRIES = {
    "france": "FR",
    "belgique": "BE",
    "belgium": "BE",
    "suisse": "CH",
    "switzerland": "CH",
    "luxembourg": "LU",
    "allemagne": "DE",
    "germany": "DE",
    "espagne": "ES",
    "spain": "ES",
    "italie": "IT",
    "italy": "IT",
    "portugal": "PT",
    "royaume uni": "GB",
    "united kingdom": "GB",
    "canada": "CA",
    "etats unis": "US",
    "united states": "US",
    "monaco": "MC",
    "maroc": "MA",
    "algerie": "DZ",
    "tunisie": "TN",
}
#: A country that is named but not known here (ISO 3166 keeps ZZ for such uses).
UNKNOWN_COUNTRY = "ZZ"
_KNOWN_GENDERS = " ".join(
    f"WHEN lower(normalize(btrim(r.sex, ' .'))) IN ({', '.join(map(repr, words))}) THEN '{code}'"
    for code, words in GENDERS.items()
)
#: What is no word of ours is the person's own, and stays as it is.
GENDER = f"CASE WHEN r.sex IS NULL THEN '' {_KNOWN_GENDERS} ELSE left(normalize(btrim(r.sex)), {LONGEST_GENDER}) END"
LANGUAGE = "CASE WHEN r.language ~ '^[A-Za-z]{2}([_-].*)?$' THEN lower(left(r.language, 2)) ELSE 'fr' END"
TAGS = """CASE WHEN r.tag_list IS NULL THEN '{}' ELSE ARRAY(
    SELECT DISTINCT normalize(btrim(tag)) FROM unnest(string_to_array(r.tag_list, ',')) AS tag
    WHERE btrim(tag) <> '' AND char_length(btrim(tag)) <= 100) END"""
FATAL = f"ARRAY['{Reason.NOBODY}', '{Reason.ORGANISATION}']"
#: Where French postcodes are used.
FRENCH = "('FR', 'GP', 'MQ', 'GF', 'RE', 'YT', 'PM', 'BL', 'MF', 'WF', 'PF', 'NC')"


EMPTY = "'{}'::text[]"
#: Days that every month has, as exports write them: no need to ask the calendar.
USUAL_DAY = "^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
SUPPORT = "btrim(r.support_level) ~ '^[1-5]$'"
NUMBER = "^-?[0-9]{1,15}([.,][0-9]{1,6})?$"


class Normaliser:
    """The statements that stage one file, of one mapping."""

    def __init__(self, mapping: Mapping, *, table: str, day_first: bool) -> None:
        self.mapping = mapping
        self.table = table
        self.day_first = str(day_first).lower()
        self.columns = [field for field in FIELDS if field in mapping.fields]
        self.extras = {f"x{number}": extra for number, extra in enumerate(mapping.extras)}
        self.places = [p for p in ADDRESSES if any(self._has(f"{p}_{part}") for part in ADDRESS_PARTS)]

    def create(self) -> str:
        columns = ", ".join(f"{name} {kind}" for name, kind in STAGED.items())
        return f"CREATE UNLOGGED TABLE {self.table} ({columns})"

    def create_raw(self) -> str:
        columns = ", ".join(f"{name} text" for name in (*self.columns, *self.extras))
        return f"""
DROP TABLE IF EXISTS pg_temp.{RAW}, pg_temp.{PLACES};
CREATE TEMPORARY TABLE {RAW} (row_number integer, {columns});
CREATE TEMPORARY TABLE {PLACES} (postcode text, city text, commune text, PRIMARY KEY (postcode, city))"""

    def empty_raw(self) -> str:
        return f"TRUNCATE {RAW}"

    def copy(self) -> str:
        return f"COPY {RAW} FROM STDIN (FORMAT csv)"

    def count_filled(self) -> str:
        """Return the query that counts, for each extra column, the rows that have something there."""
        counts = [f"count({name})" for name in self.extras]
        return f"SELECT ARRAY[{', '.join(counts)}]::bigint[] FROM {RAW}"  # noqa: S608 – numbered columns

    def normalise(self) -> str:
        """Return the statement that stages the block; it answers with the rows that have problems."""
        columns = ", ".join(STAGED)
        return f"""
WITH cells AS MATERIALIZED (SELECT r.*, {_listed(self._cells())} FROM {RAW} AS r),
located AS MATERIALIZED (SELECT cells.*, {_listed(self._address())} FROM cells),
fresh AS (
    INSERT INTO {PLACES} (postcode, city, commune)
    SELECT town.postcode, town.city, {MEANT_COMMUNE}
    FROM (
        SELECT postcode, city, territory_city_key(city) AS key
        FROM (
            SELECT DISTINCT postcode, city FROM located
            WHERE country IN {FRENCH} AND postcode <> ''
                AND (postcode, city) NOT IN (SELECT postcode, city FROM {PLACES})
        ) AS written
        OFFSET 0 -- keys are dear: one for each town, not one for each row
    ) AS town
    {JOIN_COMMUNE.format(postcode="town.postcode", city_key="town.key")}
    RETURNING postcode, city, commune
),
places AS (SELECT postcode, city, commune FROM {PLACES} UNION ALL SELECT postcode, city, commune FROM fresh),
judged AS MATERIALIZED (
    SELECT {_listed(self._person())}, places.commune, {_array(self._problems())} AS problems
    FROM located AS r LEFT JOIN places USING (postcode, city)
),
kept AS (
    INSERT INTO {self.table} ({columns}) SELECT {columns} FROM judged WHERE NOT problems && {FATAL}
)
SELECT row_number, problems FROM judged WHERE problems <> {EMPTY} ORDER BY row_number
"""  # noqa: S608 – made from constants and numbered columns

    def _has(self, field: str) -> bool:
        return field in self.mapping.fields

    def _cells(self) -> dict[str, str]:
        """What each cell means by itself."""
        cells = {f"{name}_text": self._text(name, limit) for name, limit in LIMITS.items()}
        for number, email in enumerate(EMAILS):
            address = f"portevoix_email(r.{email})"
            if number and self._has("email"):
                address = f"CASE WHEN r.{email} <> r.email OR r.email IS NULL THEN {address} END"
            cells[f"{email}_clean"] = address if self._has(email) else "NULL::text"
        for phone in PHONES:
            cells[f"{phone}_clean"] = f"portevoix_phone(r.{phone})" if self._has(phone) else "NULL::text"
        for field, unread in PERMISSIONS.items():
            truth = f"coalesce(intake_truth(r.{field}), {unread} AND btrim(r.{field}) <> '', false)"
            cells[f"{field}_told"] = truth if self._has(field) else "false"
        cells["born_day"] = f"intake_day(r.born_at, {self.day_first})" if self._has("born_at") else "NULL::date"
        cells["place"] = self._place()
        return cells

    def _text(self, field: str, limit: int) -> str:
        """The cell trimmed, accents joined to their letters; empty where there is nothing, or far too much."""
        if not self._has(field):
            return "''"
        return f"CASE WHEN char_length(r.{field}) <= {limit} THEN normalize(btrim(r.{field})) ELSE '' END"

    def _place(self) -> str:
        """The number of the first address with something in it."""
        found = [f"WHEN {self._filled(place)} THEN {number}" for number, place in enumerate(self.places)]
        return f"CASE {' '.join(found)} END" if found else "NULL::integer"

    def _filled(self, place: str) -> str:
        parts = [f"r.{place}_{part}" for part in ("address1", "city", "zip") if self._has(f"{place}_{part}")]
        return f"coalesce({', '.join(parts)}, '') <> ''" if parts else "false"

    def _address(self) -> dict[str, str]:
        """The person's main address, and the others as JSON."""
        parts = dict.fromkeys(ADDRESS_PARTS, "''")
        for part in ADDRESS_PARTS:
            cases = [
                f"WHEN {number} THEN btrim({place}_{part})"
                for number, place in enumerate(self.places)
                if self._has(f"{place}_{part}")
            ]
            if cases:
                parts[part] = f"coalesce(CASE place {' '.join(cases)} END, '')"
        return {**_address_columns(parts), "more_addresses": self._more_addresses()}

    def _more_addresses(self) -> str:
        if len(self.places) < 2:
            return "NULL::jsonb"
        rows = []
        for number, place in enumerate(self.places):
            values = [f"btrim({place}_{p})" if self._has(f"{place}_{p}") else "''" for p in ADDRESS_PARTS]
            rows.append(f"({number}, {', '.join(values)})")
        cleaned = _listed(_address_columns({part: f"coalesce({part}, '')" for part in ADDRESS_PARTS}))
        others = [f"(place <> {n} AND {self._filled(p)})".replace("r.", "") for n, p in enumerate(self.places)]
        return f"""CASE WHEN {" OR ".join(others)} THEN (
            SELECT jsonb_agg(to_jsonb(other)) FROM (
                SELECT {cleaned} FROM (VALUES {", ".join(rows)}) AS a (number, {", ".join(ADDRESS_PARTS)})
                WHERE number <> place AND coalesce(address1, '') || coalesce(city, '') || coalesce(zip, '') <> ''
            ) AS other) END"""  # noqa: S608 – constants

    def _person(self) -> dict[str, str]:
        """The columns of the staging table, out of what the cells mean."""
        last_name = (
            "CASE WHEN r.first_name_text || r.last_name_text = '' THEN r.full_name_text ELSE r.last_name_text END"
        )
        emails = _array([f"r.{email}_clean" for email in EMAILS])
        bad = [f"CASE WHEN r.{e}_is_bad_told THEN portevoix_email(r.{e}) END" for e in EMAILS if self._has(e)]
        return {
            "row_number": "r.row_number",
            "leader": "r.row_number",
            "external_ref": f"'{self.mapping.prefix}' || nullif(r.external_ref_text, '')",
            "first_name": "r.first_name_text",
            "last_name": last_name,
            "sort_key": f"portevoix_sort_key(({last_name}) || ' ' || r.first_name_text)",
            "gender": GENDER if self._has("sex") else "''",
            "born_on": "CASE WHEN r.born_day BETWEEN '1890-01-01' AND now()::date THEN r.born_day END",
            "language": LANGUAGE if self._has("language") else "'fr'",
            "occupation": "r.occupation_text",
            "emails": emails,
            "bad_emails": _array(bad),
            "phones": _array([f"r.{phone}_clean" for phone in PHONES]),
            "phone_kinds": _array([_phone_kind(phone, kind) for phone, kind in PHONES.items()]),
            "has_bad_mobile": "r.is_mobile_bad_told",
            **{name: f"r.{name}" for name in ("line1", "line2", "postcode", "city", "country", "more_addresses")},
            "tags": TAGS if self._has("tag_list") else EMPTY,
            "custom": self._custom(),
            "note": self._text("note", LONGEST_NOTE),
            "roles": _array([self._role(field, role) for field, role in ROLES.items() if self._has(field)]),
            "support_level": f"CASE WHEN {SUPPORT} THEN btrim(r.support_level)::smallint END"
            if self._has("support_level")
            else "NULL::smallint",
            "wants_email": "r.email_opt_in_told",
            "wants_texts": "r.mobile_opt_in_told",
            "stops": _array(self._stops()),
            "lapses": _array(
                [
                    f"CASE WHEN ({emails})[1] = ANY ({_array(bad)}) THEN '{Purpose.NEWSLETTER}' END",
                    f"CASE WHEN r.is_mobile_bad_told THEN '{Purpose.TEXTS}' END",
                ]
            ),
        }

    def _stops(self) -> list[str]:
        """Each purpose that the row refuses; who wants no contact, or is dead, refuses every one that there is."""
        left = "lower(btrim(r.unsubscribed_at)) NOT IN ('', 'false', '0')" if self._has("unsubscribed_at") else "false"
        own = {
            Purpose.NEWSLETTER: f" OR coalesce({left}, false)",
            Purpose.CALLS: " OR r.do_not_call_told OR r.federal_donotcall_told",
        }
        return [
            f"CASE WHEN r.do_not_contact_told OR r.is_deceased_told{own.get(purpose, '')} THEN '{purpose}' END"
            for purpose in OPTIONAL
            if purpose not in OUTLIVING_CONTACT
        ]

    def _role(self, field: str, role: str) -> str:
        return f"CASE WHEN intake_truth(r.{field}) THEN '{role}' END"

    def _custom(self) -> str:
        """One text of JSON, parsed once: several times quicker than building it a value at a time."""
        pairs = [f"""'"{extra.key}":' || {self._json(name, extra.kind)}""" for name, extra in self.extras.items()]
        return f"('{{' || concat_ws(',', {', '.join(pairs) or 'NULL'}) || '}}')::jsonb"

    def _json(self, name: str, kind: CustomKind) -> str:
        """The value as JSON: of its kind if it can be read so, else as text."""
        text = f"to_json(CASE WHEN char_length({name}) <= {LONGEST_EXTRA} THEN nullif(btrim({name}), '') END)::text"
        day = f"""'"' || CASE WHEN {name} ~ '{USUAL_DAY}' THEN left({name}, 10)
            ELSE intake_day({name}, {self.day_first})::text END || '"'"""
        number = f"CASE WHEN btrim({name}) ~ '{NUMBER}' THEN replace(btrim({name}), ',', '.')::numeric::text END"
        truth = f"intake_truth({name})::text"
        read = {CustomKind.YES_NO: truth, CustomKind.DAY: day, CustomKind.NUMBER: number}.get(kind)
        return f"coalesce({read}, {text})" if read else text

    def _problems(self) -> list[str]:
        """``reason:column`` for each value that is left aside, the bare reason for a row that is."""
        nameless = "r.external_ref_text || r.first_name_text || r.last_name_text || r.full_name_text = ''"
        points = [f"r.{field}_clean" for field in (*EMAILS, *PHONES)]
        cases = [f"CASE WHEN {nameless} AND coalesce({', '.join(points)}) IS NULL THEN '{Reason.NOBODY}' END"]
        if self._has("signup_type"):
            cases.append(f"CASE WHEN btrim(r.signup_type) = '1' THEN '{Reason.ORGANISATION}' END")
        for field, (reason, test) in self._tests().items():
            if self._has(field) or field in self.extras:
                cases.append(f"CASE WHEN {test} AND btrim(r.{field}) <> '' THEN '{reason}:{field}' END")
        return cases

    def _tests(self) -> dict[str, tuple[Reason, str]]:
        """What is wrong with a cell that is not blank."""
        wrong: dict[str, tuple[Reason, str]] = {}
        for email in EMAILS:
            again = f" AND r.{email} IS DISTINCT FROM r.email" if email != "email" and self._has("email") else ""
            wrong[email] = (Reason.NOT_AN_EMAIL, f"r.{email}_clean IS NULL{again}")
        for phone in PHONES:
            wrong[phone] = (Reason.NOT_A_PHONE, f"r.{phone}_clean IS NULL")
        for field in PERMISSIONS:
            wrong[field] = (Reason.NOT_YES_OR_NO, f"intake_truth(r.{field}) IS NULL")
        wrong["born_at"] = (Reason.NOT_A_DAY, "(r.born_day BETWEEN '1890-01-01' AND now()::date) IS NOT TRUE")
        for field, limit in {**LIMITS, "tag_list": 100}.items():
            pieces = " AND r.tag_list ~ '[^,]{101}'" if field == "tag_list" else ""
            wrong[field] = (Reason.TOO_LONG, f"char_length(r.{field}) > {limit}{pieces}")
        wrong["note"] = (Reason.TOO_LONG, f"char_length(r.note) > {LONGEST_NOTE}")
        wrong["sex"] = (Reason.CUT, f"char_length(normalize(btrim(r.sex))) > {LONGEST_GENDER}")
        wrong["support_level"] = (Reason.NOT_A_LEVEL, f"({SUPPORT}) IS NOT TRUE")
        for field in ROLES:
            wrong[field] = (Reason.NOT_YES_OR_NO, f"intake_truth(r.{field}) IS NULL")
        for name in self.extras:
            wrong[name] = (Reason.TOO_LONG, f"char_length(r.{name}) > {LONGEST_EXTRA}")
        return wrong


def _listed(columns: dict[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in columns.items())


def _array(items: list[str]) -> str:
    return f"array_remove(ARRAY[{', '.join(items)}]::text[], NULL)"


def _address_columns(parts: dict[str, str]) -> dict[str, str]:
    """Clean columns of an address out of the expressions of its cells."""
    names = " ".join(f"WHEN '{name}' THEN '{code}'" for name, code in COUNTRIES.items())
    country = (
        f"CASE WHEN {parts['country_code']} ~ '^[A-Za-z]{{2}}$' THEN upper({parts['country_code']})"
        f" WHEN {parts['country']} = '' THEN 'FR'"
        f" ELSE coalesce(CASE portevoix_sort_key({parts['country']}) {names} END, '{UNKNOWN_COUNTRY}') END"
    )
    french = f"CASE WHEN {country} IN {FRENCH} THEN intake_postcode({parts['zip']}) END"
    return {
        "line1": f"left(normalize({parts['address1']}), 200)",
        "line2": f"left(concat_ws(', ', nullif({parts['address2']}, ''), nullif({parts['address3']}, '')), 200)",
        "postcode": f"left(coalesce({french}, {parts['zip']}), 10)",
        "city": f"left(normalize({parts['city']}), 120)",
        "country": country,
    }


def _phone_kind(phone: str, kind: str) -> str:
    clean = f"r.{phone}_clean"
    return f"CASE WHEN left({clean}, 4) IN ('+336', '+337') THEN 'mobile' WHEN {clean} <> '' THEN '{kind}' END"
