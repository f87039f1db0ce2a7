"""Reads of the text part that an author wrote by hand."""

from __future__ import annotations

import hashlib

from portevoix.mailings.models import Mailing, OwnText


def own_text(mailing: Mailing) -> OwnText | None:
    """Return the text part that was written by hand for a draft or a letter that left."""
    return OwnText.objects.filter(mailing=mailing.pk).first() if mailing.pk else None


def digest_of_text(derived: str) -> str:
    """Return what names a derived text, to tell later whether the blocks still say the same."""
    return hashlib.sha256(derived.encode()).hexdigest()


def is_stale(own: OwnText, derived: str) -> bool:
    """Tell whether the blocks have changed since the text was written by hand."""
    return own.derived_digest != digest_of_text(derived)
