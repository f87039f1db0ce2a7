"""The way out in the back office: its addresses, menu and reminders, its buttons on persons' screens."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.disclosure.models import Canary, Export
from portevoix.disclosure.services import exporting
from portevoix.disclosure.services.reading import LIFETIME
from portevoix.disclosure.types import State
from portevoix.people.models import Person
from portevoix.people.selectors import over
from portevoix.rights.types import Kept

#: Reminders of one kind on the first page.
MOST_REMINDERS = 5


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("export/", include("portevoix.disclosure.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    address = reverse("disclosure:exports")
    return ScreenItem(
        _("Exports"), address, act="disclosure.order_export", name="exports", icon_name="download", order=41
    )


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long what leaves, and who read what, is kept."""
    days = settings.INSTANCE.disclosure.export_days
    lines += [
        Kept(
            ("disclosure.Export",),
            format_lazy(_("the file: {days} days; that it left stays, without anybody’s data"), days=days),
            "RGPD art. 5(1)(e), 5(2)",
            "disclosure.destroy_expired",
            destroy=lambda actor: exporting.destroy_all(actor=actor),
        ),
        Kept(
            ("people.Consultation",),
            format_lazy(_("{days} days"), days=LIFETIME.days),
            "RGPD art. 32 ; CNIL, délibération 2021-122",
            "disclosure.forget_consultations",
        ),
        Kept(
            ("disclosure.CopyRequest",), _("with the record of the person"), "RGPD art. 5(2)", "rights.retain_nightly"
        ),
    ]


@hooks.register("construct_people_buttons")
def export_button(request: HttpRequest, buttons: list[HeaderButton]) -> None:
    if may(actor_of(request), "disclosure.order_export"):
        address = f"{reverse('disclosure:export')}?{request.GET.urlencode()}"
        buttons.append(HeaderButton(pgettext("button", "Export"), address, icon_name="download", priority=50))


@hooks.register("construct_person_buttons")
def what_we_hold(request: HttpRequest, person: Person, buttons: list[HeaderButton]) -> None:
    if may(over(actor_of(request), person), "disclosure.answer_access_request"):
        address = reverse("disclosure:access", args=[person.pk])
        buttons.append(HeaderButton(gettext("What we hold"), address, icon_name="download", priority=50))
        address = f"{reverse('disclosure:consultations')}?person={person.pk}"
        buttons.append(HeaderButton(gettext("Who read this record"), address, icon_name="view", priority=60))


@hooks.register("construct_home_tasks")
def exports_that_wait(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of files to fetch, of copies to destroy, and of canaries that were written to."""
    actor = actor_of(request)
    if not may(actor, "disclosure.order_export"):
        return
    mine = Export.objects.asked_by(actor)
    for export in mine.filter(state=State.READY, downloads=0)[:MOST_REMINDERS]:
        tasks.append(HomeTask(gettext("Export “%(why)s”: the file is ready") % {"why": export}, _page(export)))
    for export in mine.to_recall()[:MOST_REMINDERS]:
        label = gettext("Export “%(why)s”: destroy your copies, a person in it was erased, restricted or objected") % {
            "why": export
        }
        tasks.append(HomeTask(label, _page(export), export.recalls))
    if may(actor, "disclosure.identify_leak"):
        heard = Canary.objects.filter(times_heard__gt=0).order_by().values("export")
        for export in Export.objects.visible_to(actor).filter(pk__in=heard)[:MOST_REMINDERS]:
            label = gettext("Export “%(why)s”: somebody wrote to an invented address of it") % {"why": export}
            tasks.append(HomeTask(label, _page(export)))


def _page(export: Export) -> str:
    return reverse("disclosure:file", args=[export.pk])
