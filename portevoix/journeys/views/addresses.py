"""The addresses outside that automations may tell: opened and closed by those who answer for the data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.forms import AddressForm
from portevoix.journeys.models import Address
from portevoix.journeys.services import calling
from portevoix.journeys.views.journeys import trail


@require_safe
@seen_by_who_may("journeys.add_address")
def show_all(request: HttpRequest) -> HttpResponse:
    """List the addresses, with what they were told."""
    title = gettext("Addresses told")
    context = {
        "lines": selectors.addresses(),
        "header_title": title,
        "header_icon": "link-external",
        "header_buttons": [HeaderButton(gettext("New address"), reverse("journeys:address_add"), icon_name="plus")],
        "breadcrumbs_items": trail(("", title)),
    }
    return render(request, "journeys/addresses.html", context)


@seen_by_who_may("journeys.add_address")
def add(request: HttpRequest) -> HttpResponse:
    """Open an address; its secret is shown once."""
    form = AddressForm(selectors.processors(), request.POST or None)
    if request.method == "POST" and form.is_valid() and (made := _made(request, form)):
        context = {"address": made, "header_title": made.name, "header_icon": "key"}
        way = trail((reverse("journeys:addresses"), gettext("Addresses told")), ("", made.name))
        return render(request, "journeys/address_secret.html", {**context, "breadcrumbs_items": way})
    title = gettext("New address")
    way = trail((reverse("journeys:addresses"), gettext("Addresses told")), ("", title))
    context = {"form": form, "header_title": title, "header_icon": "link-external", "breadcrumbs_items": way}
    return render(request, "journeys/address.html", context)


def _made(request: HttpRequest, form: AddressForm) -> Address | None:
    said = form.cleaned_data
    try:
        return calling.add_address(
            name=said["name"],
            url=said["url"],
            fields=said["fields_told"],
            processor_id=said["processor"],
            actor=actor_of(request),
        )
    except NotPossible as reason:
        form.add_error(None, str(reason))
        return None


@require_POST
@seen_by_who_may("journeys.end_address")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an address."""
    address = get_object_or_404(Address, pk=pk)
    calling.end_address(address, actor=actor_of(request))
    messages.success(request, gettext("“%(name)s” is told nothing more.") % {"name": address.name})
    return redirect("journeys:addresses")
