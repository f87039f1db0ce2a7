"""The public's doors: sign up, confirm, ask for one's data."""

from __future__ import annotations

import contextlib

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from portevoix.accounts.types import Visitor
from portevoix.actions import rules, selectors, services
from portevoix.actions.exceptions import FormClosed
from portevoix.actions.forms import NewLinkForm, form_of, previewed
from portevoix.actions.models import ActionPage, EventPage
from portevoix.actions.selectors.around import around
from portevoix.actions.selectors.besides import attendance_of, calendar_of, proxy_of
from portevoix.actions.selectors.sharing import passed_on_by
from portevoix.actions.types import Origin
from portevoix.disclosure.exceptions import LinkUnusable as CopyUnusable
from portevoix.disclosure.links import request_of
from portevoix.disclosure.services.answering import give_copy
from portevoix.intake.exceptions import LinkUnusable
from portevoix.intake.links import submission_of
from portevoix.kernel import clock
from portevoix.kernel.security import address_of, public, public_form
from portevoix.rights import links
from portevoix.rights.exceptions import LinkUnusable as PreferencesUnusable
from portevoix.rights.exceptions import TooMany
from portevoix.rights.selectors.imprint import legal_facts


def act(request: HttpRequest, page: ActionPage, *, is_thanks: bool = False) -> HttpResponse:
    """Show an action page, take its form, thank."""
    sent = is_thanks or "sent" in request.GET
    sought = request.POST if "seek" in request.POST else {}  # whom to write to: nothing of it is kept
    given = None if sought else request.POST or None
    form = form_of(page)(given, page=page, origin=_origin_of(request), sender=address_of(request))
    if form.is_bound and page.is_open and form.is_valid():
        with contextlib.suppress(FormClosed):  # between two lines: it says so below, with what was written
            services.take_part(page, form.filled(), actor=Visitor())
            return redirect(f"{page.url}?sent=1")
    context = {"form": form, "sent": sent, **around(page, sought)}
    return render(request, page.get_template(request), context, status=form.status)


def preview(request: HttpRequest, page: ActionPage) -> HttpResponse:
    """Show an editor the form; all of its pages one after another, where it has several."""
    pages = previewed(page)
    if not pages:
        return act(request, page)
    context = {"form": pages[0], "pages": pages, "sent": False, **around(page, {})}
    return render(request, page.get_template(request), context)


def _origin_of(request: HttpRequest) -> Origin:
    """Read where the followed link stood: its own words, and the site that the browser's page came from."""
    said = {name: request.GET.get(f"utm_{name}", "") for name in ("source", "medium", "campaign")}
    return Origin(**said, recruiter=request.GET.get("par", ""), referrer=rules.host_of(request.POST.get("from", "")))


@public
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a published meeting as a file for calendars."""
    page = get_object_or_404(EventPage.objects.live().public(), pk=pk)
    answer = HttpResponse(calendar_of(page), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{page.slug}.ics"'
    return answer


@public_form
@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one click, since mail scanners open links; the click confirms."""
    try:
        submission = submission_of(token)
        if request.method == "POST":
            services.confirm(token, actor=Visitor())
            return redirect(request.path)
    except LinkUnusable:
        return render(request, "actions/link_unusable.html", status=404)
    context = {"submission": submission, "page": selectors.page_of(submission)}
    if submission.confirmed_at is not None:
        context["attendance"] = attendance_of(submission)
        context["proxy"] = proxy_of(submission)
        context["mine_url"] = reverse("actions:mine", args=[links.preferences_token(submission.person.ref)])
        context["preferences_url"] = links.preferences_url(submission.person.ref)
        context |= passed_on_by(submission)
    return render(request, "actions/confirm.html", context)


@public_form
@never_cache
def my_data(request: HttpRequest) -> HttpResponse:
    """Take an address; the answer, and how long it takes, are the same whoever is known."""
    form, is_full = NewLinkForm(request.POST or None, sender=address_of(request)), False
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_link(form.cleaned_data["email"], actor=Visitor())
            return redirect(f"{request.path}?sent=1")
        except TooMany:
            is_full = True
    status = 429 if is_full else form.status
    context = {"form": form, "sent": "sent" in request.GET, "is_full": is_full}
    return render(request, "actions/my_data.html", context, status=status)


@public_form
@never_cache
def ask_for_copy(request: HttpRequest, token: str) -> HttpResponse:
    """From the preference page: send a person the link to a copy of their data, at their address."""
    try:
        person = links.person_of(token)
    except PreferencesUnusable:
        return render(request, "actions/link_unusable.html", status=404)
    if request.method == "POST":
        services.send_copy_link(person, actor=Visitor())
        return redirect(f"{request.path}?sent=1")
    context = {
        "sent": "sent" in request.GET,
        "back": links.preferences_url(person.ref),
        "data_officer": legal_facts().data_officer_email,
    }
    return render(request, "actions/ask_for_copy.html", context)


@public_form
@never_cache
def copy(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for one click, since mail scanners open links; the click gives the copy, once."""
    try:
        asked = request_of(token)
        if request.method == "POST":
            name = gettext("my-data")
            content = give_copy(token, actor=Visitor())
            return FileResponse(content, as_attachment=True, filename=f"{name}-{clock.today():%Y-%m-%d}.zip")
    except CopyUnusable:
        return render(request, "actions/copy_unusable.html", status=404)
    return render(request, "actions/copy.html", {"asked": asked})
