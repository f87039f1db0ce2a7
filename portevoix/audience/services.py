"""Commands of audience measurement."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.audience.models import DailyCount
from portevoix.kernel import clock

#: Figures of audience are kept 25 months at most (CNIL, 4 July 2025).
MONTHS = 25


@command("audience.forget_old", label=_("Forget old figures of visits"))
def forget_old(*, actor: Actor) -> int:
    """Forget the figures of days that are more than 25 months old; return how many rows."""
    forgotten, _tables = DailyCount.objects.filter(day__lt=clock.months_later(clock.today(), -MONTHS)).delete()
    note(count=forgotten)
    return forgotten
