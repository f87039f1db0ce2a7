"""Writing down a call, a letter or a visit, on a telephone as at a desk."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import ContactInTheFuture, ElectoralSilence, NotReachable
from portevoix.delivery.forms import ContactForm
from portevoix.delivery.selectors import contacting
from portevoix.delivery.services.contacting import record_contact
from portevoix.kernel import clock
from portevoix.people import interactions
from portevoix.people.exceptions import OutOfSight, Restricted
from portevoix.people.models import Person
from portevoix.people.types import Why
from portevoix.rights.exceptions import Masked
from portevoix.rights.purposes import Channel

#: The words of addresses.
WAYS = {"appel": Channel.PHONE, "courrier": Channel.POST, "visite": Channel.DOOR}


@seen_by_who_may("delivery.record_contact")
def record(request: HttpRequest, pk: int, way: str) -> HttpResponse:
    """Ask what came of it, where the gate lets this person be contacted; say why not otherwise."""
    if way not in WAYS:
        raise Http404
    actor, channel = actor_of(request), WAYS[way]
    person = get_object_or_404(Person.objects.visible_to(actor).with_contact_points(), pk=pk)
    form = ContactForm(channel, request.POST or None)
    if request.method == "POST" and form.is_valid() and _recorded(request, person, form):
        return redirect("people:person", pk)
    interactions.consulted(person, Why.RECORD, actor=actor)
    return render(request, "delivery/contact.html", _context(person, way, form))


def _recorded(request: HttpRequest, person: Person, form: ContactForm) -> bool:
    try:
        contact = record_contact(person, form.made, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    except (NotReachable, Masked):
        messages.error(request, gettext("This person may not be contacted this way: nothing was written down."))
    except ElectoralSilence:
        form.add_error("at", gettext("Electoral silence held then: nobody is called, written to or visited."))
    except ContactInTheFuture:
        form.add_error("at", gettext("This has not happened yet."))
    except Restricted as reason:
        messages.error(request, str(reason))
    else:
        messages.success(request, gettext("Written down: %(what)s.") % {"what": contact})
        return True
    return False


def _context(person: Person, way: str, form: ContactForm) -> dict[str, object]:
    titles = {
        Channel.PHONE: gettext("Record a call"),
        Channel.POST: gettext("Record a letter"),
        Channel.DOOR: gettext("Record a visit"),
    }
    title = titles[form.channel]
    silent_until = contacting.silent_until(person, clock.now())
    return {
        "person": person,
        "form": form,
        "way": way,
        "means": contacting.means(person).get(form.channel),
        "points": [] if silent_until else contacting.points(person, form.channel),
        "silent_until": silent_until,
        "earlier": contacting.earlier(person),
        "channel": form.channel,
        "header_title": f"{title} : {person}",
        "screen": title,
        "header_icon": "mobile-alt",
        "breadcrumbs_items": [
            {"url": reverse("people:list"), "label": gettext("People")},
            {"url": reverse("people:person", args=[person.pk]), "label": str(person)},
            {"url": "", "label": title},
        ],
    }
