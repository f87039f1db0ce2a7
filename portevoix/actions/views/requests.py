"""The public page of rights: one's address, then a link in one's mailbox; nothing happens before a click there."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from portevoix.accounts.types import Visitor
from portevoix.actions.forms.requests import RIGHTS, FollowForm, RightsForm
from portevoix.disclosure.links import copy_token
from portevoix.disclosure.services.answering import ask_for_copy
from portevoix.kernel.security import address_of, public_form
from portevoix.rights import links
from portevoix.rights.exceptions import LinkUnusable, NotNow, TooMany
from portevoix.rights.models import Request
from portevoix.rights.selectors import counts_about
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.selectors.requests import is_proven
from portevoix.rights.services import requesters
from portevoix.rights.types import RequestKind, RequestState

LANGUAGES = ("fr", "en")


@public_form
@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Take an address and a right; the answer is the same whoever is known."""
    with translation.override(_language(request)):
        asked = {"kind": request.GET.get("droit", "")}
        form = RightsForm(request.POST or None, initial=asked, sender=address_of(request))
        is_full = False
        if request.method == "POST" and form.is_valid():
            kind = RequestKind(form.cleaned_data["kind"])
            try:
                requesters.ask(form.cleaned_data["email"], kind, language=_language(request), actor=Visitor())
                return redirect(f"{request.path}?sent=1&lang={_language(request)}")
            except TooMany:
                is_full = True
        status = 429 if is_full else form.status
        context = {"form": form, "sent": "sent" in request.GET, "is_full": is_full, "language": _language(request)}
        return render(request, "actions/my_rights.html", context | _officer(), status=status)


@public_form
@never_cache
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a click will do, since mail scanners open links; the click does it."""
    try:
        asked = links.request_of(token)
    except LinkUnusable:
        return render(request, "actions/request_unusable.html", status=404)
    with translation.override(asked.language):
        form = FollowForm(asked.kind, asked.person, request.POST if request.method == "POST" else None)  # type: ignore[arg-type]
        if request.method == "POST" and asked.state == RequestState.TO_VERIFY and form.is_valid():
            return _verified(request, asked, form)
        return render(request, "actions/request.html", _context(asked, form), status=422 if form.errors else 200)


def _verified(request: HttpRequest, asked: Request, form: FollowForm) -> HttpResponse:
    person, was_verified = asked.person, is_proven(asked.email, since=asked.created_at)
    try:
        done = requesters.verify_request(asked.pk, **form.told, actor=Visitor())
    except NotNow:
        return redirect(request.path)
    if done.kind == RequestKind.ACCESS and was_verified and person is not None:
        copy = ask_for_copy(person, actor=Visitor())
        if copy is not None:
            return redirect(reverse("actions:copy", args=[copy_token(copy)]))
    if done.person_id is None:
        return render(request, "actions/request_erased.html")
    return redirect(request.path)


def _context(asked: Request, form: FollowForm) -> dict[str, object]:
    person = asked.person
    waits = asked.state == RequestState.TO_VERIFY
    return {
        "asked": asked,
        "form": form,
        "right": RIGHTS[RequestKind(asked.kind)],
        "waits": waits,
        "is_known": is_proven(asked.email, since=asked.created_at),
        "held": counts_about(person) if waits and person and asked.kind == RequestKind.ERASURE else [],
        **_officer(),
    }


def _officer() -> dict[str, object]:
    return {"data_officer": legal_facts().data_officer_email}


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in LANGUAGES else (get_language() or "fr")[:2]
