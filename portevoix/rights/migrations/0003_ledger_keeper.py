"""The database keeps the ledger by itself: code, shell and raw SQL alike obey it (docs/decisions/0007).

After each statement on grounds, a trigger adds one entry a row, chained by SHA-256 to the one before. The row of
the head is locked until the transaction ends, so that entries are numbered without a gap. A second trigger refuses
to change what is written.
"""

from django.db import migrations

#: What an entry's hash is made of, after the hash before. The keeper in Python says the same (selectors.CANONICAL).
CANONICAL = """concat_ws('|', number, (extract(epoch FROM at) * 1000000)::bigint, act, coalesce(person_ref::text, ''),
    coalesce(ground_number::text, ''), purpose, channel, basis, coalesce(wording_number::text, ''),
    coalesce(((extract(epoch FROM given_at) * 1000000)::bigint)::text, ''),
    coalesce(((extract(epoch FROM withdrawn_at) * 1000000)::bigint)::text, ''), coalesce(encode(evidence, 'hex'), ''))"""

FUNCTIONS = """
CREATE FUNCTION rights_link(state bytea, head bytea, entry text) RETURNS bytea
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN sha256(coalesce(state, head) || convert_to(entry, 'UTF8'));
END $$;
CREATE AGGREGATE rights_chain(head bytea, entry text) (SFUNC = rights_link, STYPE = bytea);

CREATE FUNCTION rights_digest(source text, evidence jsonb, withdrawal jsonb) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(jsonb_build_array(source, evidence, withdrawal)::text, 'UTF8'));

CREATE FUNCTION rights_lock_head() RETURNS rights_ledgerhead LANGUAGE plpgsql AS $$
DECLARE
    head rights_ledgerhead;
BEGIN
    SELECT * INTO head FROM rights_ledgerhead WHERE id = 1 FOR UPDATE;
    IF NOT FOUND THEN
        IF EXISTS (SELECT FROM rights_ledgerentry) THEN
            RAISE EXCEPTION 'the head of the ledger is missing' USING ERRCODE = 'data_corrupted';
        END IF;
        INSERT INTO rights_ledgerhead (id, number, hash) VALUES (1, 0, sha256('')) RETURNING * INTO head;
    END IF;
    RETURN head;
END $$;

CREATE FUNCTION rights_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is only added to: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', TABLE = 'rights_ledgerentry';
END $$;
CREATE TRIGGER ledger_is_only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON rights_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION rights_refuse_change();
"""

APPEND = """
    WITH told AS (
        SELECT head.number + row_number() OVER (ORDER BY place) AS number, clock_timestamp() AS at, said.*
        FROM (%(rows)s) AS said
    ),
    added AS (
        INSERT INTO rights_ledgerentry (number, at, act, person_ref, ground_number, purpose, channel, basis,
            wording_number, given_at, withdrawn_at, evidence, hash)
        SELECT number, at, act, person_ref, ground_number, purpose, channel, basis, wording_number, given_at,
            withdrawn_at, evidence, rights_chain(head.hash, entry) OVER (ORDER BY number)
        FROM (SELECT told.*, %(canonical)s AS entry FROM told) AS written_out
        RETURNING number, hash
    )
    UPDATE rights_ledgerhead SET (number, hash) = (SELECT number, hash FROM added ORDER BY number DESC LIMIT 1)
    WHERE id = 1 AND EXISTS (SELECT FROM added);
"""

GIVEN = """
    SELECT it.id AS place,
        CASE WHEN it.given_at = it.withdrawn_at THEN 'refused'
            ELSE CASE it.basis WHEN 'declared_at_import' THEN 'imported' WHEN 'request' THEN 'requested'
                ELSE 'given' END END AS act,
        person.ref AS person_ref, it.id AS ground_number, it.purpose, it.channel, it.basis,
        it.wording_id AS wording_number, it.given_at, it.withdrawn_at,
        rights_digest(it.source, it.evidence, it.withdrawal) AS evidence
    FROM {source} AS it LEFT JOIN people_person AS person ON person.id = it.person_id
"""
CHANGED = """
    SELECT it.id AS place,
        CASE WHEN it.person_id <> before.person_id THEN 'moved'
            WHEN before.withdrawn_at IS NULL AND it.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN before.withdrawn_at IS NOT NULL AND it.withdrawn_at IS NULL THEN 'reopened'
            ELSE 'corrected' END AS act,
        person.ref AS person_ref, it.id AS ground_number, it.purpose, it.channel, it.basis,
        it.wording_id AS wording_number, it.given_at, it.withdrawn_at,
        rights_digest(it.source, it.evidence, it.withdrawal) AS evidence
    FROM written AS it JOIN former AS before USING (id)
    LEFT JOIN people_person AS person ON person.id = it.person_id
    WHERE it.* IS DISTINCT FROM before.*
"""
GONE = """
    SELECT it.id AS place, 'removed' AS act, person.ref AS person_ref, it.id AS ground_number,
        it.purpose, it.channel, it.basis, it.wording_id AS wording_number, it.given_at, it.withdrawn_at,
        NULL::bytea AS evidence
    FROM former AS it LEFT JOIN people_person AS person ON person.id = it.person_id
"""
PERSON = """
    SELECT 1 AS place, what AS act, ref AS person_ref, NULL::bigint AS ground_number, '' AS purpose, '' AS channel,
        '' AS basis, NULL::bigint AS wording_number, NULL::timestamptz AS given_at,
        NULL::timestamptz AS withdrawn_at, NULL::bytea AS evidence
"""

KEEP_PROOFS = """
    INSERT INTO rights_proof (ground_number, person_id, source, evidence, withdrawal)
    SELECT id, person_id, source, evidence, withdrawal FROM {source}
    ON CONFLICT (ground_number) DO UPDATE SET person_id = excluded.person_id, source = excluded.source,
        evidence = excluded.evidence, withdrawal = excluded.withdrawal;
"""


def append(rows: str) -> str:
    """Return the statements that add entries to the ledger; `rows` says which."""
    return "\n    head := rights_lock_head();" + APPEND % {"rows": rows, "canonical": CANONICAL}


def trigger(name: str, event: str, tables: str, changed: str, body: str) -> str:
    """Return a trigger that fires once a statement, and does nothing where no row was touched."""
    return f"""
CREATE FUNCTION rights_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head rights_ledgerhead;
BEGIN
    IF NOT EXISTS (SELECT FROM {changed}) THEN
        RETURN NULL;
    END IF;
    {body}
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_{name} AFTER {event} ON rights_ground REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION rights_{name}();
"""


FORWARD = "".join(
    [
        FUNCTIONS,
        trigger(
            "note_given",
            "INSERT",
            "NEW TABLE AS written",
            "written",
            append(GIVEN.format(source="written")) + KEEP_PROOFS.format(source="written"),
        ),
        trigger(
            "note_changed",
            "UPDATE",
            "OLD TABLE AS former NEW TABLE AS written",
            "written",
            append(CHANGED) + KEEP_PROOFS.format(source="written"),
        ),
        trigger(
            "note_gone",
            "DELETE",
            "OLD TABLE AS former",
            "former",
            append(GONE) + "\n    DELETE FROM rights_proof WHERE ground_number IN (SELECT id FROM former);",
        ),
        f"""
CREATE FUNCTION rights_note_person(what text, ref uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    head rights_ledgerhead;
BEGIN
    {append(PERSON)}
END $$;
""",
        # What was there before the ledger is its beginning.
        f"""
DO $$
DECLARE
    head rights_ledgerhead;
BEGIN
    {append(GIVEN.format(source="rights_ground"))}
    {KEEP_PROOFS.format(source="rights_ground")}
END $$;
""",
    ]
)
BACKWARD = """
DROP TRIGGER ledger_note_given ON rights_ground;
DROP TRIGGER ledger_note_changed ON rights_ground;
DROP TRIGGER ledger_note_gone ON rights_ground;
DROP TRIGGER ledger_is_only_added_to ON rights_ledgerentry;
DROP FUNCTION rights_note_given(), rights_note_changed(), rights_note_gone(), rights_refuse_change(),
    rights_note_person(text, uuid), rights_digest(text, jsonb, jsonb), rights_lock_head();
DROP AGGREGATE rights_chain(bytea, text);
DROP FUNCTION rights_link(bytea, bytea, text);
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_ledger"), ("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
