"""Screens of the second reader: the letter, what to look at in it, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import AnswerForm, RequestForm
from portevoix.mailings.models import AnyMailing, Mailing
from portevoix.mailings.services import approving
from portevoix.mailings.views.furniture import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.ask_approval")
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a letter to its second reader, what was asked and answered about it, and what one may do now."""
    mailing = get_object_or_404(Mailing.objects.drafts().select_related("segment"), pk=pk)
    context = {**furniture(request, mailing, gettext("Approval")), **_seen(request, mailing)}
    return render(request, "mailings/approval.html", context)


@require_POST
@seen_by_who_may("mailings.ask_approval")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that somebody else read it."""
    asked(request, get_object_or_404(Mailing, pk=pk))
    return redirect("mailings:approval", pk)


@require_POST
@seen_by_who_may("mailings.approve")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the letter that was shown, or say what must change."""
    answered(request, get_object_or_404(Mailing, pk=pk))
    return redirect("mailings:approval", pk)


@seen_by_who_may("mailings.demand_approval")
def rule(request: HttpRequest) -> HttpResponse:
    """Say whether a second person must approve each message; change that."""
    if request.method != "POST":
        context = {**furniture(request, None, gettext("Approval")), "is_asked": selectors.is_approval_asked()}
        return render(request, "mailings/approval_rule.html", context)
    is_asked = request.POST.get("is_asked") == "1"
    approving.demand_approval(is_asked, actor=actor_of(request))
    if is_asked:
        messages.success(request, gettext("From now on each message needs the approval of a second person."))
    else:
        messages.success(request, gettext("Messages need no approval any more."))
    return redirect("mailings:index")


def asked(request: HttpRequest, written: AnyMailing) -> None:
    """Ask that somebody else read it."""
    form = RequestForm(request.POST)
    words = form.cleaned_data["request"] if form.is_valid() else ""
    said = gettext("Approval is asked for: whoever may send messages sees it on their first page.")
    _done(request, said, lambda: approving.ask_approval(written, words, actor=actor_of(request)))


def answered(request: HttpRequest, written: AnyMailing) -> None:
    """Approve what was shown, or say what must change."""
    form = AnswerForm(request.POST)
    word, digest = (form.cleaned_data[name] if form.is_valid() else "" for name in ("word", "digest"))
    actor = actor_of(request)
    if "approve" in request.POST:
        said = gettext("The message is approved as it is: a change would make the approval void.")
        _done(request, said, lambda: approving.approve(written, digest, word, actor=actor))
    else:
        said = gettext("Its author will see what must change.")
        _done(request, said, lambda: approving.refuse(written, word, actor=actor))


def _done(request: HttpRequest, said: str, act: Callable[[], object]) -> None:
    try:
        act()
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, said)


def _seen(request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
    history = selectors.approvals_of(mailing)
    try:
        letter = letters.compose(mailing)
        seen = outbox.sample(letter)
    except LetterError as error:
        return {"fault": explain(error), "history": history}
    digest = letters.digest(letter, mailing)
    return {
        "letter": seen,
        "preheader": selectors.sampled(mailing.preheader),
        "standing": selectors.standing(history, digest, actor_of(request)),
        "history": history,
        "hints": letters.hints(mailing),
        "request_form": RequestForm(),
        "answer_form": AnswerForm(initial={"digest": digest}),
        "may_send": may(actor_of(request), "mailings.send"),
        "ways": {
            name: reverse(f"mailings:{screen}", args=[mailing.pk])
            for name, screen in {
                "send": "send",
                "edit": "edit",
                "ask": "ask_approval",
                "answer": "answer_approval",
            }.items()
        },
    }
