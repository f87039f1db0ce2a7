"""Who can reach the data, said plainly: the team by role, whoever runs the machines, foreign laws, and nobody else."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portevoix.accounts.models import Mandate
from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import Fact, Role
from portevoix.registers.selectors.measures import measures
from portevoix.registers.selectors.processors import Line, processor_lines
from portevoix.registers.selectors.programs import programs_section
from portevoix.registers.selectors.record import controller_name
from portevoix.registers.types import Block, Document, Held, Section, Threat, named, points, table, words


def reach() -> Document:
    """Return the answer to “who can reach the data?”, in the campaign’s language."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = processor_lines()
        return Document(
            title=_("Who can reach the data"),
            subtitle=_("In plain words, from the facts of this instance"),
            author=controller_name(),
            language=settings.LANGUAGE_CODE,
            sections=[_team(), programs_section(), _machines(lines), _states(lines), _others(), _open_doors()],
        )


def _team() -> Section:
    holders: dict[str, int] = {}
    for role, _user in Mandate.objects.filter(user__is_active=True).values_list("role", "user").distinct():
        holders[role] = holders.get(role, 0) + 1
    rows = [
        (
            capfirst(role.label),
            _seen_by(role),
            ngettext("%d person", "%d people", holders.get(role, 0)) % holders.get(role, 0),
        )
        for role in Role
    ]
    return Section(
        _("The team, by what each is there for"), [table([_("Role"), _("What they see"), _("How many")], rows)]
    )


def _seen_by(role: Role) -> str:
    hidden = MASKS[role]
    if not hidden:
        return _("everything in the records")
    return _("the records without %(names)s") % {"names": ", ".join(str(fact.label) for fact in Fact if fact in hidden)}


def _machines(lines: list[Line]) -> Section:
    blocks: list[Block] = [
        words(_("Who runs a machine can read what is on it. These companies do so for the campaign, and for it only:"))
    ]
    for line in lines:
        said = f"{line.name}, {line.service}" + (f" ({line.places})" if line.places else "")
        if line.verdict:
            said = named(said, line.verdict.label)
        blocks.append(words(f"{said}.", tone="alarm" if line.is_forbidden else ""))
        if line.faults:
            blocks.append(points(line.faults, tone="alarm"))
    return Section(_("Who runs the machines"), blocks)


def _states(lines: list[Line]) -> Section:
    blocks: list[Block] = [
        words(
            _(
                "A French judge may ask for data by a reasoned decision, as for any file. A foreign authority may also "
                "ask a company that its own law reaches, wherever the machine stands."
            )
        )
    ]
    reached = [
        _("%(name)s: %(laws)s reaches it.") % {"name": line.name, "laws": "; ".join(line.reached_by)}
        for line in lines
        if line.reached_by
    ]
    unknown = [line.name for line in lines if line.processor is None or not line.processor.parent_country]
    if reached:
        blocks.append(points(reached, tone="alarm"))
    if unknown:
        said = _("It is not known who owns: %(names)s.") % {"names": ", ".join(unknown)}
        blocks.append(words(said, tone="alarm"))
    if not (reached or unknown):
        blocks.append(words(_("No foreign law that is known of reaches these companies."), tone="good"))
    return Section(_("States"), blocks)


def _others() -> Section:
    return Section(
        _("Nobody else"),
        [
            points(
                [
                    _("No advertiser, network or tool of measurement: the pages load nothing from elsewhere."),
                    _("No other campaign: the instance has its own database and shares it with nobody."),
                    _("The makers of the software have no access: it runs without them."),
                ]
            )
        ],
    )


def _open_doors() -> Section:
    lacking = [
        named(one.label, f"{one.held.label}. {one.detail}")
        for one in measures()
        if one.held is not Held.YES and Threat.ACCESS in one.against
    ]
    if not lacking:
        return Section(_("What is still open"), [words(_("Every measure that the platform knows is in place."))])
    return Section(_("What is still open"), [points(lacking, tone="alarm")])
