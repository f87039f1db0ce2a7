"""Audits by the worker: after a publication, by night, when somebody asks."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from portevoix.accounts.types import System
from portevoix.auditor import connectors, rules, services
from portevoix.auditor.models import AuditedSite
from portevoix.auditor.types import Why
from portevoix.kernel import clock, jobs

AUDITOR = System("auditor")
#: One audit at a time in the whole instance: a browser is heavy.
LOCK = 7_305_060
LATER = timedelta(minutes=1)


def after_publication() -> None:
    """Have our own site audited soon, once what was published is there; many publications are one audit."""
    transaction.on_commit(lambda: jobs.defer("auditor.look_at_published", once=True, later=rules.CALM), robust=True)


@jobs.task(name="auditor.look_at_published")
def look_at_published() -> None:
    """Ask for an audit of what was published, where one can be made: else the night says why not."""
    if not connectors.fault():
        jobs.defer("auditor.audit_site", once=True, site_id=None, why=Why.PUBLICATION.value)


@jobs.task(name="auditor.audit_site", lock="auditor.audit_site")
def audit_site(site_id: int | None, why: str) -> None:
    """Begin, look – outside of any transaction, for it lasts –, keep. None is the campaign's own site."""
    with jobs.alone(LOCK, 0) as is_alone:
        if not is_alone:  # what a worker that is thought dead began
            jobs.defer("auditor.audit_site", once=True, later=LATER, site_id=site_id, why=why)
        elif (audit := services.begin(site_id, Why(why), actor=AUDITOR)) is not None:
            answer = connectors.audited(audit.site.address, is_own=audit.site.is_own)
            services.keep(audit, answer, actor=AUDITOR)


@jobs.periodic("20 * * * *", name="auditor.start_due")
def start_due() -> None:
    """Start the audits whose night has come; the first time, get to know our own site."""
    if AuditedSite.objects.due(clock.now()).exists() or not AuditedSite.objects.own().exists():
        services.start_due(actor=System("auditor.start_due"))


@jobs.periodic("50 3 * * *", name="auditor.forget_old")
def forget_old() -> None:
    """Let go of audits of long ago."""
    services.forget_old(actor=System("auditor.forget_old"))
