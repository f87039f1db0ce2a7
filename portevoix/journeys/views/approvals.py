"""The second reader of an automation: what is shown beside its diagram, and the answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Version
from portevoix.journeys.services import approving
from portevoix.mailings import selectors as mailings
from portevoix.mailings.forms import AnswerForm, RequestForm


def reading(request: HttpRequest, version: Version) -> dict[str, Any]:
    """Return where a version that could run is with its second reader; nothing where none is needed."""
    if not selectors.needs_approval(version):
        return {}
    try:
        digest = letters.digest(version)
    except LetterError:
        return {}
    history = selectors.approvals_of(version)
    return {
        "standing": mailings.standing(history, digest, actor_of(request)),
        "history": history,
        "request_form": RequestForm(),
        "answer_form": AnswerForm(initial={"digest": digest}),
        "ways": {name: reverse(f"journeys:{name}_approval", args=[version.journey_id]) for name in ("ask", "answer")},
    }


def _written(pk: int) -> Version:
    return get_object_or_404(Version.objects.select_related("journey"), journey=pk, published_at=None)


def _shown(version: Version) -> HttpResponse:
    return redirect(f"{reverse('journeys:show', args=[version.journey_id])}?version={version.number}")


@require_POST
@seen_by_who_may("journeys.ask_approval")
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask that somebody else read it."""
    version, form = _written(pk), RequestForm(request.POST)
    words = form.cleaned_data["request"] if form.is_valid() else ""
    try:
        approving.ask_approval(version, words, actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        said = gettext("Approval is asked for: whoever may send messages sees it on their first page.")
        messages.success(request, said)
    return _shown(version)


@require_POST
@seen_by_who_may("journeys.approve")
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve what was shown, or say what must change."""
    version, form = _written(pk), AnswerForm(request.POST)
    word, digest = (form.cleaned_data[name] if form.is_valid() else "" for name in ("word", "digest"))
    try:
        if "approve" in request.POST:
            approving.approve(version, digest, word, actor=actor_of(request))
            said = gettext("The message is approved as it is: a change would make the approval void.")
        else:
            approving.refuse(version, word, actor=actor_of(request))
            said = gettext("Its author will see what must change.")
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, said)
    return _shown(version)
