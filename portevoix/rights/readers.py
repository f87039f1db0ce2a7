"""The ledger and the state, read for verification and for rebuilding: in blocks, or as one set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from portevoix.rights.rules import Receipt, Written

BLOCK = 5_000

#: What an entry's hash is made of, after the hash before: said here again, so that the keeper trusts no function
#: that whoever falsifies the ledger could change (migration 0003 says the same).
CANONICAL = """concat_ws('|', number, (extract(epoch FROM at) * 1000000)::bigint, act, coalesce(person_ref::text, ''),
    coalesce(ground_number::text, ''), purpose, channel, basis, coalesce(wording_number::text, ''),
    coalesce(((extract(epoch FROM given_at) * 1000000)::bigint)::text, ''),
    coalesce(((extract(epoch FROM withdrawn_at) * 1000000)::bigint)::text, ''),
    coalesce(encode(evidence, 'hex'), ''))"""
NEXT = f"""
SELECT number, {CANONICAL}, hash FROM rights_ledgerentry
WHERE number > %s AND number <= %s ORDER BY number LIMIT %s
"""  # noqa: S608 – constants
HEAD = "SELECT number, hash FROM rights_ledgerhead WHERE id = 1"
AT = "SELECT number, hash FROM rights_ledgerentry WHERE number = %s"
FIRST_AFTER = "SELECT min(number) FROM rights_ledgerentry WHERE number > %s OR number < 1"
HAS_ENTRIES = "SELECT EXISTS (SELECT FROM rights_ledgerentry)"

#: What the ledger keeps of a proof: said here again, as the hash is.
_DIGEST = "sha256(convert_to(jsonb_build_array({0}.source, {0}.evidence, {0}.withdrawal)::text, 'UTF8'))"
#: What each ground should be: its last entry, with the proof that agrees with the digest, wherever it still is.
_TRUTH = f"""
SELECT last.ground_number AS id, person.id AS person_id, last.purpose, last.channel, last.basis,
    last.wording_number AS wording_id, last.given_at, last.withdrawn_at,
    coalesce(ground.source, proof.source, '') AS source,
    coalesce(ground.evidence, proof.evidence, jsonb_build_object('lost', encode(last.evidence, 'hex'))) AS evidence,
    coalesce(ground.withdrawal, proof.withdrawal, '{{}}') AS withdrawal,
    coalesce(ground.id, proof.ground_number) IS NOT NULL AS is_proven
FROM (
    SELECT DISTINCT ON (ground_number) * FROM rights_ledgerentry
    WHERE ground_number IS NOT NULL ORDER BY ground_number, number DESC
) AS last
JOIN people_person AS person ON person.ref = last.person_ref
LEFT JOIN rights_ground AS ground ON ground.id = last.ground_number
    AND {_DIGEST.format("ground")} = last.evidence
LEFT JOIN rights_proof AS proof ON proof.ground_number = last.ground_number
    AND {_DIGEST.format("proof")} = last.evidence
WHERE last.act <> 'removed'
"""  # noqa: S608 – constants
TRUTH = f"CREATE TEMPORARY TABLE rights_truth ON COMMIT DROP AS {_TRUTH}"
FIELDS = (
    *("person_id", "purpose", "channel", "basis", "wording_id", "given_at", "withdrawn_at"),
    *("source", "evidence", "withdrawal"),
)
_CHANGED = ", ".join(f"CASE WHEN ground.{name} IS DISTINCT FROM truth.{name} THEN '{name}' END" for name in FIELDS)
#: Every ground that is not what it should be.
_DIFFERENCES = f"""
SELECT * FROM (
    SELECT coalesce(truth.id, ground.id) AS id,
        CASE WHEN ground.id IS NULL THEN 'missing' WHEN truth.id IS NULL THEN 'unknown' ELSE 'different' END AS fate,
        CASE WHEN ground.id IS NULL OR truth.id IS NULL THEN '{{}}'
            ELSE array_remove(ARRAY[{_CHANGED}], NULL) END AS fields
    FROM rights_truth AS truth FULL JOIN rights_ground AS ground USING (id)
) AS compared
WHERE fate <> 'different' OR fields <> '{{}}'
"""  # noqa: S608 – constants
DIFFERENCES = f"CREATE TEMPORARY TABLE rights_difference ON COMMIT DROP AS {_DIFFERENCES}"
#: The same in one statement, which sees one moment: people agree and withdraw while it runs, and hold nothing up.
STRAYED = f"""
WITH rights_truth AS ({_TRUTH}), rights_difference AS ({_DIFFERENCES})
SELECT min(id), count(*) FROM rights_difference
"""  # noqa: S608 – constants
#: A few dozen rows: the words of each question, in each language and version.
WORDS = """
SELECT id, concat_ws('|', id, purpose, language, version, text) FROM rights_wording WHERE id <= %s ORDER BY id
"""
COUNT = "SELECT fate, count(*) FROM rights_difference GROUP BY fate ORDER BY fate"
LIST = "SELECT id, fate, fields FROM rights_difference ORDER BY id LIMIT %s"
COUNT_UNPROVEN = "SELECT count(*) FROM rights_truth WHERE NOT is_proven"


def head() -> Receipt | None:
    """Return where the ledger says that it ends; nothing where the row of the head is gone."""
    return _receipt(HEAD)


def entry_at(number: int) -> Receipt | None:
    """Return the hash that entry ``number`` has now."""
    return Receipt.beginning() if number == 0 else _receipt(AT, number)


def entries(after: int, upto: int) -> Iterator[list[Written]]:
    """Yield the entries after one, up to another, in blocks."""
    while after < upto:
        with connection.cursor() as cursor:
            cursor.execute(NEXT, [after, upto, BLOCK])
            block = [Written(number, text, bytes(digest)) for number, text, digest in cursor.fetchall()]
        if not block:
            return
        yield block
        after = block[-1].number


def stray_after(number: int) -> int | None:
    """Return the first entry beyond where the ledger ends, or before where it begins."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_AFTER, [number])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(HAS_ENTRIES)
        return not cursor.fetchone()[0]


def compare(cursor: CursorWrapper, shown: int) -> tuple[dict[str, int], list[tuple[int, str, list[str]]]]:
    """Compare the state with the ledger; return counts by fate, and the first differences.

    What was compared stays in temporary tables until the transaction ends.
    """
    cursor.execute("DROP TABLE IF EXISTS pg_temp.rights_truth, pg_temp.rights_difference")
    cursor.execute(TRUTH)
    cursor.execute(DIFFERENCES)
    cursor.execute(COUNT)
    counts = dict(cursor.fetchall())
    cursor.execute(COUNT_UNPROVEN)
    (unproven,) = cursor.fetchone()
    if unproven:
        counts["unproven"] = unproven
    cursor.execute(LIST, [shown])
    return counts, cursor.fetchall()


def strayed() -> tuple[int | None, int]:
    """Return the first ground that is not what the ledger says, and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(STRAYED)
        first, count = cursor.fetchone()
    return first, count


def words_upto(number: int) -> Receipt:
    """Return a hash over the words of every question up to wording ``number``."""
    last = Receipt.beginning()
    with connection.cursor() as cursor:
        cursor.execute(WORDS, [number])
        for found, text in cursor.fetchall():
            last = last.then(found, text)
    return last


def last_wording(before: datetime) -> int:
    """Return the number of the last wording that was there at a moment: later ones may still come out of order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM rights_wording WHERE created_at < %s", [before])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _receipt(statement: str, *values: int) -> Receipt | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    return Receipt(row[0], bytes(row[1])) if row else None
