"""Where a letter is read on the site."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from portevoix.mailings.models import Archive, Mailing


def archive_address(mailing: Mailing) -> str:
    """Return the whole address of a letter's public copy, or nothing when it has none."""
    code = Archive.objects.filter(mailing=mailing.pk).values_list("code", flat=True).first() if mailing.pk else None
    return settings.BASE_URL + reverse("archive:letter", args=[code]) if code else ""
