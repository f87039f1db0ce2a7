"""Many put on a path at once: whom and how many first, then how far it is, and back."""

from __future__ import annotations

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.paths import selectors
from portevoix.paths.exceptions import NotPossible
from portevoix.paths.forms import EnrolForm
from portevoix.paths.models import Enrolment, Path
from portevoix.paths.services import enrolling
from portevoix.paths.views.paths import trail
from portevoix.segments.exceptions import InvalidTree


def enrolment_or_404(request: HttpRequest, pk: int) -> Enrolment:
    """Return what the reader asked for themselves, or, over all of France, what anybody did."""
    enrolment = get_object_or_404(Enrolment.objects.select_related("path", "step"), pk=pk)
    return get_object_or_404(selectors.enrolments(enrolment.path, actor_of(request)).select_related("path"), pk=pk)


@seen_by_who_may("paths.enrol")
def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whom, say how many, and put them on the path once that is confirmed."""
    path, actor = get_object_or_404(Path.objects.in_use(), pk=pk), actor_of(request)
    form = EnrolForm(path, actor, request.POST or None, initial={"segment": request.GET.get("segment")})
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if request.POST.get("act") == "confirm" and said["expected"] is not None:
            return _enrolled(request, said) or redirect("paths:enrol", pk)
        context = _preview(request, path, said)
    title = gettext("Put a segment on the path")
    way = trail((reverse("paths:board", args=[pk]), path.name), ("", title))
    context |= {"path": path, "form": form, "header_title": title, "header_icon": "plus"}
    return render(request, "paths/enrol.html", {**context, "breadcrumbs_items": way})


def _preview(request: HttpRequest, path: Path, said: dict[str, Any]) -> dict[str, Any]:
    actor = actor_of(request)
    try:
        found = selectors.to_enrol(said["segment"], path, actor).count()
        everybody = selectors.found_by(said["segment"], actor)
    except InvalidTree as fault:
        return {"fault": str(fault)}
    return {"found": found, "already": everybody - found, "segment": said["segment"], "step": said["step"]}


def _enrolled(request: HttpRequest, said: dict[str, Any]) -> HttpResponse | None:
    try:
        done = enrolling.enrol(
            said["segment"],
            said["step"],
            expected=said["expected"],
            point_person=said["point_person"],
            actor=actor_of(request),
        )
    except (NotPossible, InvalidTree) as reason:
        messages.error(request, str(reason))
        return None
    return redirect("paths:enrolment", done.pk)


@require_safe
@seen_by_who_may("paths.enrol")
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a putting is, and offer to undo it."""
    enrolment = enrolment_or_404(request, pk)
    path = enrolment.path
    title = gettext("People of “%(segment)s”") % {"segment": enrolment.segment_name}
    way = trail((reverse("paths:board", args=[path.pk]), path.name), ("", title))
    context = {"enrolment": enrolment, "path": path, "header_title": title, "header_icon": "group"}
    return render(request, "paths/enrolment.html", {**context, "breadcrumbs_items": way})


@require_safe
@seen_by_who_may("paths.enrol")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the part of the page that moves."""
    return render(request, "paths/_progress.html", {"enrolment": enrolment_or_404(request, pk)})


@require_POST
@seen_by_who_may("paths.undo_enrolment")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out whom nobody has touched since."""
    try:
        done = enrolling.undo(enrolment_or_404(request, pk), actor=actor_of(request))
    except NotPossible as reason:
        messages.error(request, str(reason))
    else:
        told = ngettext("%(number)s person is taken out.", "%(number)s people are taken out.", done.taken_back)
        if not done.is_at_work:
            messages.success(request, told % {"number": intcomma(done.taken_back)})
    return redirect("paths:enrolment", pk)
