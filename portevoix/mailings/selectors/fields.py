"""What authors may place in a letter, and why each reader gets it."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.delivery import selectors as outbox
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS, MergeField, Recipient
from portevoix.kernel import clock
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Channel, Purpose

#: Fields of the footer: authors need not place them.
OF_THE_FOOTER = {"unsubscribe_url", "preferences_url", "origin"}


def sampled(words: str) -> str:
    """Return an author's words as an invented reader would see them. Raises LetterError."""
    return merge.filled(merge.cut(words, known=MERGE_FIELDS), outbox.samples())


def fields_for_authors() -> list[tuple[str, MergeField]]:
    """Return the merge fields that authors may place, with their names."""
    placed = [(name, field) for name, field in MERGE_FIELDS.items() if name not in OF_THE_FOOTER]
    return [(name, field) for name, field in placed if not field.is_of_requests]


def _origins(recipients: Sequence[Recipient]) -> list[str]:
    """Say to each reader from where the campaign knows them (RGPD art. 14(2)(f))."""
    people = [one.person_id for one in recipients]
    grounds = Ground.objects.live().filter(person__in=people, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL)
    known = {
        person: (basis, given_at) for person, basis, given_at in grounds.values_list("person", "basis", "given_at")
    }
    with translation.override(settings.LANGUAGE_CODE):
        return [_origin(*known.get(person, (None, None))) for person in people]


def _origin(basis: str | None, given_at: object) -> str:
    if basis is None or given_at is None:
        return gettext("you asked for a test of it")
    day = date_format(given_at.astimezone(clock.PARIS), "j F Y")  # type: ignore[attr-defined]
    if basis == Basis.DECLARED_AT_IMPORT:
        return gettext("you had agreed to it with our campaign, whose file we took over on %(day)s") % {"day": day}
    return gettext("you agreed to it on %(day)s") % {"day": day}


MERGE_FIELDS.add(
    "origin",
    MergeField(
        _("from where we know the reader"), _("you agreed to it on 12 March 2028"), _origins, is_always_known=True
    ),
)
