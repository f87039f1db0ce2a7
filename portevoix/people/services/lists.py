"""Commands on how the list of people is looked at: saved views, columns, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.users.models import UserProfile

from portevoix.accounts.commands import EVERYONE, command, note
from portevoix.accounts.types import Actor, Role
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.models import ListHabit, SavedView
from portevoix.people.selectors.columns import MOST_COLUMNS

#: Who may show the whole team a view: those whose work is over more than one département.
SHARERS = {Role.DIRECTOR, Role.ORGANISER, Role.COMMUNICATIONS, Role.DATA_OFFICER}
MOST_VIEWS = 40


@command("people.save_view", label=_("Save a view of the list"), roles=EVERYONE)
def save_view(
    view: SavedView | None,
    *,
    name: str,
    filters: Mapping[str, Any],
    columns: Sequence[str],
    ordering: str = "",
    actor: Actor,
) -> SavedView:
    """Keep filters, columns and order under a name. Raises OutOfSight, Impossible for a name that one uses already."""
    if view is None:
        if SavedView.objects.filter(owner__pk=actor.ident).count() >= MOST_VIEWS:
            raise Impossible(gettext("You have %(limit)d views already: remove one first.") % {"limit": MOST_VIEWS})
        kept = SavedView(owner_id=int(actor.ident))
    else:
        kept = _held(view, actor)
    kept.name, kept.filters, kept.ordering = name.strip(), dict(filters), ordering
    kept.columns = list(dict.fromkeys(columns))[:MOST_COLUMNS]
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise Impossible(gettext("You have a view of this name already.")) from error
    note(about=kept, count=len(kept.filters), filters=sorted(kept.filters), columns=kept.columns)
    return kept


@command("people.share_view", label=_("Share a view of the list with the team"), roles=SHARERS)
def share_view(view: SavedView, *, is_shared: bool, actor: Actor) -> None:
    """Show a view to the whole team, or no more. Raises OutOfSight."""
    kept = _held(view, actor)
    kept.is_shared = is_shared
    kept.save(update_fields=["is_shared"])
    note(about=kept, count=1, is_shared=is_shared)


@command("people.remove_view", label=_("Remove a view of the list"), roles=EVERYONE)
def remove_view(view: SavedView, *, actor: Actor) -> None:
    """Remove a view; whoever opened the list with it finds everybody. Raises OutOfSight."""
    kept = _held(view, actor)
    note(about=kept, count=1)
    kept.delete()


@command("people.arrange_list", label=_("Arrange one’s list of people"), roles=EVERYONE)
def arrange_list(*, actor: Actor, **habit: Any) -> ListHabit:
    """Keep how one likes the list: ``columns`` (None as usual), ``view`` (None for everybody)."""
    kept, _made = ListHabit.objects.update_or_create(user_id=int(actor.ident), defaults=habit)
    note(count=1, about=kept, changed=sorted(habit))
    return kept


@command("people.turn_keys", label=_("Turn one’s shortcuts of the keyboard on or off"), roles=EVERYONE)
def turn_keys(*, are_on: bool, actor: Actor) -> None:
    """Have the office hear single keys, or not (WCAG 2.1.4): the same choice as in one's account, for all screens."""
    profile, _made = UserProfile.objects.get_or_create(user_id=int(actor.ident))
    profile.keyboard_shortcuts = are_on
    profile.save(update_fields=["keyboard_shortcuts"])
    note(count=1, are_on=are_on)


def _held(view: SavedView, actor: Actor) -> SavedView:
    held = SavedView.objects.changeable_by(actor).select_for_update(of=("self",)).filter(pk=view.pk).first()
    if held is None:
        raise OutOfSight
    return held
