"""The list of persons, as Wagtail lists things; quick at a million of them."""

from __future__ import annotations

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of
from portevoix.people.filters import PeopleFilters
from portevoix.people.models import Person, PersonQuerySet
from portevoix.people.selectors import MOST_COUNTED, capped_count
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


class ContactColumn(Column):
    """The main address and the first number, with what is wrong with them."""

    cell_template_name = "people/_contact_cell.html"


class TagsColumn(Column):
    cell_template_name = "people/_tags_cell.html"


class PeopleList(BaseListingView):
    """Everybody whom the mandate covers, by name without accents."""

    model = Person
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
    columns = [
        TitleColumn("full_name", label=_("Name"), accessor="__str__", url_name="people:person", sort_key="sort_key"),
        ContactColumn("contact", label=_("Contact")),
        Column("commune", label=_("Commune"), accessor=lambda person: place_of(person)),
        TagsColumn("tags", label=_("Tags"), classname="office-wide"),
        DateColumn("created_at", label=_("Known since"), sort_key="created_at", classname="office-wide"),
    ]

    def get_base_queryset(self) -> PersonQuerySet:
        people: PersonQuerySet = Person.objects.visible_to(actor_of(self.request))
        return people.with_contact_points().prefetch_related("taggings__tag")

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        """The buttons that rooms above add by the hook ``construct_people_buttons``."""
        buttons: list[HeaderButton] = []
        for add in hooks.get_hooks("construct_people_buttons"):
            add(self.request, buttons)
        return buttons

    def order_queryset(self, queryset: PersonQuerySet) -> PersonQuerySet:
        # The id makes the order total: a person is on one page only.
        return queryset.order_by(self.ordering, "-pk" if self.ordering.startswith("-") else "pk")

    def search_queryset(self, queryset: PersonQuerySet) -> PersonQuerySet:
        if not self.is_searching:
            return queryset
        people = found(queryset, self.search_query)
        return self.order_queryset(people) if self.is_explicitly_ordered else people

    def get_search_form(self) -> Any:
        form = super().get_search_form()
        form.fields["q"].widget.attrs["placeholder"] = gettext("Name, e-mail, telephone")
        return form

    def get_index_url(self) -> str:
        return reverse(self.index_url_name)

    def get_index_results_url(self) -> str:
        return reverse(self.index_results_url_name)


def place_of(person: Person) -> str:
    """Return the commune and its département, or the postcode where the commune is not known."""
    return f"{person.commune} ({person.commune.departement_id})" if person.commune else person.postcode
