"""The preference page: no password, no script needed, each purpose on its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from wagtail import hooks

from portevoix.accounts.types import Visitor
from portevoix.kernel.security import public_form
from portevoix.rights import links, services
from portevoix.rights.exceptions import LinkExpired, LinkUnusable
from portevoix.rights.forms import PreferencesForm
from portevoix.rights.selectors import choices_of
from portevoix.rights.types import PreferenceLink


@public_form
@never_cache
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show a person's choices and take new ones."""
    try:
        person = links.person_of(token)
    except LinkUnusable as error:
        return _unusable(request, error)
    nothing = "nothing" in request.POST
    form = PreferencesForm(person, request.POST if request.method == "POST" else None)  # no box ticked posts nothing
    if request.method == "POST" and (nothing or form.is_valid()):
        accepted = set() if nothing else form.accepted
        services.choose(person, accepted, source="preferences", actor=Visitor())
        return redirect(f"{request.path}?saved=1")
    more: list[PreferenceLink] = []
    for add in hooks.get_hooks("construct_preferences"):
        add(token, more)
    context = {"form": form, "saved": "saved" in request.GET, "emails": person.emails.all(), "more": more}
    return render(request, "rights/preferences.html", context | {"choices": choices_of(person)})


def _unusable(request: HttpRequest, error: LinkUnusable) -> HttpResponse:
    """Say why a link opens nothing; the owner of one too old may have a fresh one sent, to their address only."""
    is_expired = isinstance(error, LinkExpired)
    if isinstance(error, LinkExpired) and request.method == "POST":
        for send in hooks.get_hooks("send_preferences_link"):
            send(error.person)
        return redirect(f"{request.path}?sent=1")
    context = {"is_expired": is_expired, "sent": is_expired and "sent" in request.GET}
    return render(request, "rights/link_unusable.html", context, status=404)
