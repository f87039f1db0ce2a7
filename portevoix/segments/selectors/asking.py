"""Who may ask what: hidden facts are not guessed by counting, and opinions make figures, never a list (RGPD art. 9).

Masks keep a role from writing a question whose answers tell what it may not read; a segment that somebody else wrote
and shares tells what its author meant to tell. Opinions go further: whoever may not read them asks about them by no
way, and nobody makes of them a list, a file, a message or a snapshot.
"""

from __future__ import annotations

from django.utils.translation import gettext

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor
from portevoix.rights.services.opinions import RECORDERS
from portevoix.segments.exceptions import NotToBeAsked, OpinionsAsked
from portevoix.segments.types import CRITERIA, Criterion, Group

#: Fewer people than that are not told apart: on a map, three sympathisers in a village are three names.
LEAST = 5


def is_about_opinions(question: Group) -> bool:
    """Tell whether a question, with the segments it names in their places, asks what people said of their opinions."""
    return any(criterion.about_opinions for criterion in question.criteria())


def seen_by(question: Group, actor: Actor, *, for_figures: bool) -> Actor:
    """Return ``actor`` as far as they may ask a resolved question. Raises OpinionsAsked, NotToBeAsked.

    Whoever may read opinions in one département and records in another asks about opinions in the first only.
    """
    if not is_about_opinions(question):
        return actor
    if not for_figures:
        raise OpinionsAsked(
            gettext(
                "This segment asks about political opinions: it is counted, and never listed, written to, exported "
                "or kept (GDPR art. 9; regulation 2024/900, art. 18)."
            )
        )
    if not _reads_opinions(actor):
        raise NotToBeAsked(gettext("This segment asks about political opinions, which your role does not read."))
    return actor.within(RECORDERS)


def check_writer(question: Group, whole: Group, actor: Actor) -> None:
    """Refuse a question that ``actor`` may not write: ``whole`` is with the segments that it names.

    Raises NotToBeAsked, which says about what.
    """
    for criterion in question.criteria():
        if told := criterion.tells & hidden_from(actor):
            facts = ", ".join(sorted(str(fact.label) for fact in told))
            raise NotToBeAsked(
                gettext("“%(label)s” asks about what is hidden from your role (%(facts)s).")
                % {"label": criterion.label, "facts": facts}
            )
    if is_about_opinions(whole) and not _reads_opinions(actor):
        raise NotToBeAsked(gettext("This segment asks about political opinions, which your role does not read."))


def unoffered(actor: Actor) -> frozenset[str]:
    """Return the keys of the criteria that the editor does not offer to ``actor``."""
    return frozenset(key for key, kind in CRITERIA.items() if not _may_ask(kind, actor))


def is_few(question: Group, people: int) -> bool:
    """Tell whether a number must not be told: of opinions, nor is nobody, for it tells of each that they are not."""
    return people < LEAST and is_about_opinions(question)


def _may_ask(kind: type[Criterion], actor: Actor) -> bool:
    return not kind.tells & hidden_from(actor) and (not kind.about_opinions or _reads_opinions(actor))


def _reads_opinions(actor: Actor) -> bool:
    return actor.kind != "staff" or bool(actor.within(RECORDERS).roles)
