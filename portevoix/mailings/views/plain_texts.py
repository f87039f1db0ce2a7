"""The screen of the text part: what the blocks say, what the author wrote instead, and whether it still fits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import TextForm
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import plain_texts
from portevoix.mailings.views.furniture import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.write_plain_text")
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the text part, and keep what the author makes of it."""
    mailing = get_object_or_404(Mailing.objects.drafts(), pk=pk)
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _kept(request, mailing, form.cleaned_data["words"]):
        return redirect("mailings:text", pk)
    context = {**furniture(request, mailing, gettext("Plain text")), **_seen(mailing, form)}
    return render(request, "mailings/text.html", context)


def _kept(request: HttpRequest, mailing: Mailing, words: str) -> bool:
    """Do what the button says; tell the author."""
    try:
        if "derive" in request.POST:
            plain_texts.derive_plain_text(mailing, actor=actor_of(request))
            messages.success(request, gettext("The plain text comes from the blocks again."))
        else:
            plain_texts.write_plain_text(mailing, words, actor=actor_of(request))
            messages.success(request, gettext("The plain text is kept as you wrote it."))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
        return False
    return True


def _seen(mailing: Mailing, form: TextForm) -> dict[str, Any]:
    try:
        derived = letters.derived_text(mailing)
    except LetterError as error:
        return {"fault": explain(error)}
    own = selectors.own_text(mailing)
    if not form.is_bound:
        form = TextForm(initial={"words": own.words if own else derived})
    is_stale = own is not None and selectors.is_stale(own, derived)
    return {"form": form, "own": own, "derived": derived, "is_stale": is_stale}
