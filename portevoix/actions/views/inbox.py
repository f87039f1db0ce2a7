"""Messages to the campaign: what waits, one message, its answer."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.actions.exceptions import NobodyThere, NotTheirs
from portevoix.actions.forms.office import AnswererForm, AnswerForm
from portevoix.actions.models import Enquiry
from portevoix.actions.selectors.inbox import term_in_force
from portevoix.actions.services import inbox as services
from portevoix.actions.types import EnquiryState
from portevoix.actions.views.furniture import framed, unwritten
from portevoix.delivery.exceptions import LetterError
from portevoix.people import interactions
from portevoix.people.types import Why

ACT = "actions.answer_message"
ON_A_PAGE = 30
MINE = "miens"


@require_safe
@seen_by_who_may(ACT)
def enquiries(request: HttpRequest) -> HttpResponse:
    """List messages: those to answer first, one's own, or those of a state."""
    actor, wanted = actor_of(request), request.GET.get("etat", EnquiryState.NEW.value)
    mine = Enquiry.objects.visible_to(actor).select_related("page", "answerer")
    if wanted == MINE:
        found = mine.open().filter(answerer=request.user.pk)
    elif wanted in EnquiryState.values:
        found = mine.filter(state=wanted)
    else:
        found = mine
    order = "received_at" if wanted in (EnquiryState.NEW, MINE) else "-received_at"
    tabs = [(EnquiryState.NEW.value, gettext("To answer")), (MINE, gettext("Mine"))]
    tabs += [(EnquiryState.ANSWERED.value, gettext("Answered")), (EnquiryState.CLOSED.value, gettext("Closed"))]
    context = framed(
        gettext("Messages to the campaign"),
        "mail",
        page=Paginator(found.order_by(order, "pk"), ON_A_PAGE).get_page(request.GET.get("p")),
        tabs=tabs,
        wanted=wanted,
        waiting=mine.open().count(),
    )
    return render(request, "actions/office/enquiries.html", context)


@seen_by_who_may(ACT)
@never_cache
def enquiry(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message with its answers, and answer it."""
    found, actor = _found(request, pk), actor_of(request)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_message(found, form.cleaned_data["text"], actor=actor)
        except NobodyThere as nobody:
            form.add_error(None, str(nobody))
        except LetterError:
            form.add_error(None, unwritten())
        else:
            messages.success(request, gettext("Your answer leaves now."))
            return redirect("actions_people:enquiry", pk)
    if request.method != "POST":
        interactions.consulted(found.person, Why.ANSWER, actor=actor)
    context = framed(found.subject, "mail", (reverse("actions_people:enquiries"), gettext("Messages to the campaign")))
    context |= {
        "enquiry": found,
        "form": form,
        "who": AnswererForm(initial={"answerer": found.answerer_id}),
        "months": term_in_force(),
    }
    context["person"] = type(found.person).objects.visible_to(actor).get(pk=found.person_id)
    return render(request, "actions/office/enquiry.html", context, status=400 if form.errors else 200)


@require_POST
@seen_by_who_may("actions.assign_message")
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who answers."""
    found, form = _found(request, pk), AnswererForm(request.POST)
    if form.is_valid():
        try:
            services.assign_message(found, form.cleaned_data["answerer"], actor=actor_of(request))
            messages.success(request, gettext("It is written down who answers."))
        except NotTheirs as reason:
            messages.error(request, str(reason))
    return redirect("actions_people:enquiry", pk)


@require_POST
@seen_by_who_may("actions.close_message")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a message that needs no answer, or open it again."""
    found = _found(request, pk)
    services.close_message(found, is_open=found.state != EnquiryState.NEW, actor=actor_of(request))
    return redirect("actions_people:enquiry", pk)


def _found(request: HttpRequest, pk: int) -> Enquiry:
    seen = Enquiry.objects.visible_to(actor_of(request)).select_related("page", "person", "answerer")
    return get_object_or_404(seen, pk=pk)
