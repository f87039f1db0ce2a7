"""Commands on the audience of a draft."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.mailings.models import Mailing, Target
from portevoix.mailings.services.composing import WRITERS
from portevoix.segments.models import Segment


@command("mailings.target", label=_("Choose to whom a message goes"), roles=WRITERS)
def target(mailing: Mailing, included: Sequence[Segment], excluded: Sequence[Segment], *, actor: Actor) -> Mailing:
    """Let a draft go to whom at least one of some segments finds and none of others; the latter win.

    Raises NotADraft.
    """
    mailing = Mailing.objects.locked_draft(mailing.pk)
    left_out = {one.pk for one in excluded}
    kept = [one for one in dict.fromkeys(included) if one.pk not in left_out]
    mailing.segment = kept[0] if kept else None
    mailing.save(update_fields=["segment", "updated_at"])
    mailing.targets.all().delete()
    Target.objects.bulk_create(
        [Target(mailing=mailing, segment=one) for one in kept[1:]]
        + [Target(mailing=mailing, segment=one, is_excluded=True) for one in dict.fromkeys(excluded)]
    )
    note(about=mailing, count=len(kept), segments=[one.pk for one in kept], excluded=sorted(left_out))
    return mailing
