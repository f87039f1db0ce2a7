"""What actions adds to rooms below: it answers for sign-up pages, and writes to whose link is too old."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import Page

from portevoix.accounts.types import Visitor
from portevoix.actions import services, views
from portevoix.actions.models import SignUpPage
from portevoix.people.models import Person


@hooks.register("before_serve_page")
def answer(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    """Let the sign-up view answer for sign-up pages."""
    return views.sign_up(request, page) if isinstance(page, SignUpPage) else None


@hooks.register("send_preferences_link")
def send_preferences_link(person: Person) -> None:
    """Send a fresh link to the main address of whose link is too old."""
    if (email := person.emails.usable().filter(is_primary=True).first()) is not None:
        services.send_preferences_link(email.address, actor=Visitor())
