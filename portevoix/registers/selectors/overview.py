"""The registers at a glance: what each holds, and what is missing in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portevoix.registers.models import Assessment, Processor
from portevoix.registers.selectors import editions
from portevoix.registers.selectors.assessment import is_out_of_date
from portevoix.registers.selectors.breaches import Case, cases
from portevoix.registers.selectors.processors import is_stale, processor_lines
from portevoix.registers.selectors.programs import programs
from portevoix.registers.selectors.record import controller_section, not_done
from portevoix.registers.types import Decision, named
from portevoix.rights.selectors.protected import misplaced


@dataclass(frozen=True)
class Register:
    """One register: where it is, what it says, what is wrong."""

    title: str
    article: str
    about: str
    url: str
    state: str = ""
    faults: list[str] = field(default_factory=list)


def overview() -> list[Register]:
    """Return the five registers."""
    return [_record(), _reach(), _processors(), _breaches(), _assessment()]


def _record() -> Register:
    last = editions.latest()
    state = _("No version is kept yet.")
    if last:
        state = _("Last changed on %(day)s.") % {"day": date_format(localtime(last.at), "DATE_FORMAT")}
    faults = [row[0] for block in controller_section().blocks if block.tone == "alarm" for row in block.rows]
    if names := [one.name for one in misplaced(in_use=True)]:
        faults.append(_("Protected data has no place in: %(names)s.") % {"names": ", ".join(names)})
    return Register(
        _("Record of processing"),
        _("GDPR art. 30"),
        _("What is done with people’s data, by purpose."),
        reverse("registers:record"),
        state,
        faults,
    )


def _reach() -> Register:
    lacking = not_done()
    out = sum(bool(one.gives) for one in programs())
    faults = [_("Not done: %(names)s.") % {"names": ", ".join(lacking)}] if lacking else []
    return Register(
        _("Who can reach the data"),
        _("GDPR art. 32"),
        _("The team, its programs, the machines, the States; and nobody else."),
        reverse("registers:reach"),
        ngettext("Data leave by the key of %d program.", "Data leave by the keys of %d programs.", out) % out,
        faults,
    )


def _processors() -> Register:
    lines = processor_lines()
    faults = [named(line.name, fault) for line in lines for fault in line.faults]
    if is_stale():
        faults.append(_("The list of adequate countries is to be checked again."))
    number = Processor.objects.at_work().count()
    return Register(
        _("Processors"),
        _("GDPR art. 28"),
        _("Who works for the campaign, where, under which contract and which law."),
        reverse("registers:processors"),
        ngettext("%d is described.", "%d are described.", number) % number,
        faults,
    )


def _breaches() -> Register:
    known = cases()
    number = len(known)
    return Register(
        _("Data breaches"),
        _("GDPR art. 33, 34"),
        _("What happened, the 72 hours, who was told."),
        reverse("registers:breaches"),
        ngettext("%d is recorded.", "%d are recorded.", number) % number,
        [_said(case) for case in known if not case.now.is_closed],
    )


def _said(case: Case) -> str:
    if case.is_running:
        return _("No. %(number)d: the CNIL is not told, %(time)s.") % {
            "number": case.breach.pk,
            "time": case.countdown,
        }
    return _("No. %(number)d is not closed.") % {"number": case.breach.pk}


def _assessment() -> Register:
    last = Assessment.objects.first()
    faults = []
    state = ""
    if last is None:
        faults.append(_("Nobody has written their opinion yet."))
    else:
        if last.decision == Decision.NONE:
            faults.append(_("It is a draft: nobody decided."))
        else:
            state = f"{capfirst(last.get_decision_display())}."
        if is_out_of_date(last):
            faults.append(_("The facts changed since: look at it again (art. 35(11))."))
    return Register(
        _("Impact assessment"),
        _("GDPR art. 35"),
        _("Whether the processing is needed, what it risks, what is decided."),
        reverse("registers:assessment"),
        state,
        faults,
    )
