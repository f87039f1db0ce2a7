"""The ways out in the back office: a list of people, for a stated reason; what is held on one, for that person."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.disclosure import selectors
from portevoix.disclosure.forms import ExportForm
from portevoix.disclosure.services import answer_access_request, export_people
from portevoix.kernel import clock
from portevoix.people.filters import PeopleFilters
from portevoix.people.models import Person, PersonQuerySet
from portevoix.people.selectors import search
from portevoix.rights import gate
from portevoix.rights.selectors import counts_about

#: Said on the timeline and in the journal of an answer to somebody who asks: the law's words for it.
ON_REQUEST = "RGPD art. 15"


def _people(request: HttpRequest) -> PersonQuerySet:
    """Return whom the list of persons shows for the same address."""
    visible = Person.objects.visible_to(actor_of(request))
    kept: PersonQuerySet = PeopleFilters(request.GET, queryset=visible, request=request).qs
    words = request.GET.get("q", "").strip()
    return search.found(kept, words) if words else kept


@seen_by_who_may("disclosure.export_people")
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask why, then give the file; the address is narrowed like that of the list of persons."""
    people, actor = _people(request), actor_of(request)
    form = ExportForm(request.POST or None, masked=gate.masked_fields(actor))
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        disclosure = gate.reveal(people, actor=actor, purpose=purpose, fields=form.wanted)
        name = f"{gettext('people')}-{clock.today():%Y-%m-%d}.csv"
        return FileResponse(
            export_people(disclosure, actor=actor), as_attachment=True, filename=name, content_type="text/csv"
        )
    context = {
        "form": form,
        "count": people.count(),
        "back": f"{reverse('people:list')}?{request.GET.urlencode()}",
        "header_title": gettext("Export people"),
        "header_icon": "download",
        "breadcrumbs_items": [
            {"url": reverse("people:list"), "label": gettext("People")},
            {"url": "", "label": gettext("Export")},
        ],
    }
    return render(request, "disclosure/export.html", context, status=400 if form.errors else 200)


@seen_by_who_may("disclosure.answer_access_request")
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is held on a person, and give it as a file when asked."""
    actor = actor_of(request)
    person = get_object_or_404(Person.objects.visible_to(actor), pk=pk)
    if request.method == "POST":
        people = Person.objects.visible_to(actor).filter(pk=person.pk)
        disclosure = gate.reveal(people, actor=actor, purpose=ON_REQUEST, fields=selectors.IDENTITY)
        content = answer_access_request(disclosure, actor=actor)
        name = f'attachment; filename="acces-{person.ref}.json"'
        return HttpResponse(content, content_type="application/json", headers={"Content-Disposition": name})
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
