"""Commands on political advertisements: declare one, publish its notice, correct it, let it go after seven years."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import NoSuchNotice
from portevoix.mailings.models import Advert, Mailing, Notice
from portevoix.mailings.types import Declaration

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH = 10
#: Regulation (EU) 2024/900, art. 9(4), 12(5) and 19(2).
YEARS = 7
#: What a correction may say anew; the rest is fact.
CORRECTED = ("sponsor", "paid_by", "amounts", "linked_to", "complaints", "suspended_before")


@command("mailings.declare_advert", label=_("Declare a message a political advertisement"), roles=WRITERS)
def declare_advert(mailing: Mailing, declared: Declaration, *, actor: Actor) -> Advert:
    """Mark a draft as a political advertisement, or say otherwise what it declares.

    Versions of a letter, and each time it is sent again, are one advertisement: what is said of one is said of the
    first. Raises NotADraft.
    """
    mailing = Mailing.objects.locked_draft(selectors.declares_for(mailing).pk)
    advert = Advert.objects.filter(mailing=mailing).first() or Advert(mailing=mailing, code=_new_code())
    for field in fields(declared):
        setattr(advert, field.name, getattr(declared, field.name))
    advert.save()
    note(about=mailing, count=1, code=advert.code)
    return advert


@command("mailings.withdraw_advert", label=_("Say that a message is no political advertisement"), roles=WRITERS)
def withdraw_advert(mailing: Mailing, *, actor: Actor) -> None:
    """Take the mark from a draft, and so from its versions. Raises NotADraft."""
    mailing = Mailing.objects.locked_draft(selectors.declares_for(mailing).pk)
    gone, _rows = Advert.objects.filter(mailing=mailing).delete()
    note(about=mailing, count=gone)


@command("mailings.publish_notice", label=_("Publish the notice of a political advertisement"), roles=WRITERS)
def publish_notice(mailing: Mailing, *, actor: Actor) -> Notice | None:
    """Publish the notice of an advertisement as it leaves, or its reach once it has; nothing where there is no news."""
    note(about=mailing, count=0)
    advert = selectors.advert_of(mailing)
    if advert is None:
        return None
    # Versions of a letter, and each time it is sent again, are one advertisement.
    gone = Mailing.objects.filter(batch__in=selectors.batches_of(advert.mailing), finished_at__isnull=False)
    reach = gone.aggregate(Sum("sent"))["sent__sum"]
    said = selectors.content_of(advert.mailing, reach=reach)
    with transaction.atomic():
        last = Notice.objects.filter(code=advert.code).order_by("-version").first()
        if last is not None:
            # What was corrected stays so: only the reach is news.
            said = {**last.content, "reach": said["reach"]}
            if said == last.content:
                return None
        note(count=1, code=advert.code)
        return _add(advert.code, last, said, "")


@command("mailings.correct_notice", label=_("Correct a notice of a political advertisement"), roles=WRITERS)
def correct_notice(code: str, said: Mapping[str, Any], *, reason: str, actor: Actor) -> Notice:
    """Add a version of a notice that says some of its facts anew; the former ones stay readable.

    Raises NoSuchNotice; ValueError for a fact that cannot be declared, or without a reason.
    """
    last = Notice.objects.filter(code=code).order_by("-version").first()
    if last is None:
        raise NoSuchNotice
    if not reason.strip() or not set(said) <= set(CORRECTED):
        raise ValueError("a correction has a reason, and changes what the campaign declares")
    note(about=last, count=1, code=code, facts=sorted(said))
    return _add(code, last, {**last.content, **said}, reason.strip())


@command("mailings.forget_notices", label=_("Let notices go after seven years"))
def forget_notices(*, actor: Actor) -> int:
    """Remove notices whose last version was published more than seven years ago."""
    kept = Notice.objects.filter(kept_until__gte=clock.today()).values("code")
    gone, _rows = Notice.objects.filter(kept_until__lt=clock.today()).exclude(code__in=kept).delete()
    note(count=gone)
    return gone


def _add(code: str, last: Notice | None, content: dict[str, Any], reason: str) -> Notice:
    now = clock.now()
    published_until = date.fromisoformat(content["period"]["until"])
    return Notice.objects.create(
        code=code,
        version=last.version + 1 if last else 1,
        first_at=last.first_at if last else now,
        at=now,
        content=content,
        reason=reason,
        kept_until=clock.months_later(max(clock.today(), published_until), 12 * YEARS),
    )


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(LENGTH))
