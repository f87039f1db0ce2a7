"""``portevoix audit --watch``: what the screen of audits and the worker do by themselves, for whoever has a console."""

from __future__ import annotations

import sys

import django
from django.apps import apps


def watch(url: str, rhythm: str) -> int:
    """Have this instance watch a site; without an address, make the audits that are due now. Return the exit status."""
    if not apps.ready:
        django.setup()
    return _add(url, rhythm) if url else _make_due()


def _add(url: str, rhythm: str) -> int:
    from portevoix.accounts.types import System
    from portevoix.auditor import services
    from portevoix.auditor.engine.domains import full_address
    from portevoix.auditor.forms import WatchForm
    from portevoix.auditor.types import Rhythm

    address = full_address(url)
    form = WatchForm({"name": address.partition("://")[2].rstrip("/")[:80], "url": address, "rhythm": rhythm})
    if not form.is_valid():
        sys.stderr.write(" ".join(str(fault) for faults in form.errors.values() for fault in faults) + "\n")
        return 2
    said = form.cleaned_data
    site = services.watch(
        name=said["name"], url=said["url"], rhythm=Rhythm(said["rhythm"]), actor=System("portevoix audit --watch")
    )
    sys.stdout.write(f"{site.url}: {site.get_rhythm_display()}\n")
    return 0


def _make_due() -> int:
    from portevoix.auditor import connectors, rules, tasks
    from portevoix.auditor.models import AuditedSite
    from portevoix.auditor.types import Fault, Why
    from portevoix.kernel import clock

    if why := connectors.fault():
        sys.stderr.write(f"{Fault(why).label}\n")
        return 2
    for site in AuditedSite.objects.due(clock.now()):
        sys.stdout.write(f"{site.address}…\n")
        tasks.audit_site(site.pk, Why.SCHEDULE.value)
        AuditedSite.objects.filter(pk=site.pk).update(next_at=rules.due_after(site.rhythm, clock.now()))
    return 0
