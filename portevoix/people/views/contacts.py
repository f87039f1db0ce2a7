"""How a person is reached, on one screen."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from wagtail.admin import messages

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.people import interactions
from portevoix.people.exceptions import ChangedMeanwhile, Impossible, OutOfSight
from portevoix.people.forms.contacts import ContactsForm
from portevoix.people.models import Person
from portevoix.people.services import contacts
from portevoix.people.types import Conflict, Why
from portevoix.people.views.record import person_or_404, trail


@seen_by_who_may("people.edit_contacts")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Add, correct, make main and remove addresses and numbers."""
    person = person_or_404(request, pk)
    form = ContactsForm(person, request.POST or None)
    fault = _saved(request, person, form) if request.method == "POST" and form.is_valid() else None
    if fault == "":
        return redirect("people:person", pk)
    interactions.consulted(person, Why.EDIT, actor=actor_of(request))
    context = {
        "person": person,
        # What somebody else changed is shown as it is now, and asked again.
        "form": form,
        "fault": fault,
        "header_title": gettext("How to reach %(person)s") % {"person": person},
        "header_icon": "mail",
        "breadcrumbs_items": trail(person, gettext("Contact")),
    }
    return render(request, "people/contacts.html", context)


def _saved(request: HttpRequest, person: Person, form: ContactsForm) -> str:
    """Save; return the reason why it could not be, empty when it was."""
    try:
        contacts.edit_contacts(person, form.changes, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    except Impossible as reason:
        return str(reason)
    except ChangedMeanwhile as clash:
        form.renew()
        return _told(clash.conflicts)
    messages.success(request, gettext("The contacts of %(person)s are up to date.") % {"person": person})
    return ""


def _told(conflicts: list[Conflict]) -> str:
    both = "; ".join(
        gettext("now “%(theirs)s”, yours “%(ours)s”") % {"theirs": _spoken(one.theirs), "ours": _spoken(one.ours)}
        for one in conflicts
    )
    told = gettext("Somebody else changed these contacts in the meantime: %(both)s. Save again to keep yours.")
    return told % {"both": both}


def _spoken(value: object) -> str:
    if isinstance(value, dict):
        value = " ".join(str(part) for part in value.values() if isinstance(part, str) and part)
    return str(value) if value not in (None, "") else gettext("removed")
