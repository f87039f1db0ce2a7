"""What a step writes as a political advertisement: the same declaration as for messages to many."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Step
from portevoix.journeys.services import advertising
from portevoix.journeys.types import WRITES
from portevoix.journeys.views.editing import furniture, step_of
from portevoix.mailings.forms.adverts import DeclarationForm


def _writing(pk: int, key: int) -> Step:
    step = step_of(pk, key)
    if step.kind not in WRITES:
        raise Http404
    return step


@seen_by_who_may("journeys.declare_advert")
def declare(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Declare what a step writes a political advertisement, or say that it is none."""
    step = _writing(pk, key)
    if "withdraw" in request.POST:
        return _withdrawn(request, step)
    form = DeclarationForm(request.POST or None, instance=step.declared)
    if request.method == "POST" and form.is_valid():
        try:
            advertising.declare_advert(step, form.declaration, actor=actor_of(request))
        except NotPossible as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, gettext("The message says that it is a political advertisement."))
            return redirect("journeys:step", pk, key)
    context = {
        **furniture(step.version, gettext("Political advertisement"), "doc-full"),
        "form": form,
        "logic": selectors.logic_of(step),
        "back": reverse("journeys:step", args=[pk, key]),
        "withdraw": reverse("journeys:declare", args=[pk, key]) if step.declared else "",
    }
    return render(request, "mailings/declare.html", context)


def _withdrawn(request: HttpRequest, step: Step) -> HttpResponse:
    try:
        advertising.withdraw_advert(step, actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
    return redirect("journeys:step", step.version.journey_id, step.key)
