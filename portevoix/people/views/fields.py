"""The campaign's own fields: a list, a form, and a way out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people.exceptions import Impossible, ProtectedName
from portevoix.people.forms.record import FieldForm
from portevoix.people.models import CustomField
from portevoix.people.services import fields as services
from portevoix.people.types import CustomKind

ACT = "people.make_field"


def _trail(last: str = "") -> list[dict[str, str]]:
    way = [
        {"url": reverse("people:list"), "label": gettext("People")},
        {"url": reverse("people:fields"), "label": gettext("Fields")},
    ]
    return [*way, {"url": "", "label": last}] if last else way


@seen_by_who_may(ACT)
def fields(request: HttpRequest) -> HttpResponse:
    """List the fields, those in use first."""
    context = {
        "fields": sorted(CustomField.objects.all(), key=lambda field: field.retired_at is not None),
        "header_title": gettext("Your own fields"),
        "header_icon": "list-ul",
        "breadcrumbs_items": _trail(),
        "header_buttons": [HeaderButton(gettext("Add a field"), reverse("people:field_add"), icon_name="plus")],
    }
    return render(request, "people/fields.html", context)


@seen_by_who_may(ACT)
def field(request: HttpRequest, field_pk: int | None = None) -> HttpResponse:
    """Make a field, or change one."""
    known = get_object_or_404(CustomField, pk=field_pk) if field_pk else None
    form = FieldForm(known, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            services.make_field(known, kind=CustomKind(said.pop("kind")), **said, actor=actor_of(request))
        except Impossible as reason:
            form.add_error("label" if isinstance(reason, ProtectedName) else "kind", str(reason))
        else:
            messages.success(request, gettext("The field “%(label)s” is kept.") % {"label": said["label"]})
            return redirect("people:fields")
    title = known.shown_label if known else gettext("Add a field")
    context = {"form": form, "field": known, "header_title": title, "header_icon": "list-ul"}
    return render(request, "people/field.html", {**context, "breadcrumbs_items": _trail(title)})


@require_POST
@seen_by_who_may("people.retire_field")
def retire(request: HttpRequest, field_pk: int) -> HttpResponse:
    """Retire a field, or take it up again."""
    known = get_object_or_404(CustomField, pk=field_pk)
    try:
        services.retire_field(known, is_retired=known.retired_at is None, actor=actor_of(request))
    except ProtectedName as reason:
        messages.error(request, str(reason))
    return redirect("people:fields")
