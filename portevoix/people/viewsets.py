"""The list of persons, as Wagtail lists things; quick at a million of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import BaseColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of
from portevoix.accounts.types import Actor
from portevoix.people.filters import PeopleFilters
from portevoix.people.models import IS_NAMELESS, ListHabit, Person, PersonQuerySet, SavedView
from portevoix.people.models.lists import VIEW
from portevoix.people.office import reach_of
from portevoix.people.selectors import MOST_COUNTED, capped_count, columns, lists
from portevoix.people.selectors.columns import ListColumn
from portevoix.people.selectors.search import found


class CappedPaginator(WagtailPaginator):
    """Pages of a list whose end is not looked for beyond ten thousand."""

    @cached_property
    def counted(self) -> int:
        return capped_count(self.object_list)

    @cached_property
    def count(self) -> int:
        return min(self.counted, MOST_COUNTED)

    @property
    def items_count_label(self) -> str:
        if self.counted > MOST_COUNTED:
            return gettext("more than %(number)s people") % {"number": intcomma(MOST_COUNTED)}
        return ngettext("%(number)s person", "%(number)s people", self.count) % {"number": intcomma(self.count)}


class TickColumn(BaseColumn):
    """A box a row, for acts on many people."""

    header_template_name = "people/_tick_header.html"
    cell_template_name = "people/_tick_cell.html"


class ChosenColumn(BaseColumn):
    """A column that somebody chose for the list."""

    def __init__(self, column: ListColumn) -> None:
        super().__init__(column.key, label=column.label, sort_key=column.sort or None)
        self.cell_template_name = column.template

    def get_cell_context_data(self, instance: Any, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return {**context, "value": instance.cells[self.name]}


class PeopleList(BaseListingView):
    """Everybody whom the mandate covers, by name without accents, whoever has none last."""

    model = Person
    template_name = "people/list.html"
    results_template_name = "people/_people_results.html"
    page_title = _("People")
    header_icon = "group"
    index_url_name = "people:list"
    index_results_url_name = "people:list_results"
    is_searchable = True
    filterset_class = PeopleFilters
    paginator_class = CappedPaginator
    paginate_by = 50
    default_ordering = "sort_key"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the list; whoever asks for nothing particular gets the view that opens first."""
        if not request.GET and not self.results_only and (first := lists.first_view(self.habit, self.actor)):
            return redirect(first.address)
        answer: HttpResponseBase = super().get(request, *args, **kwargs)
        return answer

    @cached_property
    def actor(self) -> Actor:
        return actor_of(self.request)

    @cached_property
    def view(self) -> SavedView | None:
        return lists.view_named(self.request.GET.get(VIEW, ""), self.actor)

    @cached_property
    def habit(self) -> ListHabit:
        return lists.habit_of(self.actor)

    @property
    def has_keys(self) -> bool:
        """Whether single keys are heard: Wagtail's own choice for all of the office, on unless it was turned off."""
        profile = getattr(self.request.user, "wagtail_userprofile", None)
        return profile is None or bool(profile.keyboard_shortcuts)

    @cached_property
    def chosen(self) -> list[ListColumn]:
        return columns.chosen(lists.keys_for(self.view, self.habit), self.actor)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        name = TitleColumn(
            "full_name", label=_("Name"), accessor="__str__", url_name="people:person", sort_key="sort_key"
        )
        ticks = [TickColumn("tick", label=_("Choose"))] if self.may_act else []
        return [*ticks, name, *(ChosenColumn(column) for column in self.chosen)]

    @cached_property
    def may_act(self) -> bool:
        return may(self.actor, "people.prepare_act")

    def get_base_queryset(self) -> PersonQuerySet:
        people: PersonQuerySet = Person.objects.visible_to(self.actor)
        return columns.prepared(people, self.chosen)

    @cached_property
    def asked(self) -> PeopleFilters:
        """The filters as the address says them, whether they still mean something or not."""
        return self.filterset_class(**self.get_filterset_kwargs())

    @cached_property
    def filters(self) -> PeopleFilters:
        """The filters of the address, without those that mean nothing any more."""
        if self.asked.is_valid():
            return self.asked
        data = self.request.GET.copy()
        for name in self.asked.form.errors:
            data.pop(name, None)
        return self.filterset_class(**{**self.get_filterset_kwargs(), "data": data})

    @cached_property
    def lost(self) -> list[str]:
        """What filters that mean nothing any more are called; some are of a room that is gone."""
        labels = [str(self.asked.form.fields[name].label) for name in self.asked.form.errors]
        is_unknown = any(name not in self.asked.filters for name in (self.view.filters if self.view else ()))
        return [*labels, *([gettext("a filter that exists no more")] if is_unknown else [])]

    @cached_property
    def buttons(self) -> list[HeaderButton]:
        """The buttons that rooms above add by the hook ``construct_people_buttons``."""
        buttons: list[HeaderButton] = []
        for add in hooks.get_hooks("construct_people_buttons"):
            add(self.request, buttons)
        return sorted(buttons)

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The first button; the head of the screen has room for no more beside its title and the search."""
        return self.buttons[:1]

    def order_queryset(self, queryset: PersonQuerySet) -> PersonQuerySet:
        # The id makes the order total: a person is on one page only. Backwards, whoever has no name is last by itself.
        if self.ordering == "sort_key":
            return queryset.order_by(IS_NAMELESS, "sort_key", "pk")
        return queryset.order_by(self.ordering, "-pk" if self.ordering.startswith("-") else "pk")

    def search_queryset(self, queryset: PersonQuerySet) -> PersonQuerySet:
        if not self.is_searching:
            return queryset
        people = found(queryset, self.search_query)
        return self.order_queryset(people) if self.is_explicitly_ordered else people

    def paginate_queryset(self, queryset: PersonQuerySet, page_size: int) -> tuple[Any, Any, list[Person], bool]:
        paginator, page, _people, has_more = super().paginate_queryset(queryset, page_size)
        start = (page.number - 1) * page_size
        page.object_list = columns.told(lists.rows_of(queryset, start, start + page_size), self.chosen, self.actor)
        return paginator, page, page.object_list, has_more

    def get_search_form(self) -> Any:
        form = super().get_search_form()
        form.fields["q"].widget.attrs["placeholder"] = gettext("Name, e-mail, telephone")
        if self.view:
            # What is searched and filtered stays within the view.
            form.fields[VIEW] = forms.CharField(
                label="", initial=self.view.pk, required=False, widget=forms.HiddenInput
            )
        return form

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        changeable = self.view and SavedView.objects.changeable_by(self.actor).filter(pk=self.view.pk).exists()
        counted = context["paginator"].counted
        return {
            **context,
            "views": list(SavedView.objects.visible_to(self.actor).alphabetical()),
            "open_view": self.view,
            "is_view_mine": changeable,
            "has_keys": self.has_keys,
            "lost": self.lost,
            "more_buttons": self.buttons[1:],
            "may_act": self.may_act,
            "query": self.request.GET.urlencode(),
            "reach": reach_of(self.request.GET.urlencode(), is_quick=counted <= MOST_COUNTED),
            "counted": counted if counted <= MOST_COUNTED else None,
        }

    def get_index_url(self) -> str:
        return reverse(self.index_url_name)

    def get_index_results_url(self) -> str:
        return reverse(self.index_results_url_name)
