"""Who may open which screen: the rights of the acts, told in Wagtail's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from wagtail.permission_policies.base import BasePermissionPolicy

from portevoix.accounts.commands import may
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff
from portevoix.mailings.models import Mailing

ACTS = {"add": "mailings.create", "change": "mailings.edit", "delete": "mailings.delete", "send": "mailings.send"}


class MailingPolicy(BasePermissionPolicy):
    """Members of staff with any role see totals; writing and sending follow the acts; only drafts change."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        if not isinstance(user, User):
            return False
        actor = _actor(user)
        return may(actor, ACTS[action]) if action in ACTS else bool(actor.roles)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Mailing) -> bool:
        return self.user_has_permission(user, action) and (instance.is_draft or action not in {"change", "delete"})

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[Any]:
        """Return who may; nothing in the back office asks this of mailings but explorers of permissions."""
        users = get_user_model().objects.filter(is_active=True)
        return users.filter(pk__in=[user.pk for user in users if self.user_has_any_permission(user, list(actions))])


def _actor(user: User) -> Actor:
    """Return the actor a user is; their mandates are read once a request."""
    known: Actor | None = getattr(user, "_portevoix_actor", None)
    if known is None:
        known = user._portevoix_actor = Staff(user)  # type: ignore[attr-defined]
    return known
