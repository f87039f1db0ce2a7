"""The keys of programs: whose, what for, what they may do, when they were last used; made and ended here."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import READERS
from portevoix.api import selectors
from portevoix.api.exceptions import NotToBeMade
from portevoix.api.forms import KeyForm
from portevoix.api.services import keys
from portevoix.api.views.interface import ROOT


def trail(last: str) -> list[dict[str, str]]:
    """Return the way from the list of keys to a page below it."""
    return [{"url": reverse("api_office:keys"), "label": gettext("Keys of programs")}, {"url": "", "label": last}]


@require_safe
@seen_by_who_may("api.make_key")
def show_all(request: HttpRequest) -> HttpResponse:
    """List one's own keys; whoever answers for the data sees everybody's."""
    actor = actor_of(request)
    found = selectors.keys_seen_by(actor)
    context = {
        "live": [key for key in found if key.is_live],
        "past": [key for key in found if not key.is_live][:30],
        "sees_all": bool(actor.roles & READERS),
        "root": request.build_absolute_uri(f"{ROOT}/"),
        "header_title": gettext("Keys of programs"),
        "header_icon": "key",
        "header_buttons": [HeaderButton(gettext("New key"), reverse("api_office:make_key"), icon_name="plus")],
        "breadcrumbs_items": [{"url": "", "label": gettext("Keys of programs")}],
    }
    return render(request, "api/keys.html", context)


@never_cache
@seen_by_who_may("api.make_key")
def make(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is shown once, and not kept."""
    form = KeyForm(selectors.scopes_of(actor_of(request)), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, token = keys.make_key(**form.cleaned_data, actor=actor_of(request))
        except NotToBeMade as reason:
            form.add_error(None, str(reason))
        else:
            context = {"key": key, "token": token, "root": request.build_absolute_uri(f"{ROOT}/")}
            context |= {"header_title": key.name, "header_icon": "key", "breadcrumbs_items": trail(key.name)}
            return render(request, "api/key_made.html", context)
    title = gettext("New key")
    context = {"form": form, "header_title": title, "header_icon": "key", "breadcrumbs_items": trail(title)}
    return render(request, "api/key.html", context)


@require_POST
@seen_by_who_may("api.end_key")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a key at once."""
    actor = actor_of(request)
    key = get_object_or_404(selectors.keys_seen_by(actor), pk=pk)
    keys.end_key(key, actor=actor)
    messages.success(request, gettext("The key “%(name)s” opens nothing any more.") % {"name": key.name})
    return redirect("api_office:keys")
