"""The impact assessment (RGPD art. 35): what the platform knows is generated, what people think is theirs to write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from portevoix.registers import rules
from portevoix.registers.models import Assessment
from portevoix.registers.selectors.measures import measures
from portevoix.registers.selectors.processors import processor_lines, processors_section
from portevoix.registers.selectors.record import (
    Activity,
    activities,
    controller_name,
    controller_section,
    sight_section,
)
from portevoix.registers.types import Decision, Document, Held, Section, Threat, named, pairs, points, table, words
from portevoix.rights.purposes import TERMS, WORDINGS


def assessment(opinions: Mapping[str, Any] | None = None) -> Document:
    """Return the assessment as the facts stand now, with what people wrote; a draft until somebody decides."""
    said = dict(opinions or {})
    with translation.override(settings.LANGUAGE_CODE):
        known = activities()
        decision = Decision(said.get("decision") or Decision.NONE)
        return Document(
            title=_("Data-protection impact assessment"),
            subtitle=_("Draft") if decision is Decision.NONE else str(decision.label),
            author=controller_name(),
            language=settings.LANGUAGE_CODE,
            sections=[
                _why(decision),
                controller_section(),
                _description(known),
                _necessity(known, said),
                processors_section(processor_lines()),
                sight_section(),
                *(_threat(threat) for threat in Threat),
                _risks(said),
                _opinions(said),
            ],
        )


def _why(decision: Decision) -> Section:
    blocks = [
        words(
            _(
                "A campaign’s file reveals political opinions (art. 9) and may hold many people: article 35(3)(b) asks "
                "for this assessment before the processing, and again when it changes."
            )
        )
    ]
    if decision is Decision.NONE:
        said = _("This is a draft: the platform wrote what it knows. Only people can weigh it, and decide.")
        blocks.append(words(said, tone="alarm"))
    return Section(_("Why this assessment"), blocks)


def _description(known: list[Activity]) -> Section:
    rows = [(one.title, one.aim, one.people, one.kept) for one in known]
    return Section(
        _("Description of the processing"), [table([_("Treatment"), _("Aim"), _("People"), _("Time limit")], rows)]
    )


def _necessity(known: list[Activity], said: Mapping[str, Any]) -> Section:
    language = settings.LANGUAGE_CODE[:2]
    asked = [
        (purpose.label, WORDINGS[purpose].get(language, WORDINGS[purpose]["fr"]), terms.article)
        for purpose, terms in TERMS.items()
        if purpose in WORDINGS
    ]
    return Section(
        _("Necessity and proportion"),
        [
            table([_("Treatment"), _("Ground")], [(one.title, one.basis) for one in known]),
            words(_("Each purpose is accepted or refused on its own, in these words:")),
            table([_("Purpose"), _("Question"), _("Ground")], asked),
            words(
                _("Withdrawing is as easy as giving: one link in each message, one page, no password (art. 7(3))."),
                _("Who asks for their data gets them as a file, within a month (art. 12, 15, 20)."),
            ),
            pairs([(_label("necessity"), said.get("necessity", ""))]),
        ],
    )


def _threat(threat: Threat) -> Section:
    """One feared event of the CNIL's method: what it would do, what holds it back, what does not."""
    told = [one for one in measures() if threat in one.against]
    held = [named(one.label, one.detail) for one in told if one.held is Held.YES]
    lacking = [named(f"{one.label} ({one.held.label})", one.detail) for one in told if one.held is not Held.YES]
    impacts = {
        Threat.ACCESS: _("people’s political opinions become known: at work, at home, to hostile people"),
        Threat.CHANGE: _("people are written to against their will, or an opinion is ascribed to them"),
        Threat.LOSS: _("consents and refusals can no longer be proven; people’s requests stay without an answer"),
    }
    sources = {
        Threat.ACCESS: _("a member of the team who is curious or leaves, a stolen account, the host, a foreign law"),
        Threat.CHANGE: _("a mistake, a wrong import or merge, a stolen account"),
        Threat.LOSS: _("a failure of the machine, an attack that locks it, a mistake"),
    }
    blocks = [
        pairs([(_("What it would do to people"), impacts[threat]), (_("What could cause it"), sources[threat])]),
        words(_("What holds it back:")),
        points(held),
    ]
    if lacking:
        blocks += [words(_("What does not, or is not known:")), points(lacking, tone="alarm")]
    return Section(_("Risk: %(event)s") % {"event": threat.label}, blocks)


def _risks(said: Mapping[str, Any]) -> Section:
    return Section(
        _("Gravity and likelihood"),
        [
            words(_("The platform cannot judge these: see the scales of the CNIL’s method (PIA, knowledge bases).")),
            pairs([(_label("risks"), said.get("risks", ""))]),
        ],
    )


def _opinions(said: Mapping[str, Any]) -> Section:
    decision = Decision(said.get("decision") or Decision.NONE)
    return Section(
        _("Opinions and decision"),
        [
            pairs(
                [
                    (_label("officer_opinion"), said.get("officer_opinion", "")),
                    (_label("persons_views"), said.get("persons_views", "")),
                    (_label("decision"), decision.label),
                    (_label("decision_reasons"), said.get("decision_reasons", "")),
                ]
            )
        ],
    )


def _label(name: str) -> str:
    label = str(Assessment._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def is_out_of_date(kept: Assessment) -> bool:
    """Tell whether the facts changed since a version: the assessment is then to be looked at again (art. 35(11))."""
    return rules.digest(assessment(kept.opinions)) != rules.digest(kept.document)
