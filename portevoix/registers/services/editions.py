"""Commands about versions of the record."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import READERS, Actor
from portevoix.kernel import clock
from portevoix.registers import rules
from portevoix.registers.models import Edition
from portevoix.registers.selectors import editions
from portevoix.registers.selectors.record import record

#: Two processes that look at once keep one version: an advisory lock of the database, until the transaction ends.
KEEPING_LOCK = 7_305_010


@command("registers.keep_edition", label=_("Keep a version of the record"), roles=READERS, nationwide=True)
def keep_edition(*, actor: Actor) -> Edition | None:
    """Keep the record as it stands, if its wording changed since the last version; return what was kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEEPING_LOCK])
    document = record()
    digest = rules.digest(document)
    last = editions.latest()
    if last is not None and last.digest == digest:
        return None
    kept = Edition.objects.create(at=clock.now(), by=actor.label, content=document.as_json(), digest=digest)
    note(about=kept, digest=digest)
    return kept
