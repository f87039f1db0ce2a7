"""Commands on what the site shows of letters."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.mailings import letters
from portevoix.mailings.exceptions import NotADraft
from portevoix.mailings.models import Archive, Mailing
from portevoix.mailings.services.composing import WRITERS
from portevoix.mailings.types import State


@command("mailings.publish", label=_("Show a message on the site"), roles=WRITERS)
def publish(mailing: Mailing, *, is_listed: bool, is_indexed: bool, actor: Actor) -> Archive:
    """Let everybody read a letter on the site, from the moment it leaves; its address goes into the letter.

    What waits for its hour is not changed any more: the letter would not be the one that was confirmed. Raises
    NotADraft for it, LetterError for what cannot be shown.
    """
    mailing = Mailing.objects.select_for_update().get(pk=mailing.pk)
    existing = Archive.objects.filter(mailing=mailing).first()
    if mailing.state == State.SCHEDULED and existing is None:
        raise NotADraft
    archive = existing or Archive(mailing=mailing)
    archive.is_listed, archive.is_indexed = is_listed, is_indexed
    archive.save()
    if not mailing.is_here:
        keep_copy(mailing, actor=actor)
    note(about=mailing, count=1, listed=is_listed, indexed=is_indexed)
    return Archive.objects.get(pk=archive.pk)


@command("mailings.unpublish", label=_("Take a message from the site"), roles=WRITERS)
def unpublish(mailing: Mailing, *, actor: Actor) -> None:
    """Let nobody read a letter on the site any more. Raises NotADraft for what waits for its hour."""
    mailing = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if mailing.state == State.SCHEDULED:
        raise NotADraft
    count, _rows = Archive.objects.filter(mailing=mailing).delete()
    note(about=mailing, count=count)


@command("mailings.keep_copy", label=_("Write down what the site shows of a message"), roles=WRITERS)
def keep_copy(mailing: Mailing, *, actor: Actor) -> bool:
    """Write down what the site shows of a letter that leaves, once; tell whether it shows it. Raises LetterError."""
    archive = Archive.objects.filter(mailing=mailing, html="").first()
    note(about=mailing, count=int(archive is not None))
    if archive is None:
        return False
    day = date_format((mailing.sent_at or clock.now()).astimezone(clock.PARIS), "j F Y")
    shown = letters.public_page(mailing, list_url=settings.BASE_URL + reverse("archive:list"), sent_on=day)
    archive.subject, archive.html = shown.subject, shown.html
    archive.save(update_fields=["subject", "html"])
    return True
