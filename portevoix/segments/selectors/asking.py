"""Who may ask what: hidden facts are not guessed by counting, and opinions make figures, never a list (RGPD art. 9).

Masks keep a role from writing a question whose answers tell what it may not read; a segment that somebody else wrote
and shares tells what its author meant to tell. Fields that the campaign hides from a role go further, and opinions:
whoever may not read them asks about them by no way. Nobody makes of opinions a list, a file, a message or a snapshot.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor
from portevoix.people.models import CustomField
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

    Of fields that are hidden from them they ask by nobody's segment. Whoever may read opinions in one département and
    records in another asks about opinions in the first only.
    """
    check_fields(question, actor)
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


def hidden_fields(question: Group, roles: Collection[str] | None) -> list[str]:
    """Return the names of the campaign's own fields that a question asks about and none of ``roles`` may read."""
    keys = {key for criterion in question.criteria() if (key := criterion.own_field)}
    hidden = CustomField.objects.hidden_from(roles).filter(key__in=keys) if keys else []
    return [field.shown_label for field in hidden]


def check_fields(question: Group, actor: Actor) -> None:
    """Refuse a resolved question about own fields that are hidden from ``actor``. Raises NotToBeAsked."""
    if names := hidden_fields(question, actor.common_roles if actor.kind == "staff" else None):
        raise NotToBeAsked(
            gettext("This segment asks about fields that are hidden from your role: %(fields)s.")
            % {"fields": ", ".join(names)}
        )


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
    check_fields(whole, actor)
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
