"""Commands on saved templates. Those that come with the product are files: nobody changes them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.mailings.exceptions import NameTaken
from portevoix.mailings.models import Mailing, Template

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.save_template", label=_("Save a message as a template"), roles=WRITERS)
def save_template(mailing: Mailing, name: str, purpose: str = "", *, actor: Actor) -> Template:
    """Keep the words of a message, sent or not, under a name. Raises NameTaken."""
    if Template.objects.filter(name=name).exists():
        raise NameTaken
    template = Template.objects.create(
        name=name,
        purpose=purpose,
        subject=mailing.subject,
        preheader=mailing.preheader,
        sender_name=mailing.sender_name,
        body=mailing.body,
        saved_by=User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None,
        saved_at=clock.now(),
    )
    note(about=template, count=1, mailing=mailing.pk)
    return template


@command("mailings.delete_template", label=_("Delete a template of messages"), roles=WRITERS)
def delete_template(template: Template, *, actor: Actor) -> None:
    """Delete a template; the messages that began from it stay."""
    note(about=template, count=1)
    template.delete()
