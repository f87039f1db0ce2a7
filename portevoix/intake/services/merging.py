"""Staged rows become persons, a chunk a transaction: nothing half-written, nothing twice, whenever the process dies.

The file fills blanks and adds contact points; it overwrites nothing. Its refusals always win over its consents, and
over ours (RGPD art. 7(3), 21); a person who withdrew here gets no ground back from a file.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.intake.exceptions import SomebodyElseCameFirst
from portevoix.intake.models import Arrival
from portevoix.intake.readers import erased
from portevoix.intake.services import matching, recording
from portevoix.intake.types import Reason
from portevoix.kernel import clock
from portevoix.people.models import CustomField, Person, sort_key_of
from portevoix.people.types import USABLE, ContactStatus, Kind
from portevoix.rights.purposes import OPTIONAL, Basis, Channel, Purpose
from portevoix.rights.types import ENTRANCE_LOCK

#: Groups of rows merged at once.
CHUNK = 20_000

ADD_PERSONS = """
INSERT INTO people_person (id, ref, first_name, last_name, sort_key, gender, born_on, language, occupation,
    commune_id, postcode, custom, source, external_ref, created_at, updated_at)
SELECT person_id, gen_random_uuid(), first_name, last_name, coalesce(sort_key, ''), gender, born_on, language,
    occupation, person_commune, person_postcode, custom, %(source)s, new_ref, %(now)s, %(now)s
FROM intake_chunk WHERE is_new AND is_first ORDER BY row_number
"""
COUNT_PERSONS = """
SELECT count(*) FILTER (WHERE is_first), count(DISTINCT person_id) FILTER (WHERE stops <> '{}') FROM intake_chunk
"""
#: How many known persons have another value than the file: theirs stays.
COUNT_KEPT = """
SELECT count(*) FROM people_person AS known JOIN intake_chunk AS told ON told.person_id = known.id
WHERE NOT told.is_new AND told.is_first AND (
    (known.first_name <> '' AND told.first_name <> '' AND known.first_name <> told.first_name)
    OR (known.last_name <> '' AND told.last_name <> '' AND known.last_name <> told.last_name)
    OR (known.gender <> '' AND told.gender <> '' AND known.gender <> told.gender)
    OR known.born_on <> told.born_on
    OR (known.occupation <> '' AND told.occupation <> '' AND known.occupation <> told.occupation)
    OR (known.postcode <> '' AND told.person_postcode <> '' AND known.postcode <> told.person_postcode)
    OR NOT (told.custom || known.custom) @> told.custom)
"""
FILL_BLANKS = """
UPDATE people_person AS known SET
    first_name = filled.first_name, last_name = filled.last_name, gender = filled.gender, born_on = filled.born_on,
    occupation = filled.occupation, postcode = filled.postcode, commune_id = filled.commune_id,
    custom = filled.custom, external_ref = filled.external_ref, updated_at = %(now)s,
    sort_key = CASE WHEN (known.first_name, known.last_name) = (filled.first_name, filled.last_name)
        THEN known.sort_key
        ELSE coalesce(portevoix_sort_key(filled.last_name || ' ' || filled.first_name), '') END
FROM (
    SELECT person.id,
        coalesce(nullif(person.first_name, ''), told.first_name) AS first_name,
        coalesce(nullif(person.last_name, ''), told.last_name) AS last_name,
        coalesce(nullif(person.gender, ''), told.gender) AS gender,
        coalesce(person.born_on, told.born_on) AS born_on,
        coalesce(nullif(person.occupation, ''), told.occupation) AS occupation,
        coalesce(nullif(person.postcode, ''), told.person_postcode) AS postcode,
        CASE WHEN person.commune_id IS NULL AND person.postcode IN ('', told.person_postcode)
            THEN told.person_commune ELSE person.commune_id END AS commune_id,
        told.custom || person.custom AS custom,
        coalesce(person.external_ref, told.new_ref) AS external_ref
    FROM people_person AS person JOIN intake_chunk AS told ON told.person_id = person.id
    WHERE NOT told.is_new AND told.is_first AND person.restricted_at IS NULL
) AS filled
WHERE filled.id = known.id
    AND (known.first_name, known.last_name, known.gender, known.born_on, known.occupation, known.postcode,
         known.commune_id, known.custom, known.external_ref)
    IS DISTINCT FROM (filled.first_name, filled.last_name, filled.gender, filled.born_on, filled.occupation,
         filled.postcode, filled.commune_id, filled.custom, filled.external_ref)
"""
#: Names in letters that SQL cannot fold; the key of the rest is never empty.
FIND_UNKEYED = """
SELECT id, last_name, first_name FROM people_person
WHERE sort_key = '' AND (last_name <> '' OR first_name <> '') AND id IN (SELECT person_id FROM intake_chunk)
"""
KEY = "UPDATE people_person SET sort_key = %s WHERE id = %s"

ADD_EMAILS = """
WITH told AS (
    SELECT DISTINCT ON (address) person_id, address, row_number, place, address = ANY (bad_emails) AS is_bad
    FROM intake_chunk, unnest(emails) WITH ORDINALITY AS mine (address, place)
    WHERE NOT EXISTS (SELECT FROM people_emailaddress AS known WHERE known.address = mine.address)
    ORDER BY address, row_number, place
)
INSERT INTO people_emailaddress (person_id, address, status, is_primary, source, created_at)
SELECT person_id, address, CASE WHEN is_bad THEN %(bouncing)s ELSE %(unverified)s END,
    row_number() OVER (PARTITION BY person_id ORDER BY is_bad, row_number, place) = 1
        AND NOT EXISTS (SELECT FROM people_emailaddress AS main WHERE main.person_id = told.person_id AND is_primary),
    %(source)s, %(now)s
FROM told
ON CONFLICT (address) DO NOTHING
"""
#: New persons whose address went, in the meantime, to somebody who filled in a form.
FIND_ROBBED = """
SELECT EXISTS (
    SELECT FROM intake_chunk WHERE is_new AND emails <> '{}'
    AND NOT EXISTS (SELECT FROM people_emailaddress AS mine WHERE mine.person_id = intake_chunk.person_id)
)
"""
MARK_BAD_EMAILS = """
UPDATE people_emailaddress AS known SET status = %(bouncing)s
FROM intake_chunk, unnest(bad_emails) AS bad (address)
WHERE known.address = bad.address AND known.person_id = intake_chunk.person_id AND NOT is_new
    AND known.status = ANY (%(usable)s) -- a refusal stays one, whatever a file says of the address
"""
MARK_BAD_PHONES = """
UPDATE people_phonenumber AS known SET status = %(bouncing)s
FROM intake_chunk, unnest(phones, phone_kinds) AS mine (number, kind)
WHERE has_bad_mobile AND mine.kind = 'mobile' AND NOT is_new
    AND known.person_id = intake_chunk.person_id AND known.number = mine.number
    AND known.status = ANY (%(usable)s)
"""
ADD_PHONES = """
INSERT INTO people_phonenumber (person_id, number, kind, status, source, created_at)
SELECT person_id, number, kind,
    CASE WHEN has_bad_mobile AND kind = 'mobile' THEN %(bouncing)s ELSE %(unverified)s END, %(source)s, %(now)s
FROM intake_chunk, unnest(phones, phone_kinds) WITH ORDINALITY AS mine (number, kind, place)
ORDER BY row_number, place
ON CONFLICT (person_id, number) DO NOTHING
"""
ADD_ADDRESSES = """
INSERT INTO people_postaladdress (person_id, line1, line2, postcode, city, commune_id, country, source)
SELECT person_id, line1, line2, postcode, city, commune, country, %(source)s
FROM intake_chunk WHERE line1 || postcode || city <> '' ORDER BY row_number
ON CONFLICT (person_id, line1, postcode, city) DO NOTHING
"""
ADD_MORE_ADDRESSES = """
INSERT INTO people_postaladdress (person_id, line1, line2, postcode, city, country, source)
SELECT person_id, more.line1, more.line2, more.postcode, more.city, more.country, %(source)s
FROM intake_chunk, jsonb_to_recordset(more_addresses)
    AS more (line1 text, line2 text, postcode text, city text, country text)
ON CONFLICT (person_id, line1, postcode, city) DO NOTHING
"""
ADD_TAGS = """
INSERT INTO people_tag (name)
SELECT DISTINCT name FROM intake_chunk, unnest(tags) AS name ORDER BY name
ON CONFLICT (name) DO NOTHING
"""
ADD_TAGGINGS = """
INSERT INTO people_tagging (person_id, tag_id, source)
SELECT DISTINCT person_id, people_tag.id, %(source)s FROM intake_chunk, unnest(tags) AS word
JOIN people_tag ON people_tag.name = word
ON CONFLICT (person_id, tag_id) DO NOTHING
"""
#: One line of the spine for each person and file, however often the file comes.
ADD_INTERACTIONS = """
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT person_id, %(imported)s, %(now)s, %(about_kind)s, %(arrival)s, %(source)s, jsonb_build_object('row', row_number)
FROM intake_chunk WHERE is_first AND (is_new OR NOT EXISTS (
    SELECT FROM people_interaction AS before
    WHERE before.person_id = intake_chunk.person_id AND before.kind = %(imported)s
        AND before.about_kind = %(about_kind)s AND before.about_id = ANY (%(same_file)s)
))
"""
#: What the file forbids, by person: "stops" are the person's own will, "lapses" are addresses that do not work.
WITHDRAW = """
WITH ended AS (
    UPDATE rights_ground AS live
    SET withdrawn_at = greatest(given_at, %(now)s),
        withdrawal = %(evidence)s::jsonb || jsonb_build_object('row', told.row_number)
    FROM (
        SELECT DISTINCT ON (person_id, purpose) person_id, purpose, row_number
        FROM intake_chunk, unnest(stops || lapses) AS purpose
        WHERE purpose = ANY (stops)
            OR purpose = %(newsletter)s AND NOT EXISTS (
                SELECT FROM people_emailaddress AS mine
                WHERE mine.person_id = intake_chunk.person_id AND is_primary AND mine.status = ANY (%(usable)s))
            OR purpose = %(texts)s AND NOT EXISTS (
                SELECT FROM people_phonenumber AS mine
                WHERE mine.person_id = intake_chunk.person_id AND mine.kind = 'mobile'
                    AND mine.status = ANY (%(usable)s))
        ORDER BY person_id, purpose, row_number
    ) AS told
    WHERE live.person_id = told.person_id AND live.purpose = told.purpose AND live.withdrawn_at IS NULL
        -- The same file again says nothing new: what the person gave since then stands.
        AND NOT EXISTS (
            SELECT FROM rights_ground AS before WHERE before.person_id = live.person_id
                AND before.purpose = live.purpose AND before.withdrawal ->> 'sha256' = %(sha256)s
        )
    RETURNING live.person_id, live.purpose, live.withdrawal
)
INSERT INTO people_interaction (person_id, kind, at, about_kind, about_id, source, detail)
SELECT person_id, %(withdrew)s, %(now)s, %(about_kind)s, %(arrival)s, %(source)s,
    withdrawal || jsonb_build_object('purpose', purpose)
FROM ended
"""
#: A refusal of somebody who had given nothing here is kept as a ground that ended as it began: no file, this one or
#: a later one, makes a live one any more.
REMEMBER_REFUSALS = """
INSERT INTO rights_ground (person_id, purpose, channel, basis, given_at, withdrawn_at, evidence, withdrawal, source)
SELECT DISTINCT ON (person_id, refused) person_id, refused, %(channels)s::jsonb ->> refused, %(basis)s,
    %(now)s, %(now)s,
    %(evidence)s::jsonb || jsonb_build_object('row', row_number),
    %(evidence)s::jsonb || jsonb_build_object('row', row_number), %(source)s
FROM intake_chunk, unnest(stops) AS stop (refused)
WHERE NOT EXISTS (
    SELECT FROM rights_ground AS before
    WHERE before.person_id = intake_chunk.person_id AND before.purpose = stop.refused
        AND before.withdrawn_at IS NOT NULL AND NOT before.withdrawal ? 'retention' -- an end is no refusal
)
ORDER BY person_id, refused, row_number
"""
ADD_GROUNDS = """
INSERT INTO rights_ground (person_id, purpose, channel, basis, given_at, evidence, withdrawal, source)
SELECT person_id, wish.purpose, wish.channel, %(basis)s, %(now)s,
    %(evidence)s::jsonb || jsonb_build_object('row', row_number), '{}', %(source)s
FROM intake_chunk AS told
CROSS JOIN LATERAL (VALUES
    (told.wants_email, %(newsletter)s, %(email)s), (told.wants_texts, %(texts)s, %(sms)s)
) AS wish (is_told, purpose, channel)
WHERE is_first AND wish.is_told AND NOT wish.purpose = ANY (stops || lapses)
    AND (is_new OR NOT EXISTS (
        SELECT FROM rights_ground AS before WHERE before.person_id = told.person_id
            AND before.purpose = wish.purpose AND before.channel = wish.channel
    ))
    AND CASE wish.channel
        WHEN %(email)s THEN (is_new AND NOT emails <@ bad_emails) OR EXISTS (
            SELECT FROM people_emailaddress AS mine
            WHERE mine.person_id = told.person_id AND is_primary AND mine.status = ANY (%(usable)s))
        ELSE (is_new AND NOT has_bad_mobile AND 'mobile' = ANY (phone_kinds)) OR EXISTS (
            SELECT FROM people_phonenumber AS mine
            WHERE mine.person_id = told.person_id AND mine.kind = 'mobile' AND mine.status = ANY (%(usable)s))
    END
ON CONFLICT (person_id, purpose, channel) WHERE withdrawn_at IS NULL DO NOTHING
RETURNING purpose
"""

#: In this order: what a statement counts, and the statement.
STEPS = (
    ("new", ADD_PERSONS),
    ("filled", FILL_BLANKS),
    ("emails", ADD_EMAILS),
    ("", MARK_BAD_EMAILS),
    ("phones", ADD_PHONES),
    ("", MARK_BAD_PHONES),
    ("addresses", ADD_ADDRESSES),
    ("addresses", ADD_MORE_ADDRESSES),
    ("", ADD_TAGS),
    ("taggings", ADD_TAGGINGS),
    ("notes", recording.ADD_NOTES),
    ("roles", recording.ADD_ROLES),
    ("", ADD_INTERACTIONS),
    ("withdrawn", WITHDRAW),
    ("remembered", REMEMBER_REFUSALS),
)
COUNT_ANEW = """
ANALYZE people_person, people_emailaddress, people_phonenumber, people_postaladdress, people_tagging,
    people_interaction, rights_ground
"""


@command("intake.merge", label=_("Merge rows of a file"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def merge(arrival_id: int, *, actor: Actor) -> Arrival:
    """Make persons of the next chunk of staged rows; return the arrival, whose mark has moved.

    Raises SomebodyElseCameFirst when a form took an address of a new person in the same second: try again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ENTRANCE_LOCK])
        arrival = Arrival.objects.select_for_update().get(pk=arrival_id)
        if arrival.merged == 0:
            _add_custom_fields(arrival)
        upto = min(arrival.merged + CHUNK, arrival.staged)
        erased.leave_aside(cursor, arrival, after=arrival.merged, upto=upto)
        counts = _merge_rows(cursor, arrival, upto)
    arrival.merged = upto
    arrival.counts["merged"] = dict(Counter(arrival.counts.get("merged", {})) + counts)
    arrival.save(update_fields=["merged", "counts"])
    note(about=arrival, count=counts["persons"])
    return arrival


@command("intake.close", label=_("Finish the import of a file"), roles={Role.DIRECTOR, Role.DATA_OFFICER})
def close(arrival_id: int, *, actor: Actor) -> Arrival:
    """End an arrival, whole or given up: the staging table goes."""
    arrival = Arrival.objects.select_for_update().get(pk=arrival_id)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {arrival.table}")
        if arrival.merged:
            # Otherwise the planner takes a full table for the empty one it was, until the database looks by itself.
            cursor.execute(COUNT_ANEW)
    if arrival.closed_at is None:
        arrival.closed_at = clock.now()
        arrival.save(update_fields=["closed_at"])
    merged = arrival.counts.get("merged", {})
    note(about=arrival, count=merged.get("persons", 0), **merged)
    return arrival


def _add_custom_fields(arrival: Arrival) -> None:
    filled = arrival.counts.get("filled", {})
    CustomField.objects.bulk_create(
        (
            CustomField(key=key, label=label, kind=kind, source=arrival.source)
            for key, label, kind in arrival.extras
            if filled.get(key)
        ),
        ignore_conflicts=True,
    )


def _merge_rows(cursor: CursorWrapper, arrival: Arrival, upto: int) -> Counter[str]:
    values = _values(arrival)
    cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_chunk")
    cursor.execute(matching.MATCH.format(table=arrival.table), {"after": arrival.merged, "upto": upto})
    rows = cursor.rowcount
    if Person.objects.restricted().exists():
        rows -= _leave_restricted_aside(cursor, arrival)
    cursor.execute(matching.ANALYZE)
    cursor.execute(matching.FOLD)
    counts = Counter({"rows": rows, "folded": cursor.rowcount})
    cursor.execute(COUNT_PERSONS)
    counts["persons"], counts["refusals"] = cursor.fetchone()
    cursor.execute(COUNT_KEPT)
    counts["kept"] = cursor.fetchone()[0]
    for name, statement in STEPS:
        cursor.execute(statement, values)
        if name:
            counts[name] += cursor.rowcount
        if statement is ADD_EMAILS:
            _check_nobody_was_robbed(cursor)
    _key_rare_names(cursor)
    if arrival.declares_grounds:
        cursor.execute(ADD_GROUNDS, values)
        counts += Counter(f"ground_{purpose}" for (purpose,) in cursor.fetchall())
    counts += _add_opinions(cursor, arrival, values)
    cursor.execute("DROP TABLE intake_chunk")
    return counts


def _leave_restricted_aside(cursor: CursorWrapper, arrival: Arrival) -> int:
    told: dict[str, Any] = {"arrival": arrival.pk, "reason": Reason.RESTRICTED.value}
    cursor.execute(matching.LEAVE_RESTRICTED_ASIDE, told)
    rows: int = cursor.rowcount
    erased.count(arrival, Reason.RESTRICTED, rows)
    return rows


def _add_opinions(cursor: CursorWrapper, arrival: Arrival, values: dict[str, Any]) -> Counter[str]:
    """Keep opinions with the agreement that the file declares; without one, count what is left aside (RGPD art. 9)."""
    cursor.execute(recording.COUNT_OPINIONS)
    told = cursor.fetchone()[0]
    kept = 0
    if arrival.declares_opinions and told:
        cursor.execute(recording.ADD_OPINION_GROUNDS, values)
        cursor.execute(recording.ADD_OPINIONS, values)
        kept = cursor.rowcount
    return Counter({"opinions": kept, "opinions_left": told - kept})


def _values(arrival: Arrival) -> dict[str, Any]:
    same_file = Arrival.objects.filter(sha256=arrival.sha256).values_list("pk", flat=True)
    return {
        "now": clock.now(),
        "source": arrival.source,
        "arrival": arrival.pk,
        "about_kind": arrival._meta.label_lower,
        "same_file": list(same_file),
        "sha256": arrival.sha256,
        "evidence": json.dumps(arrival.evidence),
        "basis": Basis.DECLARED_AT_IMPORT,
        "imported": Kind.IMPORTED,
        "withdrew": Kind.WITHDREW,
        "unverified": ContactStatus.UNVERIFIED,
        "bouncing": ContactStatus.BOUNCING,
        "usable": [str(status) for status in USABLE],
        "newsletter": Purpose.NEWSLETTER,
        "texts": Purpose.TEXTS,
        "email": Channel.EMAIL,
        "sms": Channel.SMS,
        "opinion": Purpose.OPINION,
        "record": Channel.RECORD,
        "channels": json.dumps(OPTIONAL),
    }


def _check_nobody_was_robbed(cursor: CursorWrapper) -> None:
    cursor.execute(FIND_ROBBED)
    if cursor.fetchone()[0]:
        raise SomebodyElseCameFirst


def _key_rare_names(cursor: CursorWrapper) -> None:
    cursor.execute(FIND_UNKEYED)
    keys = [(sort_key_of(first, last), pk) for pk, last, first in cursor.fetchall()]
    if keys:
        cursor.executemany(KEY, keys)
