"""A text message as a political advertisement: the same declaration as for letters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms.adverts import DeclarationForm
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.services import advertising
from portevoix.mailings.views.texts import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.declare_advert")
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare a draft a political advertisement."""
    text = get_object_or_404(ShortMessage.objects.select_related("segment"), pk=pk)
    advert = selectors.advert_of(text)
    form = DeclarationForm(request.POST or None, instance=advert)
    if request.method == "POST" and form.is_valid():
        try:
            advertising.declare_advert(text, form.declaration, actor=actor_of(request))
        except MailingError as error:
            messages.error(request, explain(error))
        else:
            messages.success(request, gettext("The message says that it is a political advertisement."))
            return redirect("texts:send", pk)
    context = {
        **furniture(request, text, gettext("Political advertisement")),
        "form": form,
        "logic": selectors.logic_of(text),
        "back": reverse("texts:send", args=[pk]),
        "withdraw": reverse("texts:no_advert", args=[pk]) if advert else "",
    }
    return render(request, "mailings/declare.html", context)


@require_POST
@seen_by_who_may("mailings.withdraw_advert")
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a draft is no advertisement."""
    text = get_object_or_404(ShortMessage, pk=pk)
    try:
        advertising.withdraw_advert(text, actor=actor_of(request))
    except MailingError as error:
        messages.error(request, explain(error))
    return redirect("texts:send", pk)
