"""Commands on drafts. What has been sent is evidence and is not touched."""

from __future__ import annotations

from dataclasses import fields

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Draft

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.create", label=_("Write a message"), roles=WRITERS)
def create(draft: Draft, *, actor: Actor) -> Mailing:
    """Keep a new draft."""
    author = User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
    mailing = Mailing(created_by=author, created_at=clock.now())
    _fill(mailing, draft)
    note(about=mailing, count=1)
    return mailing


@command("mailings.edit", label=_("Change a message"), roles=WRITERS)
def edit(mailing: Mailing, draft: Draft, *, actor: Actor) -> Mailing:
    """Change a draft. Raises NotADraft."""
    mailing = Mailing.objects.locked_draft(mailing.pk)
    _fill(mailing, draft)
    note(about=mailing, count=1)
    return mailing


@command("mailings.delete", label=_("Delete a message that was not sent"), roles=WRITERS)
def delete(mailing: Mailing, *, actor: Actor) -> None:
    """Delete a draft. Raises NotADraft."""
    mailing = Mailing.objects.locked_draft(mailing.pk)
    note(about=mailing, count=1)
    mailing.delete()


def _fill(mailing: Mailing, draft: Draft) -> None:
    for field in fields(draft):
        setattr(mailing, field.name, getattr(draft, field.name))
    mailing.save()
