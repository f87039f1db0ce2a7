"""Reads of audits: how each site stands, what changed, the report in the reader's words with its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from portevoix.accounts.models import User
from portevoix.auditor import connectors, rules
from portevoix.auditor.engine import words
from portevoix.auditor.engine.report import changes, telling
from portevoix.auditor.engine.report.plain import REPORT
from portevoix.auditor.engine.types import Criterion, Report, Status
from portevoix.auditor.models import Audit, AuditedSite, AuditPicture, AuditVerdict
from portevoix.auditor.types import VIEWERS
from portevoix.kernel import clock

#: An audit that says nothing for so long was left by a dead worker.
LONGEST = timedelta(minutes=10)
#: What an audit usually takes, in seconds.
USUAL = 70
#: Lines of the history.
PAST = 30
#: What decides a criterion; evidence that is shown at once.
GRAVE, SHORT = {"fail", "unknown"}, 3
#: Which pictures of a choice stand beside which rules.
CHOICES = {"refus": "refuse-choice", "accept": "accept-choice"}


def language() -> str:
    """Return the language in which the engine speaks to whoever reads."""
    told = (get_language() or "")[:2]
    return told if told in words.LANGUAGES else "en"


def running(site: AuditedSite) -> Audit | None:
    """Return the audit of a site that is under way."""
    found: Audit | None = site.audits.filter(ended_at=None, began_at__gt=clock.now() - LONGEST).first()
    return found


@dataclass(frozen=True)
class Clock:
    """How long an audit has been under way, and how long it will probably take, in seconds."""

    seconds: int
    expected: int


def clock_of(site: AuditedSite) -> Clock | None:
    """Return how far the audit under way is, by how long the last one took; None where none is under way."""
    if (audit := running(site)) is None:
        return None
    last = site.audits.exclude(report=None).order_by("-pk").only("began_at", "ended_at").first()
    took = round((last.ended_at - last.began_at).total_seconds()) if last and last.ended_at else 0
    return Clock(round((clock.now() - audit.began_at).total_seconds()), max(took, USUAL))


def last_pk(site: AuditedSite) -> int | None:
    """Return the number of the last audit that ended."""
    found: int | None = site.audits.exclude(ended_at=None).values_list("pk", flat=True).first()
    return found


def known(site: AuditedSite) -> dict[str, str]:
    """Return how each criterion stood when something was last known of it."""
    rows = AuditVerdict.objects.filter(audit__site=site).exclude(status=Status.UNKNOWN)
    return dict(rows.order_by("criterion", "-audit_id").distinct("criterion").values_list("criterion", "status"))


def watchers(site: AuditedSite) -> QuerySet[User]:
    """Return who is written to about a site: whoever asked; about our own, or when they left, those who answer."""
    active = User.objects.filter(is_active=True)
    asked = active.filter(pk=site.asked_by_id or 0)
    return asked if asked.exists() else active.filter(mandates__role__in=VIEWERS).distinct()


# ---- the list


@dataclass(frozen=True)
class Mark:
    """A criterion and how it stands, in words."""

    criterion: str
    name: str
    status: str
    status_name: str


@dataclass(frozen=True)
class Line:
    """A site and its last audit."""

    site: AuditedSite
    audit: Audit | None
    marks: list[Mark]
    clock: Clock | None


def lines() -> list[Line]:
    """Return every site that is audited, the campaign's own first, with its last audit that has a report."""
    sites = AuditedSite.objects.select_related("asked_by")
    with_report = Audit.objects.exclude(report=None).defer("report").prefetch_related("verdicts")
    latest = with_report.order_by("site_id", "-pk").distinct("site_id")
    by_site = {audit.site_id: audit for audit in latest}
    under_way = set(
        Audit.objects.filter(ended_at=None, began_at__gt=clock.now() - LONGEST).values_list("site", flat=True)
    )
    return [
        Line(
            site,
            (audit := by_site.get(site.pk)),
            marks(audit) if audit else [],
            clock_of(site) if site.pk in under_way else None,
        )
        for site in sites
    ]


def marks(audit: Audit) -> list[Mark]:
    """Return the five criteria of an audit, in their order, in words; unknown where there is no report."""
    said = words.words(language())
    statuses = {one.criterion: one.status for one in audit.verdicts.all()}
    return [
        Mark(one.value, said[one], status, said[status])
        for one in Criterion
        for status in [statuses.get(one.value, Status.UNKNOWN.value)]
    ]


def failing() -> list[str]:
    """Return the criteria that our own site fails, by its last audit with a report."""
    audit = Audit.objects.filter(site__is_own=True).exclude(report=None).order_by("-pk").only("pk").first()
    if audit is None:
        return []
    said = words.words(language())
    failed = audit.verdicts.filter(status=Status.FAIL).values_list("criterion", flat=True)
    return [said[one] for one in failed]


# ---- one audit


@dataclass(frozen=True)
class Past:
    """A line of the history."""

    audit: Audit
    marks: list[Mark]
    is_shown: bool


@dataclass(frozen=True)
class Shown:
    """An audit as its page shows it."""

    audit: Audit
    told: dict[str, Any]
    turned: list[str]
    changes: list[str]
    since: Audit | None
    pictures: list[AuditPicture]


def shown(audit: Audit) -> Shown:
    """Put an audit that has a report into words, with what changed since the one before."""
    report, tongue = report_of(audit), language()
    before = _before(audit)
    found = changes.between(report_of(before), report) if before else changes.Changes((), (), ())
    changed, turned = changes.told(found, tongue), len(found.statuses)
    pictures = list(audit.pictures.defer("jpeg"))
    told = telling.told(report, tongue, connectors.lists_folder())
    told["world"] = mark_safe(told["world"])  # noqa: S308 - drawn by the engine from escaped words
    for verdict in told["verdicts"]:
        _complete(verdict, is_own=audit.site.is_own)
        verdict["pictures"] = _pictures_of(verdict["grave"], pictures)
    return Shown(audit, told, changed[:turned], changed[turned:], before, pictures)


def report_of(audit: Audit) -> Report:
    """Return the engine's report of an audit that has one."""
    return REPORT.validate_python(audit.report)


def _before(audit: Audit) -> Audit | None:
    past = Audit.objects.filter(site=audit.site_id, pk__lt=audit.pk).exclude(report=None)
    found: Audit | None = past.order_by("-pk").first()
    return found


def _complete(verdict: dict[str, Any], *, is_own: bool) -> None:
    """Tell what decides a criterion from what is good to know, and where our own site is mended."""
    for group in verdict["groups"]:
        group["lines"] = group["items"]  # a template would call the dictionary's own
        group["size"] = len(group["lines"])
        group["is_short"] = group["size"] <= SHORT
        group["place"] = rules.place_to_mend(group["rule"]) if is_own else ""
    verdict["grave"] = [group for group in verdict["groups"] if group["weight"] in GRAVE]
    verdict["light"] = [group for group in verdict["groups"] if group["weight"] not in GRAVE]


def _pictures_of(grave: list[dict[str, Any]], pictures: list[AuditPicture]) -> list[AuditPicture]:
    """Return the pictures of the pages, and of the choices, that a criterion's grave findings name."""
    pages = {seen["page"] for group in grave for item in group["items"] for seen in item["evidence"]}
    choices = {name for sign, name in CHOICES.items() for group in grave if sign in group["rule"]}
    return [one for one in pictures if one.page in pages - {""} or one.name in choices]


def history(site: AuditedSite, shown_pk: int | None) -> list[Past]:
    """Return the last audits of a site, the latest first."""
    audits = site.audits.exclude(ended_at=None).defer("report").prefetch_related(Prefetch("verdicts"))
    return [Past(one, marks(one), one.pk == shown_pk) for one in audits.order_by("-pk")[:PAST]]


def last_with_report(site: AuditedSite) -> Audit | None:
    """Return the audit that a site's page shows."""
    found: Audit | None = site.audits.exclude(report=None).order_by("-pk").select_related("site").first()
    return found


def last_fault(site: AuditedSite) -> str:
    """Return why the last audit has no report; nothing where it has one."""
    last = site.audits.exclude(ended_at=None).order_by("-pk").defer("report").first()
    return str(last.get_fault_display()) if last and last.fault else ""
