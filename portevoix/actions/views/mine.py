"""What a citizen took part in, by the link of their preferences, and taking it back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from portevoix.accounts.types import Visitor
from portevoix.actions import selectors, services
from portevoix.kernel.security import public_form
from portevoix.rights import links
from portevoix.rights.exceptions import LinkUnusable


@public_form
@never_cache
def show(request: HttpRequest, token: str) -> HttpResponse:
    """List what the person signed or answered, with what they said; take one back at their click."""
    try:
        person = links.person_of(token)
    except LinkUnusable:
        return render(request, "actions/link_unusable.html", status=404)
    taken = selectors.taken_by(person.pk)
    if request.method == "POST":
        number = request.POST.get("part", "")
        found = taken.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
        if found is None:
            raise Http404
        services.retract(found, actor=Visitor())
        return redirect(f"{request.path}?done=1")
    parts = [(one, selectors.answers_of(one)) for one in taken.select_related("version")]
    context = {"parts": parts, "done": "done" in request.GET, "back": links.preferences_url(person.ref)}
    return render(request, "actions/mine.html", context)
