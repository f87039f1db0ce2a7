"""Delivery in the back office: calls, letters and visits on a person's record, and answers by text message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.delivery.models import Contact
from portevoix.delivery.selectors import contacting
from portevoix.delivery.selectors import texting as texts_read
from portevoix.delivery.types import BY_HAND
from portevoix.delivery.views import contacts, texts
from portevoix.people.models import Person
from portevoix.people.selectors import over
from portevoix.rights.purposes import Channel
from portevoix.rights.types import Kept


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    by_hand = [path("<int:pk>/<slug:way>/", contacts.record, name="contact")]
    answers = [
        path("", texts.replies, name="replies"),
        path("<int:pk>/lue/", texts.read, name="read_reply"),
    ]
    return [
        path("contacts/", include((by_hand, "contacts"))),
        path("reponses-sms/", include((answers, "delivery_office"))),
    ]


@hooks.register("register_admin_menu_item")
def replies_item() -> ScreenItem:
    return ScreenItem(
        _("Answers by text message"),
        reverse("delivery_office:replies"),
        act="delivery.read_reply",
        name="text-replies",
        icon_name="comment",
        order=153,
    )


@hooks.register("construct_home_tasks")
def replies_to_read(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell of answers that nobody has read, and of texts that no provider takes."""
    actor = actor_of(request)
    if may(actor, "delivery.read_reply") and (count := texts_read.unread(actor)):
        label = ngettext("%(count)s answer by text message", "%(count)s answers by text message", count)
        tasks.append(HomeTask(label % {"count": count}, f"{reverse('delivery_office:replies')}?etat=a-lire", count))


class ContactsPanel(Component):
    """What volunteers did, and what they may write down now."""

    template_name = "delivery/contacts_panel.html"
    order = 5

    def __init__(self, person: Person, contacts: list[Contact], *, may_record: bool) -> None:
        self.person, self.contacts, self.may_record = person, contacts, may_record

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the last contacts, and the ways that are open."""
        words = {
            Channel.PHONE: gettext("Record a call"),
            Channel.POST: gettext("Record a letter"),
            Channel.DOOR: gettext("Record a visit"),
        }
        means = contacting.means(self.person) if self.may_record else {}
        open_ways = []
        for way, channel in contacts.WAYS.items():
            if channel in means and means[channel].is_allowed:
                open_ways.append((reverse("contacts:contact", args=[self.person.pk, way]), words[channel], channel))
        return {"person": self.person, "contacts": self.contacts, "ways": open_ways, "may_record": self.may_record}


@hooks.register("construct_person_panels")
def contacts_of_person(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    may_record = may(over(actor_of(request), person), "delivery.record_contact")
    if may_record and BY_HAND:
        panels.append(ContactsPanel(person, contacting.earlier(person), may_record=may_record))


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long what volunteers and readers said is kept."""
    lines += [
        Kept(
            ("delivery.TextReply", "delivery.Contact"),
            _("with the record of the person"),
            "RGPD art. 5(1)(e)",
            "rights.retain_nightly",
        ),
        Kept(
            ("delivery.TextReceipt",),
            _("with the record of the person; then a number in the totals of the message"),
            "RGPD art. 5(1)(e)",
            "rights.retain_nightly",
        ),
    ]
