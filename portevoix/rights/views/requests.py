"""The desk of requests: what is owed to whom and by when, and each request's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.accounts.types import Actor
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile, OutOfSight
from portevoix.people.types import Why
from portevoix.rights.exceptions import MailUnderWay, NotNow
from portevoix.rights.forms.requests import AnswerForm, AssigneeForm, DeskFilters, EntryForm, PostForm, WordsForm
from portevoix.rights.models import Request
from portevoix.rights.selectors import requests as selectors
from portevoix.rights.services import answers, letters, requests, restricting
from portevoix.rights.types import PROOFS, UNREFUSABLE, RequestKind
from portevoix.rights.views.office import person_or_404, trail

PER_PAGE = 50
ACT = "rights.answer_request"


@seen_by_who_may(ACT)
def desk(request: HttpRequest) -> HttpResponse:
    """Show what is owed, what is late on top."""
    form = DeskFilters(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = selectors.desk(actor_of(request), which=asked.get("quoi") or "", kind=asked.get("genre") or "")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
    context = {
        "rows": [(one, selectors.spoken_clock(one)) for one in page],
        "page": page,
        "form": form,
        "counts": selectors.counts(actor_of(request)),
        "header_title": gettext("Requests"),
        "breadcrumbs_items": [{"url": "", "label": gettext("Requests")}],
        "header_icon": "mail",
    }
    return render(request, "rights/desk.html", context)


@seen_by_who_may("rights.enter_request")
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what came by letter, telephone, e-mail or on the doorstep."""
    person = person_or_404(request, pk)
    form = EntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entered = requests.enter_request(person, form.asked, actor=actor_of(request))
        messages.success(request, gettext("The request is entered; the person is written that it came."))
        return redirect("requests:request", entered.pk)
    interactions.consulted(person, Why.ANSWER, actor=actor_of(request))
    title = gettext("Enter a request")
    context = {"person": person, "form": form, "header_title": title, "header_icon": "mail"}
    return render(request, "rights/request_enter.html", {**context, "breadcrumbs_items": trail(person, title)})


@seen_by_who_may(ACT)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one request, where it is, and what may be done now."""
    asked = _request_or_404(request, pk)
    if asked.person is not None:
        interactions.consulted(asked.person, Why.ANSWER, actor=actor_of(request))
    return render(request, "rights/request.html", _context(request, asked))


@require_POST
@seen_by_who_may(ACT)
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Do one step, or say why it cannot be done."""
    asked = _request_or_404(request, pk)
    try:
        done = VERBS[verb](request, asked, actor_of(request))
    except (OutOfSight, KeyError):
        raise Http404 from None
    except (NotNow, MailUnderWay) as reason:
        messages.error(request, str(reason) or gettext("A message is leaving this very second: try again."))
    except ChangedMeanwhile:
        messages.error(request, gettext("Somebody changed the record in the meantime: look at it again."))
    else:
        messages.success(request, done) if done else messages.error(request, gettext("Say what the person will read."))
    return redirect("requests:request", pk)


def _request_or_404(request: HttpRequest, pk: int) -> Request:
    rows = Request.objects.visible_to(actor_of(request)).select_related("person__commune", "assignee", "email")
    return get_object_or_404(rows.exclude(person=None, address__gt=""), pk=pk)


def _context(request: HttpRequest, asked: Request) -> dict[str, Any]:
    whose = asked.person or gettext("person erased")
    title = gettext("%(kind)s: %(person)s") % {"kind": capfirst(asked.get_kind_display()), "person": whose}
    return {
        "asked": asked,
        "clock": selectors.spoken_clock(asked),
        "is_doubtful": asked.is_owed and not selectors.is_proven(asked.email, since=asked.created_at),
        "purposes": [label for value, label in _purposes() if value in asked.purposes],
        "differences": selectors.differences_of(asked),
        "letters": asked.letters.all(),
        "exports": selectors.exports_with(asked.person)[:20] if asked.person else [],
        "proof": PROOFS[RequestKind(asked.kind)],
        "answer_form": AnswerForm(asked),
        "words_form": WordsForm(),
        "assignee_form": AssigneeForm(asked),
        "may_refuse": asked.kind not in UNREFUSABLE,
        "may_lift": asked.announcements.reached().exists(),
        "undelivered": asked.announcements.undelivered().exists(),
        "post_form": PostForm(),
        "header_title": title,
        "header_icon": "mail",
        "breadcrumbs_items": [
            {"url": reverse("requests:desk"), "label": gettext("Requests")},
            {"url": "", "label": title},
        ],
    }


def _purposes() -> list[tuple[str, str]]:
    field: Any = EntryForm.base_fields["purposes"]
    return [(str(value), str(label)) for value, label in field.choices]


def _assign(request: HttpRequest, asked: Request, actor: Actor) -> str:
    form = AssigneeForm(asked, request.POST)
    if not form.is_valid():
        raise NotNow(gettext("This member of staff may not answer this request."))
    requests.assign_request(asked.pk, form.cleaned_data["user"], actor=actor)
    return gettext("It is written down who answers.")


def _answer(request: HttpRequest, asked: Request, actor: Actor) -> str:
    form = AnswerForm(asked, request.POST)
    if not form.is_valid():
        return ""
    fields = form.cleaned_data.get("fields_accepted")
    answers.answer_request(asked.pk, form.cleaned_data["reason"], fields=fields, actor=actor)
    if asked.kind == RequestKind.ERASURE:
        return gettext("It is erased, and no address is left to write to: tell the person by the way they asked.")
    return gettext("It is done, and the person is written so.")


def _resume(request: HttpRequest, asked: Request, actor: Actor) -> str:
    requests.resume_request(asked.pk, actor=actor)
    return gettext("The clock runs again.")


def _lift(request: HttpRequest, asked: Request, actor: Actor) -> str:
    restricting.lift_restriction(asked.pk, actor=actor)
    return gettext("The restriction is lifted.")


def _by_post(request: HttpRequest, asked: Request, actor: Actor) -> str:
    form = PostForm(request.POST)
    if not form.is_valid():
        raise NotNow(gettext("Say on which day the letter was posted."))
    letters.tell_by_post(asked.pk, form.cleaned_data["told_on"], actor=actor)
    return gettext("It is written down that the person was told by post.")


def _with_words(command: Callable[..., object], done: Callable[[], str]) -> Callable[..., str]:
    def run(request: HttpRequest, asked: Request, actor: Actor) -> str:
        form = WordsForm(request.POST)
        if not form.is_valid():
            return ""
        command(asked.pk, form.cleaned_data["reason"], actor=actor)
        return done()

    return run


#: What may be done to a request, by the last part of the address.
VERBS: dict[str, Callable[[HttpRequest, Request, Actor], str]] = {
    "confier": _assign,
    "repondre": _answer,
    "reprendre": _resume,
    "lever": _lift,
    "courrier": _by_post,
    "refuser": _with_words(answers.refuse_request, lambda: gettext("It is refused, and the person is written why.")),
    "prolonger": _with_words(requests.extend_request, lambda: gettext("Two more months; the person is written why.")),
    "identite": _with_words(requests.ask_identity, lambda: gettext("The clock stops until the proof comes.")),
    "annoncer": _with_words(
        restricting.announce_lifting, lambda: gettext("The person is being told; then you may lift the restriction.")
    ),
}
