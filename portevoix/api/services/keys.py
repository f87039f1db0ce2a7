"""Commands on keys: made by a member of staff for a program, ended at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import EVERYONE, command, note
from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import READERS, Actor
from portevoix.api import rules
from portevoix.api.exceptions import NotToBeMade
from portevoix.api.models import Key
from portevoix.api.selectors import scopes_of
from portevoix.api.types import End
from portevoix.kernel import clock


@command("api.make_key", label=_("Make a key for a program"), roles=EVERYONE)
def make_key(*, name: str, purpose: str, scopes: Collection[str], days: int, actor: Actor) -> tuple[Key, str]:
    """Make a key that acts as ``actor`` in ``scopes``; return it with its secret, which is kept nowhere.

    Raises NotToBeMade for a name that another of their keys has, for an act that they may not do, for a term that is
    too long: a program never reaches further than whoever answers for it.
    """
    if beyond := sorted(set(scopes) - set(scopes_of(actor))):
        raise NotToBeMade(gettext("Your role does not do this itself: %(acts)s.") % {"acts": ", ".join(beyond)})
    if not (scopes and purpose.strip() and name.strip() and 0 < days <= rules.LONGEST.days):
        raise NotToBeMade(gettext("A key has a name, a reason, at least one act, and a year at most."))
    owner = User.objects.select_for_update(no_key=True).get(pk=actor.ident)
    # What has expired leaves its name to the key that follows it.
    owner.api_keys.filter(name=name, ended_at=None, expires_at__lte=clock.now()).update(ended_at=F("expires_at"))
    if owner.api_keys.filter(name=name, ended_at=None).exists():
        raise NotToBeMade(gettext("Another of your keys has this name."))
    token, now = rules.new_token(), clock.now()
    key = Key.objects.create(
        user=owner,
        name=name,
        purpose=purpose,
        scopes=sorted(scopes),
        digest=rules.digest(token),
        hint=token[-rules.HINT :],
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    note(about=key, count=len(scopes), scopes=key.scopes, days=days)
    return key, token


@command("api.end_key", label=_("End a program’s key"), roles=EVERYONE)
def end_key(key: Key, *, actor: Actor) -> None:
    """End a key at once: one's own; whoever answers for the data ends anybody's. Raises NotAllowed."""
    if actor.kind == "staff" and str(key.user_id) != actor.ident and not actor.roles & READERS:
        raise NotAllowed("api.end_key")
    ended = Key.objects.filter(pk=key.pk, ended_at=None)
    note(about=key, count=ended.update(ended_at=clock.now(), ended_by=actor.label[:200], end=End.BY_HAND))
