"""Reminders to members of staff: what waits for them, told by a letter that names no person of the campaign."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import Notice, User
from portevoix.accounts.types import Actor, NoticeKind
from portevoix.kernel import clock


@command("accounts.remind", label=_("Remind a member of staff"), roles=set())
def remind(user: User, *, subject: str, body: str, path: str, actor: Actor) -> bool:
    """Have a letter go to ``user`` about what waits at the screen ``path``; tell whether one is owed by this act.

    ``subject`` and ``body`` are sentences without a person's name or address: a mailbox is not the campaign's file.
    A letter about the same screen that has not left yet is not doubled.
    """
    if not user.is_active or Notice.objects.due().filter(user=user, path=path).exists():
        return False
    Notice.objects.create(
        user=user, kind=NoticeKind.REMINDER, subject=subject, body=body, path=path, created_at=clock.now()
    )
    note(about=user, screen=path)
    return True
