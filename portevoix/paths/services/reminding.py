"""Commands on reminders: one letter a day to each member of staff for whom something is due, with numbers only."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.services.reminding import remind
from portevoix.accounts.types import Actor, Staff
from portevoix.kernel import clock
from portevoix.paths import selectors
from portevoix.paths.models import Reminding
from portevoix.paths.selectors import Waiting


@command("paths.remind_staff", label=_("Remind the team of tasks and steps"))
def remind_staff(*, actor: Actor) -> int:
    """Remind each member of staff once a day (of Paris) of what is due or late; return how many are written to.

    The letter says how much waits and where, and names nobody. Only what the member's mandate covers today counts.
    """
    waiting = selectors.waiting_by_user()
    told = 0
    for user in User.objects.filter(pk__in=waiting).prefetch_related("mandates").order_by("pk"):
        mine = _covered(waiting[user.pk], Staff(user))
        if mine.tasks + mine.steps == 0:
            continue
        Reminding.objects.update_or_create(user=user, defaults={"reminded_on": clock.today()})
        told += remind(user, subject=_subject(mine), body=_body(mine), path=reverse("paths:tasks"), actor=actor)
    note(count=told)
    return told


@command("paths.choose_reminders", label=_("Choose whether one is reminded of tasks"), own=True)
def choose(user: User, *, is_wanted: bool, actor: Actor) -> None:
    """Have oneself reminded by e-mail, or not."""
    Reminding.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})
    note(about=user, count=1, is_wanted=is_wanted)


def _covered(places: dict[str, Waiting], member: Staff) -> Waiting:
    """Add up what is within the mandates of a member of staff; tasks about nobody are theirs anyway."""
    mine = Waiting()
    if member.roles:
        for place, one in places.items():
            if place == "*" or member.departements is None or place in member.departements:
                for name in vars(one):
                    mine.add(name, getattr(one, name))
    return mine


def _subject(mine: Waiting) -> str:
    tasks = ngettext("%(number)d task", "%(number)d tasks", mine.tasks) % {"number": mine.tasks}
    steps = ngettext("%(number)d step of a path", "%(number)d steps of paths", mine.steps) % {"number": mine.steps}
    both = [words for words, number in ((tasks, mine.tasks), (steps, mine.steps)) if number]
    return gettext("To do today: %(what)s") % {"what": gettext(" and ").join(both)}


def _body(mine: Waiting) -> str:
    lines = [
        (ngettext("%(number)d task is late.", "%(number)d tasks are late.", mine.late_tasks), mine.late_tasks),
        (
            ngettext("%(number)d task is for today.", "%(number)d tasks are for today.", mine.tasks_today),
            mine.tasks_today,
        ),
        (
            ngettext(
                "%(number)d person whom you follow is late.",
                "%(number)d people whom you follow are late.",
                mine.late_steps,
            ),
            mine.late_steps,
        ),
        (
            ngettext(
                "%(number)d person whom you follow has a step due today.",
                "%(number)d people whom you follow have a step due today.",
                mine.steps_today,
            ),
            mine.steps_today,
        ),
    ]
    told = [words % {"number": number} for words, number in lines if number]
    return "\n".join([*told, gettext("The names are in the back office only. You can turn these letters off there.")])
