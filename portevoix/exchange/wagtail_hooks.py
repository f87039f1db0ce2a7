"""Imports in the back office: addresses and menu."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import may
from portevoix.accounts.office import HomeTask, ScreenItem, actor_of
from portevoix.exchange import services
from portevoix.exchange.models import ImportRun
from portevoix.intake.services.receiving import UNCONFIRMED_LIFETIME
from portevoix.rights.types import Kept


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("imports/", include("portevoix.exchange.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    return ScreenItem(
        _("Imports"),
        reverse("exchange:imports"),
        act="exchange.receive_file",
        name="imports",
        icon_name="upload",
        order=40,
    )


@hooks.register("construct_kept")
def kept(lines: list[Kept]) -> None:
    """Say how long files that came in, and what did not come in of them, are kept."""
    lines += [
        Kept(
            ("intake.LeftAside",),
            format_lazy(_("{days} days after the import"), days=services.LEFT_ASIDE_LIFETIME.days),
            "RGPD art. 5(1)(e)",
            "exchange.forget",
            destroy=lambda actor: services.destroy_imports(actor=actor),
        ),
        Kept(
            ("intake.Arrival", "exchange.ImportRun"),
            format_lazy(
                _(
                    "the file: until its import ends, {days} days if nobody decides, with the line of whoever is "
                    "erased meanwhile, which comes in no more; its counts stay"
                ),
                days=services.UNDECIDED_LIFETIME.days,
            ),
            "RGPD art. 5(1)(e)",
            "exchange.forget",
        ),
        Kept(
            ("intake.Submission",),
            format_lazy(
                _("never confirmed: {days} days; then with the record of the person"), days=UNCONFIRMED_LIFETIME.days
            ),
            "RGPD art. 5(1)(e)",
            "intake.forget_unconfirmed",
        ),
    ]


@hooks.register("construct_home_tasks")
def undecided_imports(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Remind of files that wait for a decision."""
    if not may(actor_of(request), "exchange.receive_file"):
        return
    for run in ImportRun.objects.undecided().select_related("arrival")[:5]:
        label = gettext("Import of “%(name)s”: %(state)s") % {"name": run, "state": run.get_state_display()}
        tasks.append(HomeTask(label, reverse("exchange:import", args=[run.pk])))
