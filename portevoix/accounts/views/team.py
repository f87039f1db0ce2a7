"""The team: who is in it, for what and where; directors change it, the data-protection officer may look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.commands import may
from portevoix.accounts.exceptions import LastDirector, NotAllowed, OutOfScope, OwnRights
from portevoix.accounts.forms import InvitationForm, MandateForm
from portevoix.accounts.models import Mandate, User
from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.accounts.selectors import team
from portevoix.accounts.services import mandates
from portevoix.accounts.types import READERS, Role

T = TypeVar("T")


def territories() -> list[tuple[str, str]]:
    """Return code and name of the places a mandate may be over; a room above knows them."""
    found: list[tuple[str, str]] = []
    for add in hooks.get_hooks("construct_territories"):
        add(found)
    return found


def name_of(user: User) -> str:
    """Return what colleagues call somebody."""
    return user.get_full_name() or user.username


class MandatesColumn(Column):
    cell_template_name = "accounts/_mandates_cell.html"


class ProtectionColumn(Column):
    cell_template_name = "accounts/_protection_cell.html"


class TeamList(BaseListingView):
    """Everybody with an account, by name."""

    model = User
    results_template_name = "accounts/_team_results.html"
    page_title = _("Team")
    header_icon = "user"
    index_url_name = "accounts:team"
    index_results_url_name = "accounts:team_results"
    verbose_name_plural = _("members of staff")
    paginate_by = 50
    default_ordering = "last_name"
    columns = [
        TitleColumn("name", label=_("Name"), accessor=lambda user: name_of(user), url_name="accounts:member"),
        MandatesColumn("mandates", label=_("Mandates"), accessor="pk"),
        ProtectionColumn("protection", label=_("Second factor"), accessor="is_protected"),
        Column("last_login", label=_("Last sign-in"), accessor=lambda user: user.last_login, classname="office-wide"),
    ]

    def get_base_queryset(self) -> Any:
        return team()

    def get_valid_orderings(self) -> list[str]:
        return [self.default_ordering]

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        if not may(actor_of(self.request), "accounts.invite"):
            return []
        return [HeaderButton(gettext("Invite somebody"), reverse("accounts:invite"), icon_name="plus")]


def trail(last: str) -> list[dict[str, str]]:
    """Return the way from the list to a page below it."""
    return [{"url": reverse("accounts:team"), "label": gettext("Team")}, {"url": "", "label": last}]


@seen_by_who_may("accounts.invite")
def invite(request: HttpRequest) -> HttpResponse:
    """Ask who, for what and where."""
    form = InvitationForm(territories(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = _tried(request, lambda: mandates.invite(form.invitation, actor=actor_of(request)))
        return redirect("accounts:member", user.pk) if user else redirect("accounts:team")
    context = {"form": form, "header_title": gettext("Invite somebody"), "header_icon": "user"}
    return render(request, "accounts/invite.html", {**context, "breadcrumbs_items": trail(gettext("Invite somebody"))})


@seen_by(READERS)
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one member of staff; take a new mandate."""
    user, actor = get_object_or_404(team(), pk=pk), actor_of(request)
    form = MandateForm(territories(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        role, departement = Role(form.cleaned_data["role"]), form.cleaned_data["departement"]
        _tried(request, lambda: mandates.give_mandate(user, role, departement, actor=actor))
        return redirect("accounts:member", pk)
    context = {
        "member": user,
        "form": form,
        "places": dict(territories()),
        "may_change": may(actor, "accounts.give_mandate") and user.pk != request.user.pk,
        "is_oneself": user.pk == request.user.pk,
        "header_title": name_of(user),
        "header_icon": "user",
        "breadcrumbs_items": trail(name_of(user)),
    }
    return render(request, "accounts/member.html", context)


@require_POST
@seen_by_who_may("accounts.end_mandate")
def end_mandate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a role away."""
    mandate = get_object_or_404(Mandate.objects.select_related("user"), pk=pk)
    _tried(request, lambda: mandates.end_mandate(mandate, actor=actor_of(request)))
    return redirect("accounts:member", mandate.user_id)


#: What a button of the page of a member of staff does.
ACTS = {"dismiss": mandates.dismiss, "reopen": mandates.reopen, "let_in_again": mandates.let_in_again}


@require_POST
@seen_by_who_may("accounts.dismiss")
def change(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Close an account, open it again, or let somebody in again who lost their second factor."""
    if act not in ACTS:
        raise Http404
    user = get_object_or_404(User, pk=pk)
    _tried(request, lambda: ACTS[act](user, actor=actor_of(request)))
    return redirect("accounts:member", pk)


def _tried(request: HttpRequest, act: Callable[[], T]) -> T | None:
    """Do an act and say what became of it."""
    try:
        done = act()
    except OwnRights:
        messages.error(request, gettext("Nobody changes their own rights: ask another director."))
    except LastDirector:
        messages.error(request, gettext("This is the last director: give the role to somebody else first."))
    except NotAllowed:
        messages.error(request, gettext("Your mandate does not reach that far."))
    except OutOfScope:
        messages.error(request, gettext("This role does not hold there."))
    else:
        messages.success(request, gettext("Done."))
        return done
    return None
