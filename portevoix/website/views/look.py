"""The look of the site in the back office: made while one watches, kept only if everybody can read it."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.website import rules
from portevoix.website.forms.look import LookForm
from portevoix.website.models import Identity
from portevoix.website.services import dress

ACT = "website.dress"


@seen_by_who_may(ACT)
def look(request: HttpRequest) -> HttpResponse:
    """Edit the look, beginning from the present one or from one of those that are ready."""
    ready = rules.LOOKS.get(request.GET.get("depart", ""))
    identity = Identity.load()
    form = LookForm(request.POST or None, initial=asdict(ready or identity.look), instance=identity)
    if request.method == "POST" and form.is_valid():
        try:
            dress(form.look, actor=actor_of(request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, gettext("The site has its new look."))
            return redirect("website_office:look")
    shown = form.look if form.is_bound else (ready or Identity.load().look)
    context = {"form": form, **judged(shown), "looks": ready_looks(), **_framed(gettext("Look"), "view")}
    return render(request, "website/office/look.html", context, status=400 if form.errors else 200)


@seen_by_who_may(ACT)
def trial(request: HttpRequest) -> HttpResponse:
    """Show a look that is not kept: the page in it, and whether everything can be read."""
    return render(request, "website/office/_trial.html", judged(LookForm(request.GET).look))


@seen_by_who_may(ACT)
def preview(request: HttpRequest) -> HttpResponse:
    """Show a sample page in a look that is not kept."""
    return render(request, "website/office/preview.html", {"sheet": _address("sheet", LookForm(request.GET).look)})


@seen_by_who_may(ACT)
def sheet(request: HttpRequest) -> HttpResponse:
    """Write the tokens of a look that is not kept; only colours and known choices come into it."""
    written = rules.sheet(LookForm(request.GET).look)
    return HttpResponse(written, content_type="text/css; charset=utf-8", headers={"Cache-Control": "private, no-store"})


def _framed(title: str, icon: str) -> dict[str, object]:
    return {"header_title": title, "header_icon": icon, "breadcrumbs_items": [{"url": "", "label": title}]}


def judged(shown: rules.Look) -> dict[str, object]:
    """Return a page in a look, and whether all of it can be read."""
    pairs = sorted(rules.pairs(shown), key=lambda pair: pair.ratio / pair.needed)
    return {"preview": _address("preview", shown), "pairs": pairs, "faults": [p for p in pairs if not p.is_readable]}


def _address(name: str, shown: rules.Look) -> str:
    return f"{reverse(f'website_office:look_{name}')}?{urlencode(asdict(shown))}"


def ready_looks() -> list[dict[str, str]]:
    """Return the looks to begin from."""
    names = {"onde": gettext("Wave"), "gazette": gettext("Gazette"), "affiche": gettext("Poster")}
    said = {
        "onde": gettext("Lively, round, in full colours."),
        "gazette": gettext("A newspaper: serif letters, thin lines, much paper."),
        "affiche": gettext("A poster: capitals, square corners, strong contrasts."),
    }
    return [
        {"key": key, "name": names[key], "said": said[key], "preview": _address("preview", ready)}
        for key, ready in rules.LOOKS.items()
    ]
