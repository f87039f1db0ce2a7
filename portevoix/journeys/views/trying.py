"""Trying an automation: a dry run on a person, which does nothing, and its letters on oneself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.delivery.exceptions import LetterError
from portevoix.journeys import letters, selectors
from portevoix.journeys.forms import SearchForm
from portevoix.journeys.models import Letter, Version
from portevoix.journeys.types import VIEWERS, Foreseen
from portevoix.journeys.views.editing import journey_or_404, step_of
from portevoix.journeys.views.journeys import within
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.services import sending
from portevoix.mailings.wording import explain
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.selectors.search import found
from portevoix.people.types import Why
from portevoix.segments.exceptions import InvalidTree

#: People that a search offers to choose from.
MOST = 12


@require_safe
@seen_by(VIEWERS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Find a person, then say what the automation would do with them."""
    journey = journey_or_404(pk)
    asked = request.GET.get("version", "")
    version = journey.live or journey.draft
    if asked.isdecimal() and len(asked) < 9:
        version = get_object_or_404(Version.objects.select_related("journey"), journey=pk, number=int(asked))
    form, actor = SearchForm(request.GET), actor_of(request)
    said = form.cleaned_data if form.is_valid() else {}
    person = _person(said.get("personne"), actor)
    title = gettext("Try on a person")
    context = {
        "journey": journey,
        "version": version,
        "form": form,
        "person": person,
        "people": [] if person else _found(said.get("q", ""), actor),
        **(_foreseen(version, person) if person and version else {}),
        "header_title": title,
        "header_icon": "view",
        "breadcrumbs_items": within(journey, title),
    }
    return render(request, "journeys/try.html", context)


@require_POST
@seen_by_who_may("mailings.send_test")
def test(request: HttpRequest, pk: int, key: int) -> HttpResponse:
    """Send whoever asks the letter of a step, as it was saved."""
    step = step_of(pk, key)
    words = get_object_or_404(Letter, step=step)
    try:
        mailing = letters.as_mailing(words)
        label, to = selectors.label_of(step), request.user
        sent_to = sending.send_test(mailing, to, about=step, label=label, actor=actor_of(request))  # type: ignore[arg-type]
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("A test is on its way to %(address)s.") % {"address": sent_to})
    return redirect("journeys:step", pk, key)


def _person(number: int | None, actor: Actor) -> Person | None:
    """Return the person who is asked for, whose record is then read; 404 for whom the reader may not see."""
    if number is None:
        return None
    person = get_object_or_404(Person.objects.visible_to(actor), pk=number)
    interactions.consulted(person, Why.RECORD, actor=actor)
    return person


def _found(words: str, actor: Actor) -> list[Person]:
    if not words.strip():
        return []
    return list(found(Person.objects.visible_to(actor), words).select_related("commune")[:MOST])


def _foreseen(version: Version, person: Person) -> dict[str, list[Foreseen] | str]:
    try:
        return {"lines": selectors.foresee(version, person)}
    except InvalidTree as fault:
        return {"fault": " ".join(fault.faults.values())}
