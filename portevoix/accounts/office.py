"""Who sits at the back office, and which of its screens and menu items are theirs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from wagtail.admin.menu import MenuItem

from portevoix.accounts.commands import EVERYONE, acting, may
from portevoix.accounts.models import SignIn, User
from portevoix.accounts.types import Actor, Role, Staff

View = Callable[..., HttpResponseBase]
#: Where a browser's session keeps the number of its `SignIn`.
SESSION_KEY = "sign_in"


def actor_of(request: HttpRequest) -> Actor:
    """Return the member of staff who asks, as far as they reach on this screen."""
    return cast("Actor", getattr(request, "portevoix_acting", None) or member_of(request))


def member_of(request: HttpRequest) -> Actor:
    """Return the member of staff who asks, with all their mandates, read once a request: for menus."""
    if not hasattr(request, "portevoix_actor"):
        request.portevoix_actor = Staff(cast("User", request.user))  # type: ignore[attr-defined]
    return cast("Actor", request.portevoix_actor)  # type: ignore[attr-defined]


def session_of(request: HttpRequest) -> SignIn | None:
    """Return the open session that a browser is in, read once a request."""
    if not hasattr(request, "portevoix_sign_in"):
        number = request.session.get(SESSION_KEY)
        found = SignIn.objects.open().filter(pk=number, user=request.user.pk).first() if number else None
        request.portevoix_sign_in = found  # type: ignore[attr-defined]
    return cast("SignIn | None", request.portevoix_sign_in)  # type: ignore[attr-defined]


def seen_by(roles: Collection[Role] = EVERYONE) -> Callable[[View], View]:
    """Keep a screen for members of staff with one of ``roles``. Raises PermissionDenied for the others."""
    return _admitting(lambda actor: bool(actor.roles & frozenset(roles)), lambda actor: actor)


def seen_by_who_may(act: str) -> Callable[[View], View]:
    """Keep a screen for those who may do the act called ``act``, within its reach; the act itself asks again."""
    return _admitting(lambda actor: may(actor, act), lambda actor: acting(actor, act))


def _admitting(is_admitted: Callable[[Actor], bool], reach: Callable[[Actor], Actor]) -> Callable[[View], View]:
    def close(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            member = member_of(request)
            if not is_admitted(member):
                raise PermissionDenied
            request.portevoix_acting = reach(member)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return checked

    return close


@dataclass(frozen=True)
class HomeTask:
    """Something that waits for whoever opens the back office; rooms add theirs by ``construct_home_tasks``."""

    label: str
    url: str
    count: int = 1


class ScreenItem(MenuItem):
    """A menu item that those see who have one of its roles, or who may do its act."""

    def __init__(
        self, label: Any, url: str, *, roles: Collection[Role] = EVERYONE, act: str = "", **furniture: Any
    ) -> None:
        super().__init__(label, url, **furniture)
        self.roles = frozenset(roles)
        self.act = act

    def is_shown(self, request: HttpRequest) -> bool:
        member = member_of(request)
        return may(member, self.act) if self.act else bool(self.roles & member.roles)
