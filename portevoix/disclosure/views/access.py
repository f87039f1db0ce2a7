"""What is held on one person, for that person."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.disclosure import selectors
from portevoix.disclosure.services.answering import ON_REQUEST, answer_access_request
from portevoix.people import interactions
from portevoix.people.models import Person
from portevoix.people.types import Why
from portevoix.rights import gate
from portevoix.rights.selectors import counts_about


@seen_by_who_may("disclosure.answer_access_request")
def access(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show what is held on a person, and give it as an archive when asked."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=pk)
    if request.method == "POST":
        people = Person.objects.visible_to(actor).filter(pk=person.pk)
        disclosure = gate.reveal(people, actor=actor, purpose=ON_REQUEST, fields=selectors.IDENTITY, to_themselves=True)
        content = answer_access_request(disclosure, actor=actor)
        return FileResponse(content, as_attachment=True, filename=f"acces-{person.ref}.zip")
    interactions.consulted(person, Why.ANSWER, actor=actor)
    context = {
        "person": person,
        "held": counts_about(person),
        "header_title": gettext("What we hold on %(person)s") % {"person": person},
        "header_icon": "download",
        "breadcrumbs_items": [
            {"url": reverse("people:list"), "label": gettext("People")},
            {"url": reverse("people:person", args=[person.pk]), "label": str(person)},
            {"url": "", "label": gettext("What we hold")},
        ],
    }
    return render(request, "disclosure/access.html", context)
