"""Commands on the campaign's own fields: made in the back office, without a migration."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock, normalise
from portevoix.people.exceptions import Impossible, ProtectedName
from portevoix.people.models import CustomField, Person
from portevoix.people.rules.protected import protection
from portevoix.people.services.editing import SOURCE
from portevoix.people.types import SEARCHABLE, CustomKind

KEEPERS = {Role.DIRECTOR, Role.DATA_OFFICER}


@command("people.make_field", label=_("Make or change a field of one’s own"), roles=KEEPERS)
def make_field(  # noqa: PLR0913 – what the form asks
    field: CustomField | None,
    *,
    label: str,
    kind: CustomKind,
    group: str,
    choices: Sequence[str],
    seen_by: Collection[str] = (),
    is_searched: bool = False,
    actor: Actor,
) -> CustomField:
    """Make a field, or change its label, group, answers, who sees it (every role where none is named) and
    whether the search finds it.

    Raises Impossible when values would lose their meaning, ProtectedName for a new name that says what the law
    protects; a field that has such a name from former times can still be kept to fewer roles, or retired.
    """
    if label not in ({field.label, field.shown_label} if field else ()) and (what := protection(label)):
        raise ProtectedName(label, what)
    if field is None:
        field = CustomField(key=_free_key(label), kind=kind, source=SOURCE)
    elif field.kind != kind and Person.objects.filter(custom__has_key=field.key).exists():
        raise Impossible(gettext("Some records have a value already: the kind of the field can no longer change."))
    field.label, field.kind, field.group, field.choices = label, kind, group, list(choices)
    # A trigger writes or drops what the search finds.
    field.seen_by, field.is_searched = sorted(seen_by), is_searched and kind in SEARCHABLE
    field.save()
    note(about=field, count=1, kind=kind, seen_by=field.seen_by)
    return field


@command("people.retire_field", label=_("Retire a field of one’s own, or take it up again"), roles=KEEPERS)
def retire_field(field: CustomField, *, is_retired: bool, actor: Actor) -> None:
    """Ask and show a field no more; its values stay, and come back with it.

    Raises ProtectedName where the name of a field that would come back says what the law protects.
    """
    if not is_retired and (what := field.protection):
        raise ProtectedName(field.label, what)
    field.retired_at = clock.now() if is_retired else None
    field.save(update_fields=["retired_at"])
    note(about=field, count=1, is_retired=is_retired)


def _free_key(label: str) -> str:
    plain = normalise.sort_key(label).replace(" ", "_")[:58] or "field"
    taken = set(CustomField.objects.filter(key__startswith=plain).values_list("key", flat=True))
    return next(key for n in range(1, 10_000) if (key := plain if n == 1 else f"{plain}_{n}") not in taken)
