"""Handing signatures to their addressee: how many, which, what for, then the door of files."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.actions.forms.delivering import DeliveryForm
from portevoix.actions.models import SignedPage
from portevoix.actions.selectors import signatures
from portevoix.actions.services import delivering
from portevoix.actions.views.furniture import of_one
from portevoix.actions.views.office import page_or_404

ACT = "actions.deliver_signatures"


@seen_by_who_may(ACT)
def deliver(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would leave, ask what for, then have the file made."""
    page = page_or_404(pk)
    if not isinstance(page, SignedPage):
        raise Http404
    told = signatures.handing(page)
    usual = gettext("Handing “%(title)s” to %(addressee)s") % {"title": page.title, "addressee": page.addressee}
    form = DeliveryForm(request.POST or None, initial={"reason": usual[:200]})
    if request.method == "POST" and told.named and form.is_valid():
        export = delivering.deliver_signatures(page, reason=form.cleaned_data["reason"], actor=actor_of(request))
        return redirect("disclosure:file", export.pk)
    frame = of_one(page, gettext("Hand to the addressee"), "download")
    context = {**frame, "form": form, "told": told, "days": settings.INSTANCE.disclosure.export_days}
    return render(request, "actions/office/deliver.html", context, status=422 if form.is_bound else 200)
