"""The command by which authors choose what a message counts of its readers."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.mailings.exceptions import OpensNotAllowed
from portevoix.mailings.models import Mailing, Measure


@command(
    "mailings.set_measure",
    label=_("Choose what a message counts of its readers"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
)
def set_measure(mailing: Mailing, *, opens: bool, people: bool, actor: Actor) -> Measure:
    """Choose whether openings are counted in all, and whether those who agreed are measured. Raises NotADraft.

    Raises OpensNotAllowed where the instance counts none: no picture is in letters unless the host turned it on.
    """
    mailing = Mailing.objects.locked_draft(mailing.pk)
    if opens and not settings.INSTANCE.mail.count_opens:
        raise OpensNotAllowed
    measure, _made = Measure.objects.update_or_create(mailing=mailing, defaults={"opens": opens, "people": people})
    note(about=mailing, count=1, opens=opens, people=people)
    return measure
