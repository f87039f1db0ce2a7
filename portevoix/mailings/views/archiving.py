"""What the site shows of a letter, as its authors choose."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import selectors
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.forms import ArchiveForm
from portevoix.mailings.models import Archive, Mailing
from portevoix.mailings.services import archiving
from portevoix.mailings.views.sending import furniture
from portevoix.mailings.wording import explain


@seen_by_who_may("mailings.publish")
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose whether everybody may read a letter, and whether it is listed and found."""
    mailing = get_object_or_404(Mailing, pk=pk)
    archive = Archive.objects.filter(mailing=mailing).first()
    shown = archive or Archive()
    initial = {"is_public": bool(archive), "is_listed": shown.is_listed, "is_indexed": shown.is_indexed}
    form = ArchiveForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _save(request, mailing, form)
    context = {**furniture(request, mailing, gettext("On the site")), "form": form, "archive": archive}
    context["address"] = selectors.archive_address(mailing)
    return render(request, "mailings/archive.html", context)


def _save(request: HttpRequest, mailing: Mailing, form: ArchiveForm) -> HttpResponse:
    data = form.cleaned_data
    chosen = {"is_listed": data["is_listed"], "is_indexed": data["is_indexed"]}
    try:
        if data["is_public"]:
            archiving.publish(mailing, **chosen, actor=actor_of(request))
        else:
            archiving.unpublish(mailing, actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("Saved."))
    return redirect("mailings:archive", mailing.pk)
