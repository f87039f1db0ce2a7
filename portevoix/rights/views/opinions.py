"""Political opinions of a person: recorded on their ground only, and their agreement to it (RGPD art. 9)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile, OutOfSight, Restricted
from portevoix.people.models import Person
from portevoix.people.types import Why
from portevoix.rights import services
from portevoix.rights.exceptions import NoGroundForOpinion
from portevoix.rights.forms import OpinionConsentForm, OpinionForm
from portevoix.rights.models import Opinion
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors import current_wording
from portevoix.rights.services.opinions import record_opinion
from portevoix.rights.types import Views
from portevoix.rights.views.office import SOURCE, person_or_404, trail


@seen_by_who_may("rights.record_opinion")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what the person said; without their agreement, say why it cannot be kept."""
    person = person_or_404(request, pk)
    form = OpinionForm(_views(person), request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_saved(request, person, form):
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    title = gettext("Political opinions of %(person)s") % {"person": person}
    context = {"person": person, "form": form, "header_title": title, "header_icon": "pick"}
    return render(request, "rights/opinion.html", {**context, "breadcrumbs_items": trail(person, gettext("Opinions"))})


def _views(person: Person) -> Views:
    known = Opinion.objects.filter(person=person).first()
    return known.views if known else Views()


def _is_saved(request: HttpRequest, person: Person, form: OpinionForm) -> bool:
    try:
        record_opinion(person, form.views, seen=form.seen_views, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    except (NoGroundForOpinion, Restricted) as reason:
        form.add_error(None, str(reason))
        return False
    except ChangedMeanwhile as clash:
        form.offer_choice(_views(person), clash.conflicts)
        return False
    messages.success(request, gettext("The opinions of %(person)s are up to date.") % {"person": person})
    return True


@seen_by_who_may("rights.give")
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that the person agreed, in which words and how they said it."""
    person = person_or_404(request, pk)
    form = OpinionConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        evidence = {"asked": form.cleaned_data["asked"]}
        actor = actor_of(request)
        services.give(person, Purpose.OPINION, basis=Basis.CONSENT, evidence=evidence, source=SOURCE, actor=actor)
        return redirect("rights_office:opinion", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    title = gettext("Agreement to record opinions")
    context = {"person": person, "form": form, "header_title": title, "header_icon": "check"}
    context["wording"] = current_wording(Purpose.OPINION, person.language)
    return render(request, "rights/opinion_agree.html", {**context, "breadcrumbs_items": trail(person, title)})
