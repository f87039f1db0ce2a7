"""Local pages in bulk, in the back office."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.website.forms.local import LocalPagesForm
from portevoix.website.services import make_local_pages

ACT = "website.make_local_pages"


@seen_by_who_may(ACT)
def make(request: HttpRequest) -> HttpResponse:
    """Make a page for each département that is ticked."""
    form = LocalPagesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = make_local_pages(
            said["under"], said["departements"], lead=said["lead"], publish=said["publish"], actor=actor_of(request)
        )
        done = ngettext("%(number)d local page made.", "%(number)d local pages made.", len(made))
        messages.success(request, done % {"number": len(made)})
        return redirect("wagtailadmin_explore", said["under"].pk)
    title = gettext("Local pages in bulk")
    context = {"form": form, "header_title": title, "header_icon": "site"}
    context["breadcrumbs_items"] = [{"url": "", "label": title}]
    return render(request, "website/office/local_pages.html", context, status=400 if form.errors else 200)
