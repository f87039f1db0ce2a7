"""Programs that come in by keys: ways by which data leave, told by the room above that keeps the keys."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail import hooks

from portevoix.registers.types import Block, Program, Section, points, table, words

#: Hook of the rooms above: returns the programs that may come in now.
PROGRAMS_HOOK = "tell_programs"


def programs() -> list[Program]:
    """Return the programs that may come in now, those that are given people's data first."""
    found = [one for tell in hooks.get_hooks(PROGRAMS_HOOK) for one in tell()]
    return sorted(found, key=lambda one: (not one.gives, one.name, one.holder))


def programs_section() -> Section:
    """Say of each program what leaves by it, who answers for it, until when, and when it was last used."""
    title, found = _("Programs that come in by keys"), programs()
    if not found:
        return Section(title, [words(_("None: no program reads or writes here."), tone="good")])
    heads = [_("Program"), _("Data that leave by it"), _("What for"), _("Made by"), _("Until"), _("Last used")]
    rows = [
        (one.name, _given(one), one.purpose, f"{one.holder} ({one.sight})", _day(one.until), _day(one.used_on))
        for one in found
    ]
    blocks: list[Block] = []
    if unused := [one.name for one in found if one.gives and one.used_on is None]:
        said = _("Never used, and data could leave by it: %(names)s.") % {"names": ", ".join(unused)}
        blocks.append(points([said], tone="alarm"))
    said = _("Whoever runs one of these programs for the campaign is a processor: describe them too (GDPR art. 28).")
    return Section(title, [*blocks, table(heads, rows), words(said)])


def _given(one: Program) -> str:
    return one.gives or _("none: it brings in, corrects or counts")


def _day(day: date | None) -> str:
    return date_format(day, "DATE_FORMAT") if day else _("never")
