"""What actions adds to rooms below: sign-up pages, fresh links for those that are too old, copies of one's data."""

from __future__ import annotations

import contextlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.models import Page

from portevoix.accounts.types import Visitor
from portevoix.actions import services, views
from portevoix.actions.models import ActionPage
from portevoix.people.models import Person
from portevoix.rights.exceptions import TooMany
from portevoix.rights.types import Kept, PreferenceLink


@hooks.register("before_serve_page")
def answer(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    """Let the view of actions answer for pages on which citizens act."""
    return views.act(request, page) if isinstance(page, ActionPage) else None


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long an address waits for its link."""
    lines.append(
        Kept(
            ("actions.LinkWanted",),
            _("until somebody looks whose it is, ten minutes at most"),
            "RGPD art. 5(1)(e)",
            "actions.send_links_left",
        )
    )


@hooks.register("send_preferences_link")
def send_preferences_link(person: Person) -> None:
    """Send a fresh link to the main address of whose link is too old."""
    if (email := person.emails.usable().filter(is_primary=True).first()) is not None:
        with contextlib.suppress(TooMany):
            services.ask_for_link(email.address, actor=Visitor())


@hooks.register("construct_preferences")
def a_copy(token: str, links: list[PreferenceLink]) -> None:
    """Offer a copy of everything held, from the preference page (RGPD art. 15 and 20)."""
    links.append(
        PreferenceLink(
            gettext("Receive a copy of my data"),
            reverse("actions:ask_for_copy", args=[token]),
            gettext("Everything that is held on you, to read and to take elsewhere."),
        )
    )
    links.append(
        PreferenceLink(
            gettext("Use another of my rights"),
            reverse("actions:my_rights"),
            gettext("Have something corrected, object, have your data restricted or erased."),
        )
    )
