"""How one looks at the list: saved views, columns, the keyboard."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, seen_by
from portevoix.people.exceptions import Impossible, OutOfSight
from portevoix.people.filters import kept_filters
from portevoix.people.forms.lists import ColumnsForm, ViewForm
from portevoix.people.models import SavedView
from portevoix.people.selectors import columns, lists
from portevoix.people.services import lists as services


def trail(last: str) -> list[dict[str, str]]:
    """Return the way from the list to a page beside it."""
    return [{"url": reverse("people:list"), "label": gettext("People")}, {"url": "", "label": last}]


def everybody() -> str:
    """Return the address of the list without any view: the one that opens first is not meant."""
    return f"{reverse('people:list')}?vue="


@seen_by()
def choose_columns(request: HttpRequest) -> HttpResponse:
    """Choose the columns of one's own list, and their order."""
    actor = actor_of(request)
    shown = lists.keys_for(None, lists.habit_of(actor))
    form = ColumnsForm(columns.offered(actor), shown, request.POST or None)
    if request.method == "POST" and not form.is_moving and form.is_valid():
        services.arrange_list(columns=None if "usual" in request.POST else form.chosen, actor=actor)
        return redirect(everybody())
    title = gettext("Columns of the list")
    context = {"form": form, "header_title": title, "header_icon": "list-ul", "breadcrumbs_items": trail(title)}
    return render(request, "people/columns.html", context)


@seen_by()
def view(request: HttpRequest, view_pk: int | None = None) -> HttpResponse:
    """Save the list as it is under a name, or change a view: its name, its columns, who sees it."""
    known = _changeable(request, view_pk) if view_pk else None
    form = _view_form(request, known)
    if request.method == "POST" and not form.is_moving and form.is_valid():
        try:
            return redirect(_save(request, known, form).address)
        except Impossible as reason:
            form.add_error("name", str(reason))
    title = str(known or gettext("Save this view"))
    context = {"form": form, "view": known, "query": _query(request).urlencode(), "header_title": title}
    said = {**context, "header_icon": "view", "breadcrumbs_items": trail(title), "has_words": "q" in request.GET}
    return render(request, "people/view.html", said)


def _changeable(request: HttpRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.changeable_by(actor_of(request)), pk=pk)


def _query(request: HttpRequest) -> QueryDict:
    """Return what the list was narrowed to; the words of the search stay behind."""
    said = QueryDict(request.POST.get("query", "")[:4000], mutable=True) if request.POST else request.GET.copy()
    for name in ("q", "p"):
        said.pop(name, None)
    return said


def _view_form(request: HttpRequest, known: SavedView | None) -> ViewForm:
    actor = actor_of(request)
    open_view = known or lists.view_named(_query(request).get("vue", ""), actor)
    habit = lists.habit_of(actor)
    return ViewForm(
        columns.offered(actor),
        lists.keys_for(open_view, habit),
        request.POST or None,
        may_share=may(actor, "people.share_view"),
        initial={
            "name": known.name if known else "",
            "is_shared": bool(known and known.is_shared),
            "is_first": bool(known and habit.view_id == known.pk),
        },
    )


def _save(request: HttpRequest, known: SavedView | None, form: ViewForm) -> SavedView:
    actor, said = actor_of(request), form.cleaned_data
    filters, ordering = kept_filters(request, _query(request), actor)
    if known and "keep" in request.POST:
        filters, ordering = known.filters, known.ordering
    kept = services.save_view(
        known, name=said["name"], filters=filters, columns=form.chosen, ordering=ordering, actor=actor
    )
    if said.get("is_shared", kept.is_shared) != kept.is_shared:
        services.share_view(kept, is_shared=said["is_shared"], actor=actor)
    is_first = lists.habit_of(actor).view_id == kept.pk
    if said["is_first"] != is_first:
        services.arrange_list(view=kept if said["is_first"] else None, actor=actor)
    messages.success(request, gettext("The view “%(name)s” is kept.") % {"name": kept.name})
    return kept


@require_POST
@seen_by()
def remove_view(request: HttpRequest, view_pk: int) -> HttpResponse:
    """Remove a view."""
    known = _changeable(request, view_pk)
    try:
        services.remove_view(known, actor=actor_of(request))
    except OutOfSight:
        raise Http404 from None
    messages.success(request, gettext("The view “%(name)s” is removed.") % {"name": known.name})
    return redirect(everybody())


@require_POST
@seen_by()
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Turn the shortcuts of one key on or off (WCAG 2.1.4)."""
    services.turn_keys(are_on=request.POST.get("shortcuts") == "on", actor=actor_of(request))
    return redirect(f"{reverse('people:list')}?{request.POST.get('query', '')[:4000] or 'vue='}")
