"""Wagtail serves the sign-up page; the view answers for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import Page

from portevoix.actions import views
from portevoix.actions.models import SignUpPage


@hooks.register("before_serve_page")
def answer(page: Page, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse | None:
    """Let the sign-up view answer for sign-up pages."""
    return views.sign_up(request, page) if isinstance(page, SignUpPage) else None
