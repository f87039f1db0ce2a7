"""One person's journey on a path, and the acts on it. Whoever is out of the reader's sight does not exist: 404."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.paths.exceptions import MovedMeanwhile, NotPossible, OnThePath
from portevoix.paths.forms import END, LEAVE, FollowForm, JoinForm, LeaveForm, MoveForm
from portevoix.paths.models import Place, Step
from portevoix.paths.services import walking
from portevoix.paths.views.paths import trail
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Person
from portevoix.people.selectors import over
from portevoix.people.types import Why


def place_or_404(request: HttpRequest, pk: int) -> Place:
    """Return the place of a person whom the reader may see. Raises Http404 for every other."""
    places = Place.objects.visible_to(actor_of(request)).select_related("path", "step", "point_person")
    place = get_object_or_404(places, pk=pk)
    people = Person.objects.visible_to(actor_of(request)).select_related("commune__departement")
    place.person = get_object_or_404(people, pk=place.person_id)
    return place


def attempted(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do an act and say so, or say why it was not done."""
    try:
        act()
    except OutOfSight:
        raise Http404 from None
    except MovedMeanwhile as told:
        now = gettext("Somebody else was quicker: it is now at “%(now)s”. Nothing was changed.") % {"now": told.now}
        messages.warning(request, now)
    except OnThePath:
        messages.warning(request, gettext("This person is on the path already."))
    except (NotPossible, Restricted) as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, done)
        return True
    return False


@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a journey: where the person is, who follows them, what happened; take what is said of them."""
    place, actor = place_or_404(request, pk), actor_of(request)
    is_theirs = may(over(actor, place.person), "paths.follow")
    form = FollowForm(place, request.POST if request.method == "POST" and is_theirs else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        attempted(request, lambda: walking.follow(place, **said, actor=actor), gettext("It is kept."))
        return redirect("paths:place", pk)
    interactions.consulted(place.person, Why.RECORD, actor=actor)
    way = trail((reverse("paths:board", args=[place.path_id]), place.path.name), ("", str(place.person)))
    context = {
        "place": place,
        "steps": list(place.path.steps.all()),
        "passages": place.passages.all()[:100],
        "form": form,
        "leave_form": LeaveForm(initial={"seen": place.version}),
        "may_move": is_theirs,
        "end": END,
        "header_title": str(place.person),
        "header_icon": "list-ol",
        "breadcrumbs_items": way,
    }
    return render(request, "paths/place.html", context)


@require_POST
@seen_by_who_may("paths.move")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a card to where its menu, or the hand that dropped it, says."""
    place, form = place_or_404(request, pk), MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose a step."))
        return redirect("paths:place", pk)
    if form.cleaned_data["to"] == LEAVE:
        return redirect(f"{reverse('paths:place', args=[pk])}#quitter")
    is_moved = _move(request, place, form.cleaned_data["to"], form.cleaned_data["seen"])
    # To the card; or to the top of the page, where it is said why the card did not move.
    back = form.cleaned_data["retour"]
    return _back(place, back if is_moved else back.partition("#")[0])


def _move(request: HttpRequest, place: Place, to: str, seen: int) -> bool:
    actor, who = actor_of(request), {"person": place.person}
    if to == END:
        done = gettext("%(person)s reached the end of the path.") % who
        return attempted(request, lambda: walking.arrive(place, seen=seen, actor=actor), done)
    step = get_object_or_404(Step, pk=int(to) if to.isdecimal() and len(to) < 19 else 0, path=place.path_id)
    done = gettext("%(person)s is now at “%(step)s”.") % {**who, "step": step}
    return attempted(request, lambda: walking.move(place, step, seen=seen, actor=actor), done)


def _back(place: Place, where: str) -> HttpResponse:
    """Lead back to where the card was, unless somebody wrote another host there."""
    is_ours = where.startswith("/") and url_has_allowed_host_and_scheme(where, allowed_hosts=None)
    return redirect(where if is_ours else reverse("paths:board", args=[place.path_id]))


@require_POST
@seen_by_who_may("paths.leave")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person off the path, for a reason."""
    place, form = place_or_404(request, pk), LeaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say why, in 200 characters at most."))
        return redirect("paths:place", pk)
    said, actor = form.cleaned_data, actor_of(request)
    done = gettext("%(person)s left the path.") % {"person": place.person}
    attempted(request, lambda: walking.leave(place, **said, actor=actor), done)
    return redirect("paths:place", pk)


@seen_by_who_may("paths.join")
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a person on a path."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor).select_related("commune"), pk=pk)
    form = JoinForm(person, request.POST or None)
    if request.method == "POST" and form.is_valid() and _joined(request, person, form.cleaned_data):
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor)
    title = gettext("Put %(person)s on a path") % {"person": person}
    context: dict[str, Any] = {"person": person, "form": form, "header_title": title, "header_icon": "list-ol"}
    way = [
        {"url": reverse("people:list"), "label": gettext("People")},
        {"url": reverse("people:person", args=[pk]), "label": str(person)},
        {"url": "", "label": gettext("Put on a path")},
    ]
    return render(request, "people/small_form.html", {**context, "breadcrumbs_items": way})


def _joined(request: HttpRequest, person: Person, said: dict[str, Any]) -> bool:
    step, actor = said.pop("step"), actor_of(request)
    done = gettext("%(person)s is on the path.") % {"person": person}
    return attempted(request, lambda: walking.join(person, step, **said, actor=actor), done)
