"""Calling a meeting off, and bringing it back: whom it concerns first, then one press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.actions.exceptions import TooLate
from portevoix.actions.forms.calling_off import CancellationForm
from portevoix.actions.models import EventPage
from portevoix.actions.selectors import calling_off as reads
from portevoix.actions.services import calling_off
from portevoix.actions.views.furniture import framed, unwritten
from portevoix.actions.views.office import page_or_404
from portevoix.delivery.exceptions import LetterError


@seen_by_who_may("actions.cancel_meeting")
@never_cache
def cancel(request: HttpRequest, page: int) -> HttpResponse:
    """Show who would be told, then cancel."""
    found = _meeting(page)
    form = CancellationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _done(request, found, lambda: calling_off.cancel_meeting(found, reason=reason, actor=actor_of(request)))
    title = gettext("Cancel: %(title)s") % {"title": found.title}
    return _shown(request, found, title, form=form, is_cancelling=True, is_silent=reads.is_silent())


@seen_by_who_may("actions.restore_meeting")
@never_cache
def restore(request: HttpRequest, page: int) -> HttpResponse:
    """Show who would be told, then bring it back."""
    found = _meeting(page)
    if request.method == "POST":
        return _done(request, found, lambda: calling_off.restore_meeting(found, actor=actor_of(request)))
    return _shown(request, found, gettext("Bring back: %(title)s") % {"title": found.title})


def _meeting(pk: int) -> EventPage:
    found = page_or_404(pk)
    if not isinstance(found, EventPage):
        raise Http404
    return found


def _shown(request: HttpRequest, page: EventPage, title: str, **more: Any) -> HttpResponse:
    between = (reverse("actions_people:attendances", args=[page.pk]), gettext("Who comes"))
    context = framed(title, "group", between, page=page, told=reads.figures(page), **more)
    form = more.get("form")
    return render(
        request, "actions/office/calling_off.html", context, status=422 if form is not None and form.is_bound else 200
    )


def _done(request: HttpRequest, page: EventPage, act: Callable[[], int]) -> HttpResponse:
    try:
        told = act()
        said = ngettext("It is done, and %(number)d letter leaves.", "It is done, and %(number)d letters leave.", told)
        messages.success(request, said % {"number": told})
    except TooLate as reason:
        messages.error(request, str(reason))
    except LetterError:
        messages.error(request, unwritten())
    return redirect("actions_people:attendances", page.pk)
