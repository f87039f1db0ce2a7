"""The preference page: no password, no script needed, each purpose on its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from portevoix.accounts.types import Visitor
from portevoix.kernel.security import public_form
from portevoix.rights import links, services
from portevoix.rights.exceptions import LinkUnusable
from portevoix.rights.forms import PreferencesForm


@public_form
@never_cache
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show a person's choices and take new ones."""
    try:
        person = links.person_of(token)
    except LinkUnusable:
        return render(request, "rights/link_unusable.html", status=404)
    nothing = "nothing" in request.POST
    form = PreferencesForm(person, request.POST if request.method == "POST" else None)  # no box ticked posts nothing
    if request.method == "POST" and (nothing or form.is_valid()):
        accepted = set() if nothing else form.accepted
        services.choose(person, accepted, source="preferences", actor=Visitor())
        return redirect(f"{request.path}?saved=1")
    context = {"form": form, "saved": "saved" in request.GET, "emails": person.emails.all()}
    return render(request, "rights/preferences.html", context)
