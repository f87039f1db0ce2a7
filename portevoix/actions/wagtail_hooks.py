"""What actions adds to rooms below: sign-up pages, fresh links for those that are too old, copies of one's data."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import HeaderButton
from wagtail.models import Page

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of, member_of
from portevoix.accounts.types import Visitor
from portevoix.actions import selectors, services, views
from portevoix.actions.models import (
    ANSWER_HOOK,
    THANKS,
    ActionPage,
    ContactPage,
    Enquiry,
    EventPage,
    MembershipApplication,
    MembershipPage,
    Proxy,
    ProxyPage,
    SharePage,
    SignedPage,
)
from portevoix.actions.selectors import results, signatures
from portevoix.actions.views import answers, calling_off, coming, delivering, inbox, office, origins, sharing
from portevoix.actions.views import signatures as signatures_views
from portevoix.actions.views.origins import OriginsPanel
from portevoix.disclosure.types import Delivery
from portevoix.people.models import Person
from portevoix.rights.exceptions import TooMany
from portevoix.rights.types import Kept, PreferenceLink


@hooks.register(ANSWER_HOOK)
def answer(page: ActionPage | SharePage, request: HttpRequest, mode: str) -> HttpResponse:
    """Let the views of actions answer for pages on which citizens act, and pass them on."""
    if isinstance(page, SharePage):
        return signatures_views.share_page(request, page)
    if getattr(request, "is_preview", False) and mode != THANKS:
        return views.preview(request, page)
    return views.act(request, page, is_thanks=mode == THANKS)


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    screens = [
        path("actions/", office.show_all, name="list"),
        path("actions/<int:pk>/", office.show, name="page"),
    ]
    people = [
        path("actions/messages/", inbox.enquiries, name="enquiries"),
        path("actions/messages/<int:pk>/", inbox.enquiry, name="enquiry"),
        path("actions/messages/<int:pk>/charge/", inbox.assign, name="assign"),
        path("actions/messages/<int:pk>/cloture/", inbox.close, name="close"),
        path("actions/adhesions/", coming.applications, name="applications"),
        path("actions/adhesions/<int:pk>/accepter/", coming.accept, name="accept"),
        path("actions/adhesions/<int:pk>/refuser/", coming.refuse, name="refuse"),
        path("actions/procurations/<int:pk>/", coming.pair, name="pair"),
        path("actions/<int:page>/reponses/", answers.results, name="results"),
        path("actions/<int:page>/reponses/<int:pk>/", answers.person, name="person"),
        path("actions/<int:page>/reponses/export/", answers.export, name="export"),
        path("actions/<int:page>/reponses/<slug:key>/", answers.texts, name="texts"),
        path("actions/<int:page>/presents/", coming.attendances, name="attendances"),
        path("actions/<int:page>/presents/<int:pk>/", coming.mark_present, name="mark_present"),
        path("actions/<int:page>/annulation/", calling_off.cancel, name="cancel_meeting"),
        path("actions/<int:page>/retablissement/", calling_off.restore, name="restore_meeting"),
        path("actions/<int:page>/procurations/", coming.proxies, name="proxies"),
    ]
    return [path("", include((screens, "actions_office"))), path("", include((people, "actions_people")))]


@hooks.register("register_admin_menu_item")
def actions_item() -> ScreenItem:
    return ScreenItem(
        _("Actions"), reverse("actions_office:list"), roles=office.READERS, name="actions", icon_name="form", order=14
    )


@hooks.register("register_admin_menu_item")
def inbox_item() -> ScreenItem:
    act = "actions.answer_message"
    return ScreenItem(
        _("Inbox"), reverse("actions_people:enquiries"), act=act, name="enquiries", icon_name="mail", order=15
    )


@hooks.register("construct_home_tasks")
def what_waits(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Tell of messages to answer, and of applications to decide."""
    actor = actor_of(request)
    if may(actor, "actions.answer_message") and (count := Enquiry.objects.visible_to(actor).open().count()):
        label = ngettext("A message to the campaign to answer", "Messages to the campaign to answer", count)
        tasks.append(HomeTask(label, reverse("actions_people:enquiries"), count))
    if may(actor, "actions.accept_member"):
        open_ones = MembershipApplication.objects.visible_to(actor).counted().open()
        if count := open_ones.count():
            label = ngettext("An application for membership to decide", "Applications for membership to decide", count)
            tasks.append(HomeTask(label, reverse("actions_people:applications"), count))
    if may(actor, "actions.pair_proxies"):
        waiting = (
            Proxy.objects.visible_to(actor)
            .counted()
            .asking()
            .unpaired()
            .order_by("page")
            .values_list("page", flat=True)
        )
        for page, count in Counter(waiting).items():
            label = ngettext("Somebody looks for a proxy vote", "People look for a proxy vote", count)
            tasks.append(HomeTask(label, reverse("actions_people:proxies", args=[page]), count))


@hooks.register("find_export_column")
def answer_column(field: str) -> tuple[str, Any] | None:
    """Let a file of people hold what they answered."""
    return results.export_column(field)


@hooks.register("construct_action_panels")
def what_came(request: HttpRequest, page: ActionPage, panels: list[Component], buttons: list[HeaderButton]) -> None:
    """Lead from a page's figures to what its type brings in."""
    member = member_of(request)
    if isinstance(page, ContactPage):
        if may(member, "actions.answer_message"):
            buttons.append(HeaderButton(gettext("Messages"), reverse("actions_people:enquiries"), icon_name="mail"))
        return
    ways: list[tuple[type[ActionPage], str, str, str]] = [
        (EventPage, "actions.read_answers", gettext("Who comes"), "attendances"),
        (ProxyPage, "actions.pair_proxies", gettext("Proxy votes"), "proxies"),
    ]
    for kind, act, label, name in ways:
        if isinstance(page, kind) and may(member, act):
            buttons.append(HeaderButton(label, reverse(f"actions_people:{name}", args=[page.pk]), icon_name="group"))
    if isinstance(page, MembershipPage) and may(member, "actions.accept_member"):
        buttons.append(HeaderButton(gettext("Applications"), reverse("actions_people:applications"), icon_name="user"))
    if may(member, "actions.read_answers") and results.every_question(page):
        address = reverse("actions_people:results", args=[page.pk])
        buttons.append(HeaderButton(gettext("Answers"), address, icon_name="clipboard-list"))


class ActionsPanel(Component):
    """What a person took part in on the site: the pages, not the answers."""

    template_name = "actions/office/_person_panel.html"
    order = 6

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {"taken": selectors.taken_by(self.person.pk)[:20]}


@hooks.register("construct_person_panels")
def actions_of(request: HttpRequest, person: Person, panels: list[Component]) -> None:
    panels.append(ActionsPanel(person))


@hooks.register("before_delete_page")
def keep_what_was_signed(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to delete a page that people took part in: what they signed would go with it."""
    if not selectors.is_taken_part_in([page]):
        return None
    messages.error(request, gettext("People took part in an action of this page: unpublish it instead."))
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("before_bulk_action")
def keep_what_was_signed_together(
    request: HttpRequest, action_type: str, pages: list[Page], _action: Any
) -> HttpResponse | None:
    """Refuse it of many pages at once too."""
    if action_type != "delete" or not all(isinstance(one, Page) for one in pages):
        return None
    if not selectors.is_taken_part_in(pages):
        return None
    messages.error(request, gettext("People took part in actions of these pages: unpublish them instead."))
    return redirect(request.get_full_path())


@hooks.register("register_admin_urls")
def screens_of_one_action() -> list[URLResolver]:
    screens = [
        path("actions/<int:pk>/origines/", origins.show, name="origins"),
        path("actions/<int:pk>/origines/fichier/", origins.download, name="origins_file"),
        path("actions/<int:pk>/partage/", sharing.share, name="share"),
        path("actions/<int:pk>/partage/code/<slug:kind>/", sharing.qr, name="qr"),
        path("actions/<int:pk>/remise/", delivering.deliver, name="deliver"),
    ]
    return [path("", include((screens, "actions_of_page")))]


@hooks.register("construct_action_panels")
def panels_of_one_action(
    request: HttpRequest, page: ActionPage, panels: list[Component], buttons: list[HeaderButton]
) -> None:
    """Say where participants came from, and lead to sharing and, for signatures, to their addressee."""
    panels.append(OriginsPanel(page))
    buttons.append(
        HeaderButton(gettext("Share this page"), reverse("actions_of_page:share", args=[page.pk]), icon_name="link")
    )
    if isinstance(page, SignedPage) and may(member_of(request), "actions.deliver_signatures"):
        address = reverse("actions_of_page:deliver", args=[page.pk])
        buttons.append(HeaderButton(gettext("Hand to the addressee"), address, icon_name="download"))


@hooks.register("describe_delivery")
def delivery_of_signatures(kind: str, pk: int) -> Delivery | None:
    """Tell what is handed to an addressee."""
    if not kind.startswith("actions."):
        return None
    page = Page.objects.filter(pk=pk).first()
    page = page.specific if page else None
    return signatures.delivery_of(page) if isinstance(page, SignedPage) else None


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long parts in actions and what they entailed are kept, and how long an address waits for its link."""
    lines += [
        Kept(
            ("actions.Participation",),
            _("as long as the person agrees; unconfirmed, thirty days"),
            "RGPD art. 7(3), 17(1)(b)",
            "actions.forget_ended",
        ),
        Kept(
            ("actions.ShareCode",),
            _("as long as its owner’s own part in the action"),
            "RGPD art. 7(3), 17(1)(b)",
            "actions.forget_ended",
        ),
        Kept(
            ("actions.Enquiry", "actions.EnquiryAnswer"),
            _("after the answer, as long as a request by the rules above; sooner with the record of the person"),
            "RGPD art. 5(1)(e)",
            "actions.forget_messages",
        ),
        Kept(
            ("actions.Attendance", "actions.Proxy"),
            _("as long as the person agrees"),
            "RGPD art. 7(3), 17(1)(b)",
            "actions.forget_ended",
        ),
        Kept(
            ("actions.MembershipApplication",),
            _("with the record of the person"),
            "RGPD art. 5(1)(e)",
            "rights.retain_nightly",
        ),
        Kept(
            ("actions.LinkWanted",),
            _("until somebody looks whose it is, ten minutes at most"),
            "RGPD art. 5(1)(e)",
            "actions.send_links_left",
        ),
    ]


@hooks.register("send_preferences_link")
def send_preferences_link(person: Person) -> None:
    """Send a fresh link to the main address of whose link is too old."""
    if (email := person.emails.usable().filter(is_primary=True).first()) is not None:
        with contextlib.suppress(TooMany):
            services.ask_for_link(email.address, actor=Visitor())


@hooks.register("construct_preferences")
def a_copy(token: str, links: list[PreferenceLink]) -> None:
    """Offer a copy of everything held, from the preference page (RGPD art. 15 and 20)."""
    links.append(
        PreferenceLink(
            gettext("Receive a copy of my data"),
            reverse("actions:ask_for_copy", args=[token]),
            gettext("Everything that is held on you, to read and to take elsewhere."),
        )
    )
    links.append(
        PreferenceLink(
            gettext("What I took part in"),
            reverse("actions:mine", args=[token]),
            gettext("What you signed or answered, and taking it back."),
        )
    )
    links.append(
        PreferenceLink(
            gettext("Use another of my rights"),
            reverse("actions:my_rights"),
            gettext("Have something corrected, object, have your data restricted or erased."),
        )
    )
