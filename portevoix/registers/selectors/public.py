"""What the public pages say of the instance: the legal notice (LCEN art. 1-1) and privacy (RGPD art. 13, 14)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from portevoix.intake.services.receiving import UNCONFIRMED_LIFETIME
from portevoix.registers import readers
from portevoix.registers.selectors.processors import Line, processor_lines
from portevoix.registers.types import Verdict
from portevoix.rights.purposes import TERMS, Purpose
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.selectors.retention import terms_in_force


@dataclass(frozen=True)
class Use:
    """A use of data: what for, on which ground, for how long."""

    purpose: str
    ground: str
    kept: str


@dataclass(frozen=True)
class Receiver:
    """A company that processes data for the campaign."""

    name: str
    service: str
    places: str
    transfer: str
    laws: str


def uses() -> list[Use]:
    """Return each use that people may accept or refuse, with its article and its limit, after their own requests."""
    months = terms_in_force()
    own = Use(
        str(Purpose.SERVICE.label),
        _("Your request (%(article)s)") % {"article": "RGPD art. 6(1)(b)"},
        _("Until it is done; %(days)d days if you do not confirm your address.") % {"days": UNCONFIRMED_LIFETIME.days},
    )
    return [
        own,
        *(
            Use(
                str(purpose.label),
                _("Your explicit consent (%(article)s)") % {"article": terms.article},
                replace(terms.retention, months=months[purpose]).sentence,
            )
            for purpose, terms in TERMS.items()
        ),
    ]


def notice() -> dict[str, Any]:
    """Return the facts of both legal pages, in the language now in use."""
    lines = processor_lines()
    legal = legal_facts()
    return {
        "uses": uses(),
        "receivers": [_receiver(line) for line in lines],
        "stays_in_europe": bool(lines) and all(_stays(line) for line in lines),
        "leaves_europe": any(line.verdict and line.verdict is not Verdict.EEA for line in lines),
        "host_country": readers.name_of(legal.host_country),
        "export_days": settings.INSTANCE.disclosure.export_days,
    }


def _receiver(line: Line) -> Receiver:
    transfer = str(line.verdict.label) if line.verdict and line.verdict is not Verdict.EEA else ""
    return Receiver(line.name, line.service, line.places, transfer, "; ".join(line.reached_by))


def _stays(line: Line) -> bool:
    """Whether it is known that the data stay: described as in the EEA, or named so by the configuration."""
    if line.verdict is not None:
        return line.verdict is Verdict.EEA
    return bool(line.found and line.found.country in readers.countries().eea)
