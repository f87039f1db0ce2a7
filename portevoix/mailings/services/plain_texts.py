"""Commands on the text part of a draft: written by hand, or left to the blocks again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Role
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS
from portevoix.kernel import clock
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import EmptyLetter
from portevoix.mailings.models import Mailing, OwnText

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}


@command("mailings.write_plain_text", label=_("Write the plain text of a message by hand"), roles=WRITERS)
def write_plain_text(mailing: Mailing, words: str, *, actor: Actor) -> OwnText:
    """Keep the words that readers of plain text get instead of what the blocks say.

    Raises NotADraft; LetterError for fields that do not exist, for conditions that never end, for no words at all.
    """
    mailing = Mailing.objects.locked_draft(mailing.pk)
    note(about=mailing, count=1)
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise EmptyLetter
    merge.cut(words, known=MERGE_FIELDS)
    derived = selectors.digest_of_text(letters.derived_text(mailing))
    author = User.objects.filter(pk=actor.ident).first() if actor.kind == "staff" else None
    own, _made = OwnText.objects.update_or_create(
        mailing=mailing,
        defaults={"words": words, "derived_digest": derived, "written_by": author, "written_at": clock.now()},
    )
    return own


@command("mailings.derive_plain_text", label=_("Take the plain text of a message from its blocks again"), roles=WRITERS)
def derive_plain_text(mailing: Mailing, *, actor: Actor) -> bool:
    """Give up the text that was written by hand; tell whether there was one. Raises NotADraft."""
    mailing = Mailing.objects.locked_draft(mailing.pk)
    deleted, _kinds = OwnText.objects.filter(mailing=mailing).delete()
    note(about=mailing, count=deleted)
    return bool(deleted)
