"""Commands about audits: ask for one, keep what came of it, watch other sites, tell whoever should know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import Actor
from portevoix.auditor import connectors, rules, selectors
from portevoix.auditor.engine import words
from portevoix.auditor.engine.report.plain import REPORT
from portevoix.auditor.engine.types import Report, Status
from portevoix.auditor.exceptions import NotPossible
from portevoix.auditor.models import Audit, AuditedSite, AuditPicture, AuditVerdict
from portevoix.auditor.types import VIEWERS, Answer, Fault, Rhythm, Turn, Why
from portevoix.kernel import clock, jobs


@command("auditor.ask", label=_("Have a site audited now"), roles=VIEWERS)
def ask(site: AuditedSite | None, *, actor: Actor) -> None:
    """Have a site audited as soon as the worker can; None is the campaign's own. Raises NotPossible."""
    if why := connectors.fault():
        raise NotPossible(str(Fault(why).label))
    site = site or _own_site()
    if selectors.running(site):
        raise NotPossible(gettext("An audit of this site is under way."))
    jobs.defer("auditor.audit_site", once=True, site_id=site.pk, why=Why.ASKED.value)
    note(about=site)


@command("auditor.watch", label=_("Watch another site"), roles=VIEWERS)
def watch(*, name: str, url: str, rhythm: Rhythm, actor: Actor) -> AuditedSite:
    """Have another site audited now and then; whoever asks is told when a criterion turns."""
    asked_by = User.objects.get(pk=actor.ident) if actor.kind == "staff" else None
    due = rules.due_after(rhythm, clock.now())
    site = AuditedSite.objects.create(name=name, url=url, rhythm=rhythm, asked_by=asked_by, next_at=due)
    jobs.defer("auditor.audit_site", once=True, site_id=site.pk, why=Why.ASKED.value)
    note(about=site, rhythm=rhythm)
    return site


@command("auditor.change_watch", label=_("Change how a site is watched"), roles=VIEWERS)
def change_watch(site: AuditedSite, *, name: str, rhythm: Rhythm, actor: Actor) -> None:
    """Call a watched site otherwise, or audit it more or less often. Its address stays: its history is of that."""
    site.name, site.rhythm = name, rhythm
    site.next_at = rules.due_after(rhythm, clock.now())
    site.save(update_fields=["name", "rhythm", "next_at"])
    note(about=site, rhythm=rhythm)


@command("auditor.stop_watching", label=_("Watch a site no more"), roles=VIEWERS)
def stop_watching(site: AuditedSite, *, actor: Actor) -> None:
    """Forget a watched site with all its audits. Raises NotPossible for the campaign's own."""
    if site.is_own:
        raise NotPossible(gettext("The campaign’s own site is always audited."))
    note(about=site, count=site.audits.count())
    site.delete()


@command("auditor.begin", label=_("Begin an audit"), roles=())
def begin(site_id: int | None, why: Why, *, actor: Actor) -> Audit | None:
    """Write down that an audit begins; None where the site is watched no more. None as a site is the campaign's own.

    Only one is made at a time in the whole instance, so that whatever seems to be under way was left by a dead worker.
    """
    site = AuditedSite.objects.filter(pk=site_id).first() if site_id else _own_site()
    if site is None:
        return None
    Audit.objects.filter(ended_at=None).delete()
    audit = Audit.objects.create(site=site, why=why, began_at=clock.now())
    note(about=audit, why=why)
    return audit


@command("auditor.keep", label=_("Keep what an audit found"), roles=())
def keep(audit: Audit, answer: Answer, *, actor: Actor) -> list[Turn]:
    """Keep a report or a fault, let go of older pictures, and write to those who should know; return what turned."""
    if answer.report is None:
        return _keep_fault(audit, answer.fault)
    known = selectors.known(audit.site)
    audit.report, audit.overall = REPORT.dump_python(answer.report, mode="json"), answer.report.overall
    audit.ended_at = clock.now()
    if not _is_kept(audit, "report", "overall", "ended_at"):
        return []
    AuditVerdict.objects.bulk_create(
        AuditVerdict(audit=audit, criterion=one.criterion, status=one.status) for one in answer.report.verdicts
    )
    AuditPicture.objects.bulk_create(
        AuditPicture(audit=audit, name=name, page=page, jpeg=jpeg) for name, page, jpeg in answer.pictures
    )
    _forget_pictures(audit.site)
    turned = rules.turns(known, answer.report)
    letters = _tell(audit.site, turned, answer.report, actor) if turned else 0
    note(about=audit, overall=audit.overall, turned=len(turned), letters=letters)
    return turned


def _keep_fault(audit: Audit, fault: str) -> list[Turn]:
    """Keep why there is no report; the same reason night after night is one line of the history."""
    if (last := selectors.last_pk(audit.site)) is not None:
        Audit.objects.filter(pk=last, fault=fault).delete()
    audit.fault, audit.ended_at = fault, clock.now()
    if _is_kept(audit, "fault", "ended_at"):
        note(about=audit, fault=fault)
    return []


def _is_kept(audit: Audit, *names: str) -> bool:
    """Write these fields down; tell whether the audit is still there: somebody may have stopped watching meanwhile."""
    is_there = Audit.objects.filter(pk=audit.pk).update(**{name: getattr(audit, name) for name in names}) > 0
    if not is_there:
        note(count=0)
    return is_there


def _forget_pictures(site: AuditedSite) -> None:
    kept = site.audits.exclude(report=None).order_by("-pk").values("pk")[: rules.PICTURES_KEPT]
    AuditPicture.objects.filter(audit__site=site).exclude(audit__in=list(kept.values_list("pk", flat=True))).delete()


def _tell(site: AuditedSite, turned: list[Turn], report: Report, actor: Actor) -> int:
    """Write to whoever watches a site what turned; return how many letters are owed."""
    with translation.override(settings.LANGUAGE_CODE):
        said = words.words(settings.LANGUAGE_CODE)
        fails = any(turn.status is Status.FAIL for turn in turned)
        subject = gettext("%(site)s: a criterion fails") if fails else gettext("%(site)s: a criterion fails no more")
        colon = gettext("%(criterion)s: %(status)s")
        lines = ["– " + colon % {"criterion": said[turn.criterion], "status": said[turn.status]} for turn in turned]
        body = gettext("The audit of %(address)s found this change:") % {"address": site.address}
        letter = {"subject": (subject % {"site": _named(site)})[:150], "body": "\n".join([body, *lines])}
    path = reverse("auditor:site", args=[site.pk])
    return sum(remind(user, **letter, path=path, actor=actor) for user in selectors.watchers(site))


def _named(site: AuditedSite) -> str:
    return gettext("Our site") if site.is_own else site.name


@command("auditor.start_due", label=_("Start the audits that are due"), roles=())
def start_due(*, actor: Actor) -> int:
    """Ask for the audits whose night has come; return how many."""
    _own_site()
    due = list(AuditedSite.objects.due(clock.now()).select_for_update(skip_locked=True))
    for site in due:
        jobs.defer("auditor.audit_site", once=True, site_id=site.pk, why=Why.SCHEDULE.value)
        site.next_at = rules.due_after(site.rhythm, clock.now())
        site.save(update_fields=["next_at"])
    note(count=len(due))
    return len(due)


@command("auditor.forget_old", label=_("Forget old audits"), roles=())
def forget_old(*, actor: Actor) -> int:
    """Forget the audits of more than thirteen months ago, but for the last of each site; return how many."""
    before = clock.months_later(clock.today(), -rules.MONTHS_KEPT)
    latest = [pk for pk in (selectors.last_pk(site) for site in AuditedSite.objects.all()) if pk]
    old = Audit.objects.ended().filter(began_at__date__lt=before).exclude(pk__in=latest)
    count = old.count()
    old.delete()
    note(count=count)
    return count


def _own_site() -> AuditedSite:
    """Return the campaign's own site, made the first time that it is asked for; due in the coming night."""
    defaults: Mapping[str, Any] = {
        "name": settings.INSTANCE.site.name[:80],
        "rhythm": Rhythm.DAILY,
        "next_at": rules.due_after(Rhythm.DAILY, clock.now()),
    }
    with transaction.atomic():
        return AuditedSite.objects.get_or_create(is_own=True, defaults=defaults)[0]
