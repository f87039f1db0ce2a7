"""The name of the site."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.website.models import Identity, Picture


@command("website.name_site", label=_("Name the site"), roles={Role.DIRECTOR, Role.COMMUNICATIONS}, nationwide=True)
def name_site(name: str, *, slogan: str = "", logo: UploadedFile[Any] | None = None, actor: Actor) -> Identity:
    """Give the site its name, its slogan and, where a file is given, its logo."""
    identity: Identity = Identity.load()
    identity.name, identity.slogan = name.strip(), slogan.strip()
    if logo is not None:
        said = gettext("Logo of %(name)s") % {"name": identity.name}
        picture = Picture(title=said, description=said, file=logo)
        picture.full_clean(exclude=["collection", "file_size", "file_hash"])
        picture.save()
        identity.logo = picture
    identity.full_clean()
    identity.save()
    note(about=identity, logo=logo is not None)
    return identity
