"""The end of a campaign: what would go and what stays, two persons who decide, and the signed record."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.rights.exceptions import ChangedSince, NotTheOther
from portevoix.rights.forms.retention import ClosureForm
from portevoix.rights.models import Closure
from portevoix.rights.models.retention import ALIVE, Scope
from portevoix.rights.rules import destruction
from portevoix.rights.selectors import closing as selectors
from portevoix.rights.services import closing
from portevoix.rights.views.retention import screen


@seen_by_who_may("rights.propose_closure")
def close(request: HttpRequest) -> HttpResponse:
    """Show what the end of the campaign would destroy and leave; what is sent proposes it."""
    closure = Closure.objects.filter(state__in=ALIVE).first()
    scope = Scope(closure.scope) if closure else _scope(request)
    form = ClosureForm(request.POST or None)
    if request.method == "POST" and closure is None and form.is_valid() and _proposed(request, form):
        return redirect("retention:close")
    return render(request, "rights/closing.html", _context(request, scope, closure, form))


def _scope(request: HttpRequest) -> Scope:
    said = request.POST.get("scope") or request.GET.get("qui", "")
    return Scope(said) if said in Scope.values else Scope.PROSPECTS


def _context(request: HttpRequest, scope: Scope, closure: Closure | None, form: ClosureForm) -> dict[str, object]:
    actor = actor_of(request)
    preview = selectors.preview(scope)
    form.initial = {"seen": preview.going, "scope": scope}
    buttons: list[HeaderButton] = []
    for construct in hooks.get_hooks("construct_people_buttons"):
        construct(request, buttons)
    may_agree = closure is not None and selectors.may_agree(closure, actor)
    return {
        **screen(gettext("End of the campaign"), gettext("End of the campaign")),
        "preview": preview,
        "scope": scope,
        "scopes": Scope,
        "closure": closure,
        "form": form,
        "buttons": [button for button in buttons if button.icon_name == "download"],
        "may_agree": may_agree,
        "former": Closure.objects.exclude(record=None),
        "public_key": destruction.public_text(destruction.signing_key(settings.SECRET_KEY)),
    }


def _proposed(request: HttpRequest, form: ClosureForm) -> bool:
    said = form.cleaned_data
    try:
        closure = closing.propose_closure(Scope(said["scope"]), seen=said["seen"], actor=actor_of(request))
    except ChangedSince:
        form.add_error(None, gettext("More people would go by now: look again."))
        return False
    if closure.is_alone:
        text = gettext("Decided. Nobody else can agree: it begins in three days, and may be cancelled until then.")
    else:
        text = gettext("Decided. It begins when the second person agrees.")
    messages.success(request, text)
    return True


@require_POST
@seen_by_who_may("rights.agree_closure")
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree as the second person; the destruction begins."""
    closure = get_object_or_404(Closure, pk=pk, state="proposed")
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return render(
            request, "rights/closing.html", _context(request, Scope(closure.scope), closure, form), status=400
        )
    try:
        closing.agree_closure(closure.pk, seen=form.cleaned_data["seen"], actor=actor_of(request))
    except NotTheOther:
        messages.error(request, gettext("The director and the data-protection officer must agree: two persons."))
    except ChangedSince:
        messages.error(request, gettext("More people would go by now: look again."))
    return redirect("retention:close")


@require_POST
@seen_by_who_may("rights.cancel_closure")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the decision back before anything is destroyed."""
    closure = get_object_or_404(Closure, pk=pk, state="proposed")
    closing.cancel_closure(closure.pk, actor=actor_of(request))
    messages.success(request, gettext("Cancelled. Nothing was destroyed."))
    return redirect("retention:close")


@seen_by_who_may("rights.propose_closure")
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the record of what was destroyed, to be printed."""
    file = _file_or_404(pk)
    told, key = destruction.check(file)
    context = {
        **screen(gettext("Destruction record"), gettext("Destruction record")),
        **selectors.in_words(told),
        "told": told,
        "key": key,
        "signature": json.loads(file)["signature"],
        "pk": pk,
    }
    return render(request, "rights/destruction_record.html", context)


@seen_by_who_may("rights.propose_closure")
def record_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the signed file itself, byte for byte."""
    name = f'attachment; filename="attestation-destruction-{pk}.json"'
    return HttpResponse(_file_or_404(pk), content_type="application/json", headers={"Content-Disposition": name})


def _file_or_404(pk: int) -> bytes:
    closure = get_object_or_404(Closure, pk=pk)
    if closure.record is None:
        raise Http404
    return bytes(closure.record)
