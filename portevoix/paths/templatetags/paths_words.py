"""Days and people of the team, as they are said on a card."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext

from portevoix.accounts.models import User
from portevoix.kernel import clock

register = template.Library()


@register.filter
def due(day: date) -> str:
    """Say when something is due: today, tomorrow, or the day."""
    ahead = (day - clock.today()).days
    if ahead in {0, 1}:
        return gettext("today") if ahead == 0 else gettext("tomorrow")
    return gettext("by %(day)s") % {"day": date_format(day, "j F Y" if day.year != clock.today().year else "j F")}


@register.filter
def staff_name(user: User) -> str:
    """Return how a member of staff is called."""
    return user.get_full_name() or user.get_username()
