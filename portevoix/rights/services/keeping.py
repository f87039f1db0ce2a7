"""Commands of the ledger's keeper: prove that it is whole, and make the state what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.rights import readers
from portevoix.rights.rules import Chain, Receipt
from portevoix.rights.selectors import last_words
from portevoix.rights.types import Break, Difference, Fault, Rebuilding, Verification

KEEPERS = {Role.DIRECTOR, Role.DATA_OFFICER}
#: Wordings are numbered before their transactions end: after that time none comes in among them any more.
SETTLED_AFTER = timedelta(hours=1)
#: Differences that are told one by one.
SHOWN = 50

Progress = Callable[[int, int], None]

#: A ground that no entry knows is withdrawn, not removed: messages may lean on it. The ledger learns of it that way.
WITHDRAW_UNKNOWN = """
UPDATE rights_ground SET withdrawn_at = coalesce(withdrawn_at, greatest(given_at, %s)),
    withdrawal = withdrawal || '{"rebuild": "unknown"}'
WHERE id IN (SELECT id FROM rights_difference WHERE fate = 'unknown')
"""
#: Those that ended first: two live grounds for one purpose never meet.
CORRECT = """
UPDATE rights_ground AS ground SET person_id = truth.person_id, purpose = truth.purpose, channel = truth.channel,
    basis = truth.basis, wording_id = truth.wording_id, given_at = truth.given_at,
    withdrawn_at = truth.withdrawn_at, source = truth.source, evidence = truth.evidence,
    withdrawal = truth.withdrawal
FROM rights_truth AS truth JOIN rights_difference AS other USING (id)
WHERE ground.id = truth.id AND other.fate = 'different' AND (truth.withdrawn_at IS NULL) = %s
"""
BRING_BACK = """
INSERT INTO rights_ground (id, person_id, purpose, channel, basis, wording_id, given_at, withdrawn_at, source,
    evidence, withdrawal)
SELECT id, person_id, purpose, channel, basis, wording_id, given_at, withdrawn_at, source, evidence, withdrawal
FROM rights_truth JOIN rights_difference USING (id) WHERE fate = 'missing'
"""
#: What was brought back while the triggers were silent.
HOLD = """
UPDATE rights_ground AS ground SET is_held = true FROM people_person AS person
WHERE person.id = ground.person_id AND person.restricted_at IS NOT NULL AND ground.purpose <> 'service' AND NOT is_held
"""
REPAIR_PROOFS = """
INSERT INTO rights_proof (ground_number, person_id, source, evidence, withdrawal)
SELECT id, person_id, source, evidence, withdrawal FROM rights_truth WHERE is_proven
ON CONFLICT (ground_number) DO UPDATE SET person_id = excluded.person_id, source = excluded.source,
    evidence = excluded.evidence, withdrawal = excluded.withdrawal
WHERE (rights_proof.person_id, rights_proof.source, rights_proof.evidence, rights_proof.withdrawal)
    IS DISTINCT FROM (excluded.person_id, excluded.source, excluded.evidence, excluded.withdrawal)
"""


@command("rights.verify", label=_("Verify the ledger of consents"), roles=KEEPERS)
def verify(
    *,
    since: Receipt | None = None,
    kept: Receipt | None = None,
    progress: Progress = lambda done, total: None,
    actor: Actor,
) -> Verification:
    """Prove that no entry was altered, removed or inserted (RGPD art. 5(2), 7(1)); tell the first that was.

    ``kept``, a receipt of a former verification, must still be true: without one, somebody who wrote the whole
    ledger anew, hashes and all, would not be seen. ``since`` does the same and reads only what came after.
    Of a whole ledger, the grounds in use must be what it says, and the wordings those of the last verification.
    """
    chain = Chain(since or Receipt.beginning())
    first, strayed = None, 0
    known = last_words()
    broken = _check_receipts(since, kept) or _walk(chain, progress) or _check_words(known)
    if broken is None:
        first, strayed = readers.strayed()
        broken = Break(first, Fault.STRAYED) if first is not None else None
    settled = readers.last_wording(clock.now() - SETTLED_AFTER)
    words = str(readers.words_upto(max(settled, known.number if known else 0)))
    found = Verification(chain.last.number, str(chain.last), broken, words, strayed)
    note(count=found.entries, receipt=found.receipt, words=words)
    if broken:
        note(broken=broken.number, why=broken.fault)
    if strayed:
        note(strayed=strayed)
    return found


ENDINGS = """
ALTER TABLE rights_ground ENABLE TRIGGER opinion_ends;
ALTER TABLE rights_ground ENABLE TRIGGER measurement_ends
"""


@command("rights.rebuild", label=_("Rebuild the consents from the ledger"), roles=KEEPERS)
def rebuild(*, dry_run: bool, actor: Actor) -> Rebuilding:
    """Make every ground what the ledger says; return what was, or would be, changed.

    A ground that is gone comes back with its proof, from whichever of its two places agrees with the ledger's
    digest; where neither does, the digest stays in its place. A person who was erased gets nothing back. A ground
    that the ledger does not know is withdrawn.
    """
    with connection.cursor() as cursor:
        counts, listed = readers.compare(cursor, SHOWN)
        if not dry_run:
            cursor.execute(WITHDRAW_UNKNOWN, [clock.now()])
            # What follows is the ledger's own word: it adds nothing to it. Nobody else can write meanwhile.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE rights_ground DISABLE TRIGGER USER")
            # But what a ground let be kept ends with it, also when it had been reopened behind the ledger's back.
            cursor.execute(ENDINGS)
            cursor.execute(CORRECT, [False])
            cursor.execute(CORRECT, [True])
            cursor.execute(BRING_BACK)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE rights_ground ENABLE TRIGGER USER")
            cursor.execute(REPAIR_PROOFS)
            cursor.execute(HOLD)
    found = Rebuilding(counts, tuple(Difference(number, fate, tuple(names)) for number, fate, names in listed))
    note(count=found.total, dry_run=dry_run, by_fate=counts)
    return found


def _check_receipts(*receipts: Receipt | None) -> Break | None:
    for receipt in receipts:
        if receipt is not None:
            now = readers.entry_at(receipt.number)
            if now is None:
                return Break(receipt.number, Fault.MISSING)
            if now.hash != receipt.hash:
                return Break(receipt.number, Fault.OTHER_RECEIPT)
    return None


def _check_words(kept: Receipt | None) -> Break | None:
    """Hold the wordings against the last verification of whole ones: entries name them by number alone."""
    if kept is None or readers.words_upto(kept.number) == kept:
        return None
    return Break(kept.number, Fault.REWORDED)


def _walk(chain: Chain, progress: Progress) -> Break | None:
    """Follow the chain to where the ledger says that it ends; entries written meanwhile are for the next time."""
    head = readers.head()
    if head is None:
        return None if readers.is_empty() else Break(chain.last.number, Fault.HEADLESS)
    begun = chain.last.number
    for block in readers.entries(begun, head.number):
        if broken := chain.follow(block):
            return broken
        progress(chain.last.number - begun, head.number - begun)
    if chain.last.number < head.number:
        return Break(chain.last.number + 1, Fault.CUT)
    if chain.last.hash != head.hash:
        return Break(head.number, Fault.ALTERED)
    return _stray(head)


def _stray(head: Receipt) -> Break | None:
    stray = readers.stray_after(head.number)
    if stray is None:
        return None
    now = readers.head()
    return Break(stray, Fault.STRAY) if now is None or now.number < stray or stray < 1 else None
