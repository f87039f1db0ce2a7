"""The desk of actions: every page on which citizens act, with its figures, and one page at a time."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import seen_by
from portevoix.accounts.types import Role
from portevoix.actions import selectors
from portevoix.actions.models import ActionPage

#: Who follows what the site brings in: figures, and nobody's name.
READERS = frozenset({Role.DIRECTOR, Role.DATA_OFFICER, Role.COMMUNICATIONS, Role.ORGANISER})


@require_safe
@seen_by(READERS)
def show_all(request: HttpRequest) -> HttpResponse:
    """List the pages on which citizens act, the busiest of this month first."""
    context = {
        "lines": selectors.overview(),
        "header_title": gettext("Actions"),
        "header_icon": "form",
        "breadcrumbs_items": [{"url": reverse("actions_office:list"), "label": gettext("Actions")}],
    }
    return render(request, "actions/office/list.html", context)


@require_safe
@seen_by(READERS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one page's figures; each room and each kind of page adds its panels."""
    page = page_or_404(pk)
    panels: list[Component] = []
    buttons = [HeaderButton(gettext("See the page"), page.url, icon_name="view")] if page.live and page.url else []
    if page.permissions_for_user(request.user).can_edit():
        buttons.append(
            HeaderButton(gettext("Edit the page"), reverse("wagtailadmin_pages:edit", args=[pk]), icon_name="edit")
        )
    for add in hooks.get_hooks("construct_action_panels"):
        add(request, page, panels, buttons)
    context = {
        "page": page,
        "line": selectors.line_of(page),
        "panels": sorted(panels, key=lambda panel: getattr(panel, "order", 100)),
        "header_title": page.title,
        "header_icon": "form",
        "header_buttons": buttons,
        "breadcrumbs_items": [
            {"url": reverse("actions_office:list"), "label": gettext("Actions")},
            {"url": reverse("actions_office:page", args=[pk]), "label": page.title},
        ],
    }
    return render(request, "actions/office/page.html", context)


def page_or_404(pk: int) -> ActionPage:
    """Return a page on which citizens act; 404 for any other number."""
    page = selectors.action_pages().filter(pk=pk).first()
    action = page.specific if page else None
    if not isinstance(action, ActionPage):
        raise Http404
    return action
