"""Who lives with a person: their household, who might be of it, its name and address."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions
from portevoix.people.forms.record import AbodeForm, HousemateForm
from portevoix.people.models import Person
from portevoix.people.selectors import households as selectors
from portevoix.people.services import households as services
from portevoix.people.types import Abode, Why
from portevoix.people.views.record import person_or_404, trail
from portevoix.people.views.writing import attempt


@seen_by_who_may("people.house_together")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a person's household; put somebody in it who is named."""
    person, actor = person_or_404(request, pk), actor_of(request)
    form = HousemateForm(person, actor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _house(request, person, form.cleaned_data["other"])
    interactions.consulted(person, Why.RECORD, actor=actor)
    home = selectors.home_of(person, actor)
    context = {
        "person": person,
        "form": form,
        "home": home,
        "abode_form": AbodeForm.of(home) if home else None,
        "suggested": selectors.suggested(person, actor),
        "header_title": gettext("Household of %(person)s") % {"person": person},
        "header_icon": "home",
        "breadcrumbs_items": trail(person, gettext("Household")),
    }
    return render(request, "people/household.html", context)


@require_POST
@seen_by_who_may("people.house_together")
def join(request: HttpRequest, pk: int, other_pk: int) -> HttpResponse:
    """Put a person who was suggested in the household."""
    person = person_or_404(request, pk)
    return _house(request, person, get_object_or_404(Person.objects.visible_to(actor_of(request)), pk=other_pk))


@require_POST
@seen_by_who_may("people.leave_household")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person out of their household."""
    person, actor = person_or_404(request, pk), actor_of(request)
    done = gettext("%(person)s is of no household any more.") % {"person": person}
    attempt(request, lambda: services.leave_household(person, actor=actor), done)
    return redirect("people:person", pk)


@require_POST
@seen_by_who_may("people.describe_household")
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the name and the address of the household."""
    person, actor, form = person_or_404(request, pk), actor_of(request), AbodeForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        seen = said.pop("seen")
        act = lambda: services.describe_household(person, Abode(**said), seen=seen, actor=actor)  # noqa: E731
        attempt(request, act, gettext("The household is up to date."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("people:household", pk)


def _house(request: HttpRequest, person: Person, other: Person) -> HttpResponse:
    actor = actor_of(request)
    done = gettext("%(person)s and %(other)s live together.") % {"person": person, "other": other}
    attempt(request, lambda: services.house_together(person, other, actor=actor), done)
    return redirect("people:household", person.pk)
