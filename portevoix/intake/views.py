"""A form on paper is copied out, line after line."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.intake.exceptions import NotOfThisTerritory, PersonErased
from portevoix.intake.forms import SheetForm
from portevoix.intake.services.entering import Entered, enter
from portevoix.people.exceptions import Impossible
from portevoix.people.models import Person

#: What the next line of the same sheet has in common with the last one stays in the session: it is about nobody.
LAST = "intake_sheet"


@seen_by_who_may("intake.enter")
def paper(request: HttpRequest) -> HttpResponse:
    """Take one person in; then their record, or the next line of the sheet."""
    actor = actor_of(request)
    form = SheetForm(
        request.POST or None, initial=request.session.get(LAST), needs_commune=actor.departements is not None
    )
    if request.method == "POST" and form.is_valid() and (entered := _entered(request, form)):
        _tell(request, entered, form)
        if "next" in request.POST:
            # No box comes ticked: each line of the sheet is another person's choice.
            request.session[LAST] = {"where": form.sheet.where, "signed_on": form.sheet.told["signed_on"]}
            return redirect("intake:paper")
        is_seen = Person.objects.visible_to(actor).filter(pk=entered.person.pk).exists()
        return redirect("people:person", entered.person.pk) if is_seen else redirect("people:list")
    title = gettext("Form on paper")
    way = [{"url": reverse("people:list"), "label": gettext("People")}, {"url": "", "label": title}]
    return render(
        request,
        "intake/paper.html",
        {"form": form, "header_title": title, "header_icon": "form", "breadcrumbs_items": way},
    )


def _entered(request: HttpRequest, form: SheetForm) -> Entered | None:
    try:
        return enter(form.sheet, actor=actor_of(request))
    except (PersonErased, NotOfThisTerritory, Impossible) as reason:
        form.add_error(None, str(reason))
        return None


def _tell(request: HttpRequest, entered: Entered, form: SheetForm) -> None:
    told = {"person": entered.person.full_name or form.sheet.email or form.sheet.phone}
    words = gettext("%(person)s is in the file, with what they agreed to.")
    if not entered.is_new:
        words = gettext("%(person)s was known already: the blanks of their record are filled.")
    messages.success(request, words % told)
    if entered.taken_back:
        ended = ", ".join(str(purpose.label) for purpose in entered.taken_back)
        messages.warning(
            request, gettext("Taken back since they signed, so it stays refused: %(what)s.") % {"what": ended}
        )
