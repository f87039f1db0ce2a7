"""The board of a path: a column a step, narrowed, paged in each column, one step at a time on a phone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by
from portevoix.paths import selectors
from portevoix.paths.forms import END, LEAVE, BoardForm
from portevoix.paths.models import Path, Step
from portevoix.paths.types import State
from portevoix.paths.views.paths import trail

FILTERS = ("suivi", "territoire", "retard")
#: The ended ones, by the word in the address.
ENDED = {"arrives": State.REACHED, "partis": State.LEFT}


@require_safe
@seen_by()
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the steps of a path and who is at each, as far as the reader sees people."""
    path = get_object_or_404(Path, pk=pk)
    form = BoardForm(actor_of(request), request.GET)
    found = selectors.board(path, form.wanted, actor_of(request))
    context = {
        **_cards(request, path),
        "board": found,
        "form": form,
        "chosen": _chosen(request, found),
        "is_narrowed": any(request.GET.get(name) for name in FILTERS),
        "enrolments": selectors.enrolments(path, actor_of(request))[:3],
        "header_title": path.name,
        "header_icon": "list-ol",
        "breadcrumbs_items": trail(("", path.name)),
        "header_buttons": _buttons(request, path),
    }
    return render(request, "paths/board.html", context)


@require_safe
@seen_by()
def more(request: HttpRequest, pk: int, step_pk: int) -> HttpResponse:
    """Give the next cards of a column: alone for htmx, in a page without JavaScript."""
    step = get_object_or_404(Step.objects.select_related("path"), pk=step_pk, path=pk)
    wanted = BoardForm(actor_of(request), request.GET).wanted
    after = request.GET.get("apres", "")
    column = selectors.column(
        step, wanted, int(after) if after.isdecimal() and len(after) < 19 else 0, actor_of(request)
    )
    context = {**_cards(request, step.path, [step]), "column": column}
    if "HX-Request" in request.headers:
        return render(request, "paths/_cards.html", context)
    context |= {"header_title": step.name, "header_icon": "list-ol"}
    way = trail((reverse("paths:board", args=[pk]), step.path.name), ("", step.name))
    return render(request, "paths/column.html", {**context, "breadcrumbs_items": way})


@require_safe
@seen_by()
def ended(request: HttpRequest, pk: int, state: str) -> HttpResponse:
    """List those whose journey ended, the last first."""
    path = get_object_or_404(Path, pk=pk)
    if state not in ENDED:
        raise Http404
    wanted = BoardForm(actor_of(request), request.GET).wanted
    places = Paginator(selectors.ended(path, ENDED[state], wanted, actor_of(request)), selectors.CARDS)
    title = str(ENDED[state].label)
    context = {
        "path": path,
        "page": places.get_page(request.GET.get("page")),
        "filters": _kept(request),
        "header_title": f"{path.name} : {title}",
        "header_icon": "list-ol",
        "breadcrumbs_items": trail((reverse("paths:board", args=[pk]), path.name), ("", title)),
    }
    return render(request, "paths/ended.html", context)


def _cards(request: HttpRequest, path: Path, steps: list[Step] | None = None) -> dict[str, Any]:
    """Return what every card needs."""
    return {
        "path": path,
        "steps": list(path.steps.all()),
        "end": END,
        "leave": LEAVE,
        "may_move": may(actor_of(request), "paths.move"),
        "filters": _kept(request),
        "here": request.get_full_path() if steps is None else reverse("paths:board", args=[path.pk]),
    }


def _kept(request: HttpRequest) -> str:
    return urlencode({name: request.GET[name] for name in FILTERS if request.GET.get(name)})


def _chosen(request: HttpRequest, board: selectors.Board) -> int:
    """Return the step that a phone shows: the one asked for, else the first where somebody is."""
    steps = [column.step.pk for column in board.columns]
    asked = request.GET.get("etape", "")
    if asked.isdecimal() and int(asked) in steps:
        return int(asked)
    inhabited = [column.step.pk for column in board.columns if column.count]
    return (inhabited or steps or [0])[0]


def _buttons(request: HttpRequest, path: Path) -> list[HeaderButton]:
    actor, buttons = actor_of(request), []
    if may(actor, "paths.enrol") and not path.shelved_at:
        address = reverse("paths:enrol", args=[path.pk])
        buttons.append(HeaderButton(gettext("Put a segment on it"), address, icon_name="plus", priority=10))
    if may(actor, "paths.design"):
        address = reverse("paths:edit", args=[path.pk])
        buttons.append(HeaderButton(gettext("Edit"), address, icon_name="edit", priority=20))
    return buttons
