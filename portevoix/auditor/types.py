"""Words of audits in the back office; those of the verdicts themselves are the engine's."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Role
from portevoix.auditor.engine.types import Criterion, Report, Status

#: Who answers for what the site does to its visitors.
VIEWERS = frozenset({Role.DIRECTOR, Role.COMMUNICATIONS, Role.DATA_OFFICER})


class Rhythm(models.TextChoices):
    """How often a site is audited."""

    DAILY = "daily", _("every night")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


class Why(models.TextChoices):
    """What an audit was made for."""

    PUBLICATION = "publication", _("after a publication")
    SCHEDULE = "schedule", _("by its schedule")
    ASKED = "asked", _("because somebody asked")


class Fault(models.TextChoices):
    """Why an audit has no report, in a sentence for the team."""

    NO_PACKAGES = "no_packages", _("The packages of the auditor are not installed on this server.")
    NO_BROWSER = "no_browser", _("No browser is installed on this server.")
    TOO_LONG = "too_long", _("It took too long and was ended.")
    BROKE = "broke", _("It ended without a report; the log of the worker says why.")


#: What whoever hosts the platform does about a fault of the server's own.
REMEDIES = {
    Fault.NO_PACKAGES: _("To install them: pip install 'portevoix[audit]'."),
    Fault.NO_BROWSER: _("To install one: sudo apt install chromium-headless-shell; any Chromium will do."),
}


@dataclass(frozen=True)
class Answer:
    """What came of an audit: a report and its pictures (name, page, JPEG), or a fault."""

    report: Report | None = None
    pictures: tuple[tuple[str, str, bytes], ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Turn:
    """A criterion that fails now and did not, or the other way round."""

    criterion: Criterion
    status: Status
