"""Fields and tags from former times that say what the law protects: the list, and for each the two ways out."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.rights.exceptions import ChangedSince
from portevoix.rights.forms.protected import PlaceForm
from portevoix.rights.forms.retention import SeenCountForm
from portevoix.rights.selectors import protected as selectors
from portevoix.rights.selectors.protected import Carried
from portevoix.rights.services import protected
from portevoix.rights.types import OpinionPlace
from portevoix.rights.views.retention import screen


@seen_by_who_may("rights.erase_protected")
def to_settle(request: HttpRequest) -> HttpResponse:
    """List what is to be settled, with how many carry it."""
    title = gettext("Fields and tags to settle")
    return render(request, "rights/protected.html", {**screen(title, title), "found": selectors.all_carried()})


@seen_by_who_may("rights.erase_protected")
def settle(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show what each way out would do, and to how many; what is sent begins it."""
    it = selectors.one(slug, pk)
    if it is None:
        raise Http404
    counts = selectors.carried(it)
    sent = request.POST if request.method == "POST" else None
    is_placing = sent is not None and "place_it" in sent
    place = PlaceForm(
        selectors.fitting(it),
        sent if is_placing else None,
        is_part=counts.agreed > selectors.LOOKED_AT,
        initial={"seen": counts.unfounded},
    )
    erase = SeenCountForm(None if is_placing else sent, initial={"seen": counts.used}, prefix="erase")
    if sent is not None and _is_begun(request, counts, place if is_placing else erase):
        return redirect("retention:to_settle")
    context = {**screen(it.name, it.name), "it": it, "counts": counts, "place": place, "erase": erase}
    return render(request, "rights/protected_one.html", context)


def _is_begun(request: HttpRequest, counts: Carried, form: SeenCountForm) -> bool:
    if not form.is_valid():
        return False
    seen, actor = form.cleaned_data["seen"], actor_of(request)
    try:
        if isinstance(form, PlaceForm):
            protected.place_opinions(counts.it, OpinionPlace(form.cleaned_data["place"]), seen=seen, actor=actor)
        else:
            protected.erase_protected(counts.it, seen=seen, actor=actor)
    except ChangedSince:
        messages.error(request, gettext("More people would lose it by now: look again."))
        return False
    text = gettext("It begins. “%(name)s” leaves this list once it is done: within a few minutes, as a rule.")
    messages.success(request, text % {"name": counts.it.name})
    return True
