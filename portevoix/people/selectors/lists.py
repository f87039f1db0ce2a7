"""How a member of staff looks at the list: the view that is open, the columns, the habits."""

from __future__ import annotations

from collections.abc import Sequence

from portevoix.accounts.types import Actor
from portevoix.people.models import ListHabit, Person, PersonQuerySet, SavedView
from portevoix.people.selectors.columns import USUAL


def habit_of(actor: Actor) -> ListHabit:
    """Return how somebody likes the list; what nobody chose is as usual."""
    known = (
        ListHabit.objects.select_related("view").filter(user__pk=actor.ident).first() if actor.kind == "staff" else None
    )
    return known or ListHabit()


def first_view(habit: ListHabit, actor: Actor) -> SavedView | None:
    """Return the view that the list opens with, as long as it is still there for ``actor``."""
    view = habit.view
    return view if view and (view.is_shared or str(view.owner_id) == actor.ident) else None


def view_named(text: str, actor: Actor) -> SavedView | None:
    """Return the view that an address names; somebody else's own view does not exist."""
    return SavedView.objects.visible_to(actor).filter(pk=text).first() if text.isdecimal() and len(text) < 10 else None


def keys_for(view: SavedView | None, habit: ListHabit) -> Sequence[str]:
    """Return the names of the columns to show: the view's, else one's own, else the usual ones."""
    if view is not None:
        return list(view.columns)
    return USUAL if habit.columns is None else list(habit.columns)


def rows_of(people: PersonQuerySet, start: int, end: int) -> list[Person]:
    """Return a stretch of ``people``, in their order.

    Who they are is read first: the index of the order tells it alone, also where fifty thousand names are walked to
    find fifty. Their rows are read after that, and no others.
    """
    idents = list(people.values_list("pk", flat=True)[start:end])
    rows = {one.pk: one for one in people.order_by().filter(pk__in=idents)}
    # Somebody may have been erased between the two.
    return [rows[ident] for ident in idents if ident in rows]
