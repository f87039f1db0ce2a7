"""A report put into words of one language: one shape that the page and the PDF both read."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from portevoix.auditor.engine import words
from portevoix.auditor.engine.knowledge.law import ADEQUATE, INADEQUATE, RESERVED
from portevoix.auditor.engine.report import world
from portevoix.auditor.engine.types import Evidence, Finding, Layer, Receiver, Report, Status, Verdict, Weight

ORDER = (Weight.FAIL, Weight.UNKNOWN, Weight.WARNING, Weight.NOTE)
ADEQUACY = {ADEQUATE: "adequate", RESERVED: "reserved", INADEQUATE: "inadequate"}


def told(report: Report, language: str, folder: Path | None = None) -> dict[str, Any]:
    """Return all that a report says, as plain values; outlines of countries are looked for in ``folder``."""
    said = words.words(language)
    return {
        "language": language,
        "words": said,
        "url": report.url,
        "made_at": _moment(report.made_at, language),
        "engine": report.engine,
        "browser": report.browser,
        "looked": _looked(report, language),
        "overall": {"status": str(report.overall), "name": said[report.overall]},
        "verdicts": [_verdict(verdict, language) for verdict in report.verdicts],
        "receivers": [_receiver(one, language) for one in report.receivers if one.phases or one.is_own],
        "layers": [_layer(one, language) for one in report.layers],
        "map": dependency_map(report.layers, language),
        "world": world.drawing(report.receivers, language, folder),
        "owners": said["owners_told"] % report.owners if report.owners else "",
        "framework": _framework(report, language),
        "claims": sorted({f"{one.company} – {one.claim}" for one in report.receivers if one.claim}),
        "lists": lists(report.lists, language),
        "missing": [(name, words.reason(what, language)) for name, what in sorted(report.missing_lists.items())],
        "pages": list(report.pages),
    }


def lists(used: dict[str, str], language: str) -> list[tuple[str, str]]:
    """Return the lists used with their version; a table of our own is called so."""
    said = words.words(language)
    return [(said.get(f"list_{name}", name), version) for name, version in sorted(used.items())]


def _verdict(verdict: Verdict, language: str) -> dict[str, Any]:
    said = words.words(language)
    findings = sorted(verdict.findings, key=lambda one: ORDER.index(one.weight))
    return {
        "criterion": str(verdict.criterion),
        "name": said[verdict.criterion],
        "status": str(verdict.status),
        "status_name": said[verdict.status],
        "decided": _decided(verdict, language),
        "groups": _groups(findings, language),
    }


def _decided(verdict: Verdict, language: str) -> list[str]:
    """Return what decides a criterion; layers of which the same is to be said are said together."""
    titles = [words.of_rule(rule, verdict.criterion, language).title for rule in verdict.decided_by]
    together: dict[str, list[str]] = {}
    for title in titles:
        layer, colon, rest = title.partition(words.words(language)["colon"])
        together.setdefault(rest if colon else title, []).append(layer if colon else "")
    colon = words.words(language)["colon"]
    return [
        f"{', '.join([layers[0], *(one[:1].lower() + one[1:] for one in layers[1:])])}{colon}{rest}"
        if layers[0]
        else rest
        for rest, layers in together.items()
    ]


def _groups(findings: Sequence[Finding], language: str) -> list[dict[str, Any]]:
    """Return findings by rule, each with all whom it concerns."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for finding in findings:
        said = words.said(finding, language)
        group = groups.setdefault(
            (finding.rule, finding.weight),
            {
                "rule": finding.rule,
                "weight": str(finding.weight),
                "weight_name": words.words(language)[finding.weight],
                "title": said.title,
                "mend": said.mend,
                "article": said.article,
                "items": [],
            },
        )
        group["items"].append(
            {
                "subject": words.subject(finding, language),
                "reason": "" if finding.reason == finding.subject else words.reason(finding.reason, language),
                "evidence": [_evidence(one, language) for one in finding.evidence],
            }
        )
    return list(groups.values())


def _evidence(evidence: Evidence, language: str) -> dict[str, str]:
    return {
        "what": words.reason(evidence.what, language),
        "phase": _phases(tuple(evidence.phase.split(", ")), language) if evidence.phase else "",
        "page": evidence.page,
        "source": words.reason(evidence.source, language),
        "detail": _detail(evidence.detail, language),
    }


def _detail(detail: str, language: str) -> str:
    """Return a detail whose parts may be reasons."""
    parts = (part.rpartition(", ") for part in words.reason(detail, language).split("; "))
    return "; ".join(f"{head}{comma}{words.reason(tail, language)}" for head, comma, tail in parts)


def _phases(phases: tuple[str, ...], language: str) -> str:
    said = words.words(language)
    return ", ".join(said[one] for one in ("none", "refuse", "accept", "form") if one in phases)


def _receiver(one: Receiver, language: str) -> dict[str, str]:
    said = words.words(language)
    return {
        "host": " → ".join((one.host, *one.aliases)),
        "company": said["own"] + (f" ({one.company})" if one.company else "") if one.is_own else one.company or "?",
        "parent": f"{one.parent or '?'} ({words.country_name(one.company_country, language) or '?'})",
        "place": "; ".join(
            [f"{words.country_name(one.country, language) or '?'} {one.network}".strip(), *one.machines[1:]]
        ),
        "adequacy": said[ADEQUACY.get(one.adequacy, "unknown")],
        "tone": ADEQUACY.get(one.adequacy, "unknown"),
        "certification": _certification(one.certification, language, one.claim),
        "source": _source(one.company, one.owner_source, language),
        "phases": _phases(one.phases, language),
    }


def _certification(told: str, language: str, claim: str = "") -> str:
    """Return what is known of a US company's certification, with the day of the list, or plainly that it is unknown."""
    said = words.words(language)
    sign, _colon, day = told.partition(":")
    if day == "not checked":
        where = {"where": f"{urlsplit(claim).hostname} ({words.day(claim[-10:], language)})"}
        return "; ".join([said["dpf_unknown"], *([said["dpf_claimed"] % where] if claim else [])])
    return said["dpf_listed" if sign == "dpf" else "dpf_absent"] % {"day": words.day(day, language)} if told else ""


def _framework(report: Report, language: str) -> list[str]:
    """Return the state of the EU-US framework, where a company or a machine of the United States is concerned."""
    told, said = report.framework, words.words(language)
    concerned = [one for one in report.receivers if one.certification or one.country == "US"]
    if not told or not concerned:
        return []
    days = {name: words.day(value, language) for name, value in told.items()}
    state = said["framework_in_force" if told["in_force"] == "True" else "framework_over"] % days
    is_open = any(one.certification.endswith("not checked") for one in concerned)
    return [state, *([said["framework_check"] % days] if is_open else [])]


def _looked(report: Report, language: str) -> str:
    """Return in a sentence what was looked at, when, and what came of it."""
    said = words.words(language)
    sums = {status: sum(one.status is status for one in report.verdicts) for status in Status}
    told = {**{str(status): count for status, count in sums.items()}, "pages": len(report.pages)}
    key = {0: "looked_none", 1: "looked_one"}.get(len(report.pages), "looked")
    return said[key] % {**told, "day": words.day(report.made_at, language)}


def _moment(text: str, language: str) -> str:
    """Return when something was done: the day as people say it, then the hour."""
    day, _sign, hour = text.partition("T")
    return f"{words.day(day, language)}, {hour[:5]} UTC" if hour else words.day(day, language)


def _source(company: str, known_from: str, language: str) -> str:
    """Return from where a company's parent and country are known: said plainly when it is from nowhere."""
    if not company:
        return ""
    return known_from or words.words(language)["no_source"]


def _layer(one: Layer, language: str) -> dict[str, str]:
    said = words.words(language)
    return {
        "layer": words.layer_name(one.layer, language),
        "what": one.what,
        "company": one.company or "?",
        "parent": one.parent or "?",
        "country": words.country_name(one.country, language) or "?",
        "place": words.country_name(one.place, language),
        "reach": one.reach or {Status.PASS: said["reach_none"], Status.FAIL: said["not_examined"]}.get(one.status, ""),
        "certification": _certification(one.certification, language),
        "source": _source(one.company, one.owner_source, language),
        "status": str(one.status),
        "status_name": said[one.status],
    }


# ---- the map: layers on the left, companies, countries of their parents on the right

INK = {"pass": "#0a4a35", "fail": "#8a1c13", "unknown": "#5b5b5b"}
DASH = {"pass": "", "fail": ' stroke-dasharray="8 3"', "unknown": ' stroke-dasharray="2 3"'}
STEP, COLUMNS, WIDTH = 34, (10, 300, 640), 900


def dependency_map(layers: Sequence[Layer], language: str) -> str:
    """Return a drawing of who holds what; lines differ by colour and by dash."""
    if not layers:
        return ""
    said = words.words(language)
    lefts = list(dict.fromkeys(words.layer_name(one.layer, language) for one in layers))
    middles = list(dict.fromkeys(one.company or "?" for one in layers))
    rights = list(dict.fromkeys(words.country_name(one.country, language) or "?" for one in layers))
    height = STEP * max(len(lefts), len(middles), len(rights)) + 20
    lines, seen = [], set()
    for one in layers:
        company, country = one.company or "?", words.country_name(one.country, language) or "?"
        left = lefts.index(words.layer_name(one.layer, language))
        for start, end in (
            ((0, left), (1, middles.index(company))),
            ((1, middles.index(company)), (2, rights.index(country))),
        ):
            if (start, end, one.status) not in seen:
                seen.add((start, end, one.status))
                lines.append(_line(start, end, str(one.status)))
    labels = [
        _label(column, row, text)
        for column, names in enumerate((lefts, middles, rights))
        for row, text in enumerate(names)
    ]
    title = f"<title>{escape(said['map'])}</title><desc>{escape(said['map_told'])}</desc>"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' font-family="sans-serif" font-size="14">'
        f"{title}{''.join(lines)}{''.join(labels)}</svg>"
    )


def _line(start: tuple[int, int], end: tuple[int, int], status: str) -> str:
    x1, x2 = COLUMNS[start[0]] + 215, COLUMNS[end[0]] - 6
    y1, y2 = (STEP * row + 24 for row in (start[1], end[1]))
    middle = (x1 + x2) // 2
    return (
        f'<path d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}" fill="none" stroke="{INK[status]}"'
        f' stroke-width="2"{DASH[status]}/>'
    )


def _label(column: int, row: int, text: str) -> str:
    y = STEP * row + 24
    short = text if len(text) < 29 else f"{text[:27]}…"
    return (
        f'<rect x="{COLUMNS[column]}" y="{y - 13}" width="215" height="26" rx="4" fill="#fff" stroke="#b8c0c2"/>'
        f'<text x="{COLUMNS[column] + 8}" y="{y + 5}" fill="#1c2b2e">{escape(short)}</text>'
    )
