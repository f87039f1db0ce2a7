"""Audited sites, audits with reports of the engine's own making, and servers without a browser."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import factory
from factory.django import DjangoModelFactory
from pytest_django import Settings

from portevoix.accounts.types import System
from portevoix.auditor import services
from portevoix.auditor.engine.types import (
    Criterion,
    Evidence,
    Finding,
    Layer,
    Receiver,
    Report,
    Status,
    Verdict,
    Weight,
)
from portevoix.auditor.models import Audit, AuditedSite
from portevoix.auditor.types import Answer, Rhythm, Why
from portevoix.conf.instance import Audit as AuditKeys
from portevoix.kernel import clock

WORKER = System("tests")
JPEG = b"\xff\xd8\xff\xd9"
PAGE = "https://voisins.example/"
TRACKER = Finding(
    "tracker-before-choice",
    Criterion.CONSENT,
    Weight.FAIL,
    "Google",
    (Evidence("https://www.google-analytics.com/collect", "none", PAGE, f"{PAGE}app.js", "easyprivacy"),),
)
NO_HSTS = Finding("no-hsts", Criterion.TRANSPARENCY, Weight.WARNING, PAGE, (Evidence(PAGE),))


class AuditedSiteFactory(DjangoModelFactory[AuditedSite]):
    """A watched site; ``own=True`` is the campaign's."""

    class Meta:
        model = AuditedSite

    class Params:
        own = factory.Trait(is_own=True, url="", name="Valmer")

    name = factory.Sequence(lambda n: f"Voisins {n}")
    url = factory.Sequence(lambda n: f"https://voisins{n}.example")
    rhythm = Rhythm.WEEKLY
    next_at = factory.LazyFunction(clock.now)


def report(*findings: Finding, **statuses: Status) -> Report:
    """Return a report: each criterion as told, else failing with a finding and passing without."""
    verdicts = []
    for criterion in Criterion:
        found = tuple(one for one in findings if one.criterion is criterion)
        fails = any(one.weight is Weight.FAIL for one in found)
        status = statuses.get(criterion.value, Status.FAIL if fails else Status.PASS)
        rules = tuple(one.rule for one in found if one.weight is Weight.FAIL) or ("nothing-found",)
        verdicts.append(Verdict(criterion, status, rules, found))
    return Report(
        url=PAGE,
        made_at="2027-01-15T10:00:00+00:00",
        engine="portevoix 0.1.0",
        overall=Status.FAIL if any(one.status is Status.FAIL for one in verdicts[:3]) else Status.PASS,
        verdicts=tuple(verdicts),
        receivers=(
            Receiver("voisins.example", country="FR", company="OVHcloud", parent="OVH Groupe S.A.", is_own=True),
            Receiver(
                "www.google-analytics.com",
                country="IE",
                company="Google",
                parent="Alphabet Inc.",
                company_country="US",
                phases=("none",),
                owner_source="SEC, 2026-11-30",
                certification="dpf:not checked",
            ),
        ),
        layers=(Layer("hosting", "voisins.example", "OVHcloud", "OVH Groupe S.A.", "FR", status=Status.PASS),),
        lists={"easylist.txt": "2026-10-01"},
        pages=(PAGE,),
        browser="Chromium 156",
        owners={"companies": 119, "sourced": 7, "american": 58, "looked_up": 0},
    )


def audited(site: AuditedSite, made: Report | None = None, *, fault: str = "", **more: Any) -> Audit:
    """Return an audit of a site that has come to its end, as the worker makes it."""
    audit = services.begin(site.pk, more.pop("why", Why.SCHEDULE), actor=WORKER)
    assert audit is not None
    pictures = (("none-0", PAGE, JPEG), ("refuse-choice", "", JPEG))
    answer = Answer(fault=fault) if fault else Answer(replace(made or report(), **more), pictures)
    services.keep(audit, answer, actor=WORKER)
    audit.refresh_from_db()
    return audit


def browse_with(settings: Settings, browser: Path | str) -> None:
    """Have the instance's file name a browser."""
    keys = AuditKeys(browser=str(browser))
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"audit": keys})


def mute_browser(folder: Path) -> tuple[Path, Path]:
    """Return a browser that starts and never says a word, and the file in which it notes its number."""
    program, note = folder / "browser", folder / "pid"
    program.write_text(f"#!/bin/sh\necho $$ > {note}\nexec sleep 600\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program, note


def lives(note: Path) -> bool:
    """Tell whether the process whose number a file holds is alive; one that only waits to be buried is not."""
    stat_of = Path(f"/proc/{note.read_text().strip()}/stat")
    return stat_of.exists() and stat_of.read_text().rpartition(")")[2].split()[0] != "Z"
