"""What staff do for a person at their request: withdraw a ground, erase a record. Each asks twice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Why
from portevoix.rights import selectors, services
from portevoix.rights.forms import ErasureForm, WithdrawalForm
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose

#: What a withdrawal made here says of where it comes from.
SOURCE = "staff"


def person_or_404(request: HttpRequest, pk: int) -> Person:
    """Return a person of the reader's territory. Raises Http404 for every other."""
    return get_object_or_404(Person.objects.visible_to(actor_of(request)), pk=pk)


def trail(person: Person, last: str) -> list[dict[str, str]]:
    """Return the way from the list of persons to this page."""
    return [
        {"url": reverse("people:list"), "label": gettext("People")},
        {"url": reverse("people:person", args=[person.pk]), "label": str(person)},
        {"url": "", "label": last},
    ]


@seen_by_who_may("rights.withdraw")
def withdraw(request: HttpRequest, pk: int, ground_pk: int) -> HttpResponse:
    """Withdraw one live ground, noting how the person asked for it."""
    person = person_or_404(request, pk)
    ground = get_object_or_404(Ground.objects.live().filter(person=person), pk=ground_pk)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        evidence = {"asked": form.cleaned_data["asked"]}
        actor = actor_of(request)
        services.withdraw(person, [Purpose(ground.purpose)], evidence=evidence, source=SOURCE, actor=actor)
        messages.success(request, gettext("“%(purpose)s” is withdrawn.") % {"purpose": ground.get_purpose_display()})
        return redirect("people:person", pk)
    interactions.consulted(person, Why.ANSWER, actor=actor_of(request))
    context = {
        "person": person,
        "ground": ground,
        "form": form,
        "header_title": gettext("Withdraw a consent"),
        "header_icon": "circle-xmark",
        "breadcrumbs_items": trail(person, gettext("Withdraw a consent")),
    }
    return render(request, "rights/withdraw.html", context)


@seen_by_who_may("rights.erase")
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Erase a person after their name was typed: nothing brings them back."""
    person = person_or_404(request, pk)
    form = ErasureForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.erase(person, actor=actor_of(request))
        messages.success(request, gettext("Everything that was held on this person is erased."))
        return redirect("people:list")
    interactions.consulted(person, Why.ANSWER, actor=actor_of(request))
    context = {
        "person": person,
        "held": selectors.counts_about(person),
        "form": form,
        "header_title": gettext("Erase %(person)s") % {"person": person},
        "header_icon": "bin",
        "breadcrumbs_items": trail(person, gettext("Erase")),
    }
    return render(request, "rights/erase.html", context)
