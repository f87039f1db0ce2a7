"""Decisions about audits, without a database: when the next one is due, what is worth a letter, where to mend."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portevoix.auditor.engine.types import Criterion, Report, Status
from portevoix.auditor.types import Rhythm, Turn
from portevoix.kernel import clock

#: Audits by schedule are made from this hour of the night in France on: nobody waits for the server then.
NIGHT = time(4)
DAYS = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.MONTHLY: 28}
#: After a publication, others are waited for so long: one audit looks at them all.
CALM = timedelta(minutes=2)
#: Reports are kept so long, for the history; pictures of so many audits of a site.
MONTHS_KEPT = 13
PICTURES_KEPT = 2


def due_after(rhythm: str, now: datetime) -> datetime:
    """Return the night in which a site audited now is due again."""
    day = now.astimezone(clock.PARIS).date()
    if now < clock.in_paris(day, NIGHT):
        day -= timedelta(days=1)
    return clock.in_paris(day + timedelta(days=DAYS[Rhythm(rhythm)]), NIGHT)


def turns(known: Mapping[str, str], report: Report) -> list[Turn]:
    """Return the criteria that began or ceased to fail since they were last known; « unknown » changes nothing.

    What was never known before is no change: the first audit is read on its page.
    """
    found = []
    for verdict in report.verdicts:
        before = known.get(verdict.criterion)
        if before is None or verdict.status is Status.UNKNOWN:
            continue
        if (before == Status.FAIL) != (verdict.status is Status.FAIL):
            found.append(Turn(Criterion(verdict.criterion), verdict.status))
    return found


FROM_INSIDE = _("Seen from its own server, a site may have a private address: audit it from outside as well.")
#: Where a finding is mended in this product, by the beginning of its rule; the longest wins.
PLACES: dict[str, str | Promise] = {
    "": _("Look at the page named in the evidence: what is it about to load, and who put it there?"),
    "cookie": _("This product sets no such cookie: it comes from content of other sites in a page, or from your host."),
    "storage": _("This product writes nothing there: it comes from content of other sites, or from your host."),
    "tracker": _("Take the content of other sites out of the page, or look at what your host adds to pages."),
    "third-party": _("Take the content of other sites out of the page, or look at what your host adds to pages."),
    "form-not-encrypted": _("At the host: give the site a certificate, and set “site.base_url” to https://."),
    "form": _("In the page’s form: the link to the privacy policy and the purposes are always there by themselves."),
    "notice": _("Fill in the keys “legal” of the instance’s file: the legal notice is written from them."),
    "notice-other-host": _("Correct “legal.host_name” in the instance’s file: another company answers for the site."),
    "policy": _("Fill in the keys “legal” of the instance’s file and the registers: the policy is written from them."),
    "tls": _("At the host: the certificate and the versions of TLS are the proxy’s."),
    "no-refusal": _("This product’s own banner refuses in one click: another one stands in the page."),
    "fonts-from": _("Take the content of other sites out of the page, or look at what your host adds to pages."),
    "no-": _("At the host: a proxy in front of the site takes this header away."),
    "page-not-encrypted": _("At the host: give the site a certificate, and set “site.base_url” to https://."),
    "mixed-content": _("In the page named in the evidence: write the address with https://."),
    "reached": _("Ask your host, your name registrar and your mail provider whose they are, or choose others."),
    "receiver-unknown": _(
        "Seen from its own server, a site may have a private address: audit it from outside as well."
    ),
    "unknown-hosting": FROM_INSIDE,
    "unknown": _("Ask who owns this company, and add it to the table of owners."),
    "list-missing": _("At the host: run “portevoix audit --update-lists”."),
    "site-not-seen": _("At the host: the server cannot reach the site’s own address; see the guide for hosts."),
    "certification": _("Look the company up on dataprivacyframework.gov, and write the day into the table of owners."),
}


def place_to_mend(rule: str) -> str | Promise:
    """Return where the campaign mends what a rule found on its own site."""
    found = max((beginning for beginning in PLACES if rule.startswith(beginning)), key=len)
    return PLACES[found]
