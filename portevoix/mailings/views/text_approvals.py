"""The second reader of a text message: what they will read, whom it goes to, and the answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.mailings import selectors
from portevoix.mailings.forms import AnswerForm, RequestForm
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import texts
from portevoix.mailings.views.approvals import answered, asked
from portevoix.mailings.views.texts import counted_words, furniture

WAYS = {"send": "send", "edit": "edit", "ask": "ask_approval", "answer": "answer_approval"}


@seen_by_who_may("mailings.ask_approval")
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a text to its second reader, what was asked and answered about it, and what one may do now."""
    text = get_object_or_404(ShortMessage.objects.drafts().select_related("segment"), pk=pk)
    history, digest, trial = selectors.approvals_of(text), texts.digest(text), selectors.trial_of(text)
    label = selectors.label_of(text)
    others = selectors.other_versions(trial) if trial else []
    context = {
        **furniture(request, text, gettext("Approval")),
        "standing": selectors.standing(history, digest, actor_of(request)),
        "history": history,
        "versions": [counted_words(one.words, label) for one in [text, *others]],
        "request_form": RequestForm(),
        "answer_form": AnswerForm(initial={"digest": digest}),
        "may_send": may(actor_of(request), "mailings.send_text"),
        "ways": {name: reverse(f"texts:{screen}", args=[pk]) for name, screen in WAYS.items()},
    }
    return render(request, "mailings/text_approval.html", context)


@require_POST
@seen_by_who_may("mailings.ask_approval")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that somebody else read it."""
    asked(request, get_object_or_404(ShortMessage, pk=pk))
    return redirect("texts:approval", pk)


@require_POST
@seen_by_who_may("mailings.approve")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the text that was shown, or say what must change."""
    answered(request, get_object_or_404(ShortMessage, pk=pk))
    return redirect("texts:approval", pk)
