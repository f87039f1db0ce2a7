"""The look of the site."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.website.models import Identity
from portevoix.website.types import Look


@command(
    "website.dress", label=_("Change the look of the site"), roles={Role.DIRECTOR, Role.COMMUNICATIONS}, nationwide=True
)
def dress(look: Look, *, actor: Actor) -> Identity:
    """Give the site a look. Raises ValidationError for colours that could not be read."""
    identity: Identity = Identity.load()
    before = asdict(identity.look)
    for name, value in asdict(look).items():
        setattr(identity, name, value)
    identity.full_clean()
    identity.save()
    note(about=identity, changed=sorted(name for name, value in asdict(look).items() if before[name] != value))
    return identity
