"""Decisions of the registers, without a database or a clock: adequacy, the 72 hours, what changed, orders of size."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portevoix.registers.types import (
    Addressee,
    Block,
    Change,
    Countries,
    Document,
    Risk,
    Section,
    Spared,
    Verdict,
    named,
)

#: RGPD art. 33(1). Hours are counted as they pass: neither a Sunday nor a change of the clock makes more of them.
#: (Regulation 1182/71 would leave out the hour of the discovery itself: the shorter reading is kept.)
LIMIT = timedelta(hours=72)
#: Hours after which whoever answers for the data is reminded; the last one says that it is late.
STEPS = (24, 48, 60, 72)
#: Data files older than this are to be checked again.
FRESH = timedelta(days=180)

COUNTRY = r"^[A-Z]{2}$"


def verdict(
    country: str, *, condition_is_recorded: bool, has_safeguards: bool, countries: Countries, today: date
) -> Verdict:
    """Return what the law says of sending data to ``country`` on a day (RGPD art. 44-46)."""
    if country in countries.eea:
        return Verdict.EEA
    decision = countries.adequate.get(country)
    if decision is not None and decision.get("since", today) <= today <= decision.get("until", today):
        if "only" not in decision:
            return Verdict.ADEQUATE
        if condition_is_recorded:
            return Verdict.ON_CONDITION
    return Verdict.SAFEGUARDED if has_safeguards else Verdict.FORBIDDEN


def law_that_reaches(places: Collection[str], countries: Countries) -> list[tuple[str, str]]:
    """Return the countries, of those given, whose law follows a company abroad, each with the law."""
    return [(place, countries.reach[place]) for place in dict.fromkeys(places) if place in countries.reach]


def deadline(aware_at: datetime) -> datetime:
    """Return when the authority must have been told: 72 hours of real time after an aware moment."""
    return aware_at + LIMIT


def step_due(aware_at: datetime, now: datetime) -> int | None:
    """Return the last reminder whose hour has come, None before the first."""
    passed = [step for step in STEPS if now - aware_at >= timedelta(hours=step)]
    return passed[-1] if passed else None


def countdown(aware_at: datetime, now: datetime) -> str:
    """Say in words how long remains, or since when it is late; under an hour, in minutes."""
    left = deadline(aware_at) - now
    if left >= timedelta(0):
        return _("%(time)s left") % {"time": _duration(left)}
    return _("late by %(time)s") % {"time": _duration(-left)}


def _duration(time: timedelta) -> str:
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return ngettext("%d minute", "%d minutes", minutes) % minutes
    return ngettext("%d hour", "%d hours", minutes // 60) % (minutes // 60)


def is_late(aware_at: datetime, made_at: datetime) -> bool:
    """Tell whether a notification came after the 72 hours, so that it needs its reason (RGPD art. 33(1))."""
    return made_at > deadline(aware_at)


def must_tell_the_authority(risk: str) -> bool:
    """Until the risk is judged, the clock runs: only a breach judged harmless need not be notified."""
    return risk != Risk.NONE


def lacks(*, risk: str, risk_reasons: str, measures: str, spared: str, told: Collection[str]) -> list[str]:
    """Return what a breach still needs before it may be closed (RGPD art. 33(5), 34)."""
    found = []
    if not risk:
        found.append(_("Judge the risk for people."))
    elif not risk_reasons.strip():
        found.append(_("Say why the risk is so judged."))
    if not measures.strip():
        found.append(_("Say what was done about it."))
    if risk in {Risk.SOME, Risk.HIGH} and Addressee.AUTHORITY not in told:
        found.append(_("Notify the CNIL."))
    if risk == Risk.HIGH and Addressee.PERSONS not in told and spared not in Spared.values:
        found.append(_("Tell the people concerned, or say why that is not needed."))
    return found


def magnitude(number: int) -> str:
    """Say how many, by order of size: the register is about what is done, not about each day."""
    if number == 0:
        return _("nobody")
    if number < 10:
        return _("fewer than 10 people")
    low = 10 ** (len(str(number)) - 1)
    return _("from %(low)s to %(high)s people") % {"low": _spaced(low), "high": _spaced(low * 10)}


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def digest(document: Document) -> str:
    """Return the fingerprint of what a register says, what is passing apart."""
    told = document.as_json()
    for section in told["sections"]:
        section["blocks"] = [block for block in section["blocks"] if not block["passing"]]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def differences(former: Document, present: Document) -> list[Change]:
    """Return what was taken out of, and added to, each section, in readable lines; passing facts do not count."""
    olds = {section.title: _lines(section) for section in former.sections}
    news = {section.title: _lines(section) for section in present.sections}
    changes = []
    for title in [*news, *(title for title in olds if title not in news)]:
        old, new = olds.get(title, []), news.get(title, [])
        gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
        if gone or come:
            changes.append(Change(title, gone, come))
    return changes


def _lines(section: Section) -> list[str]:
    return [line for block in section.blocks if not block.passing for line in lines(block)]


def lines(block: Block) -> list[str]:
    """Return a block as sentences, each able to stand alone."""
    if block.kind == "table":
        heads = block.heads
        return [
            " · ".join([row[0], *(named(head, cell) for head, cell in zip(heads[1:], row[1:], strict=False))])
            for row in block.rows
        ]
    return [named(*row) if len(row) == 2 else row[0] for row in block.rows]
