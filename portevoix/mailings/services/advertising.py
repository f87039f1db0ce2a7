"""Commands on political advertisements: declare one, publish its notice, correct it, let it go after seven years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.kernel import clock
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import NoSuchNotice
from portevoix.mailings.models import (
    Advert,
    AnyAdvert,
    AnyMailing,
    Declared,
    Mailing,
    Notice,
    ShortMessage,
    TextAdvert,
    new_code,
)
from portevoix.mailings.types import Declaration, Told

WRITERS = {Role.DIRECTOR, Role.COMMUNICATIONS}
#: Regulation (EU) 2024/900, art. 9(4), 12(5) and 19(2).
YEARS = 7
#: What a correction may say anew; the rest is fact.
CORRECTED = ("sponsor", "paid_by", "amounts", "linked_to", "complaints", "suspended_before")


@command("mailings.declare_advert", label=_("Declare a message a political advertisement"), roles=WRITERS)
def declare_advert(mailing: AnyMailing, declared: Declaration, *, actor: Actor) -> AnyAdvert:
    """Mark a draft as a political advertisement, or say otherwise what it declares.

    Versions of a letter, and each time it is sent again, are one advertisement: what is said of one is said of the
    first. Raises NotADraft.
    """
    mailing = type(mailing).objects.locked_draft(selectors.declares_for(mailing).pk)
    kind = _kind(mailing)
    advert: AnyAdvert = kind.objects.filter(mailing=mailing).first() or kind(mailing=mailing, code=new_code())
    for field in fields(declared):
        setattr(advert, field.name, getattr(declared, field.name))
    advert.save()
    note(about=mailing, count=1, code=advert.code)
    return advert


@command("mailings.withdraw_advert", label=_("Say that a message is no political advertisement"), roles=WRITERS)
def withdraw_advert(mailing: AnyMailing, *, actor: Actor) -> None:
    """Take the mark from a draft, and so from its versions. Raises NotADraft."""
    mailing = type(mailing).objects.locked_draft(selectors.declares_for(mailing).pk)
    gone, _rows = _kind(mailing).objects.filter(mailing=mailing).delete()
    note(about=mailing, count=gone)


def _kind(mailing: AnyMailing) -> Any:
    return TextAdvert if isinstance(mailing, ShortMessage) else Advert


@command("mailings.publish_notice", label=_("Publish the notice of a political advertisement"), roles=WRITERS)
def publish_notice(mailing: AnyMailing, *, actor: Actor) -> Notice | None:
    """Publish the notice of an advertisement as it leaves, or its reach once it has; nothing where there is no news."""
    note(about=mailing, count=0)
    advert = selectors.advert_of(mailing)
    if advert is None:
        return None
    # Versions, and each time a letter is sent again, are one advertisement.
    reach = _family(advert.mailing).filter(finished_at__isnull=False).aggregate(Sum("sent"))["sent__sum"]
    said = _publish(advert.code, selectors.content_of(advert.mailing, reach=reach))
    if said is not None:
        note(count=1, code=advert.code)
    return said


def _family(mailing: AnyMailing) -> Any:
    if isinstance(mailing, ShortMessage):
        return ShortMessage.objects.filter(Q(pk=mailing.pk) | Q(version__trial__mailing=mailing.pk))
    return Mailing.objects.filter(batch__in=selectors.batches_of(mailing))


@command("mailings.publish_facts", label=_("Publish the notice of an advertisement of an automation"), roles=WRITERS)
def publish_facts(advert: Declared, told: Told, *, actor: Actor) -> Notice | None:
    """Publish the notice of an advertisement that another room keeps, or its reach; nothing where there is no news."""
    said = _publish(advert.code, selectors.facts_of(advert, told))
    note(about=advert, count=int(said is not None), code=advert.code)
    return said


def _publish(code: str, said: dict[str, Any]) -> Notice | None:
    with transaction.atomic():
        last = Notice.objects.filter(code=code).order_by("-version").first()
        if last is not None:
            # What was corrected stays so: only the reach is news.
            said = {**last.content, "reach": said["reach"]}
            if said == last.content:
                return None
        return _add(code, last, said, "")


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
