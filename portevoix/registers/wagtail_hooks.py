"""The registers in the back office: addresses, menu, and what waits for who answers for the data."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, member_of
from portevoix.registers.models import Processor
from portevoix.registers.selectors.breaches import running
from portevoix.registers.selectors.processors import processor_lines


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("registres/", include("portevoix.registers.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    address = reverse("registers:index")
    return ScreenItem(
        _("Registers"), address, act="registers.keep_edition", name="registers", icon_name="doc-full", order=595
    )


@hooks.register("construct_home_tasks")
def what_the_law_waits_for(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Put breaches whose 72 hours run before all else, then processors that are wrong or not described."""
    if not may(member_of(request), "registers.record_breach"):
        return
    for case in reversed(running()):
        label = gettext("Data breach no. %(number)d: the CNIL is not told, %(time)s") % {
            "number": case.breach.pk,
            "time": case.countdown,
        }
        tasks.insert(0, HomeTask(label, reverse("registers:breach", args=[case.breach.pk])))
    if wrong := sum(bool(line.faults) for line in processor_lines()):
        label = ngettext("A processor to describe or correct", "Processors to describe or correct", wrong)
        tasks.append(HomeTask(label, reverse("registers:processors"), wrong))


@hooks.register("tell_processors")
def processors() -> dict[int, str]:
    """Tell the rooms below which companies may be given people's data: those under contract now (RGPD art. 28)."""
    at_work = Processor.objects.at_work().exclude(contract_on=None)
    return dict(at_work.values_list("pk", "name"))
