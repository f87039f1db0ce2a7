"""Audits in the back office: addresses, menu, what waits on the first page."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail import hooks

from portevoix.accounts.office import HomeTask, ScreenItem, member_of
from portevoix.auditor import selectors
from portevoix.auditor.types import VIEWERS


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("audits/", include("portevoix.auditor.urls"))]


@hooks.register("register_admin_menu_item")
def menu_item() -> ScreenItem:
    address = reverse("auditor:sites")
    return ScreenItem(_("Audits"), address, roles=VIEWERS, name="audits", icon_name="clipboard-list", order=505)


@hooks.register("construct_home_tasks")
def what_our_site_fails(request: HttpRequest, tasks: list[HomeTask]) -> None:
    """Say which criteria the campaign's own site fails, to those who answer for it."""
    if not member_of(request).roles & VIEWERS:
        return
    if failing := selectors.failing():
        label = ngettext(
            "The site fails a criterion of the audit: %(criteria)s",
            "The site fails criteria of the audit: %(criteria)s",
            len(failing),
        )
        criteria = ", ".join(failing)
        tasks.append(HomeTask(label % {"criteria": criteria}, reverse("auditor:sites"), len(failing)))
