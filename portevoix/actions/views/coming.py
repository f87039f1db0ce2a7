"""Who comes of it: seats at meetings, applications for membership, proxy votes."""

from __future__ import annotations

from collections.abc import Callable

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin import messages

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, member_of, seen_by_who_may
from portevoix.actions.exceptions import DecidedAlready, NotYet, TakenBack, Unpairable
from portevoix.actions.forms.office import AcceptanceForm, RefusalForm
from portevoix.actions.models import Attendance, EventPage, MembershipApplication, Proxy, ProxyPage
from portevoix.actions.selectors import coming as reads
from portevoix.actions.selectors.reminders import reminder_of
from portevoix.actions.services import attending, membership, pairing
from portevoix.actions.views.furniture import framed, unwritten
from portevoix.actions.views.office import page_or_404
from portevoix.delivery.exceptions import LetterError
from portevoix.kernel import clock
from portevoix.people.exceptions import Impossible, OutOfSight


@require_safe
@seen_by_who_may("actions.read_answers")
@never_cache
def attendances(request: HttpRequest, page: int) -> HttpResponse:
    """Show who comes to a meeting, and who waits."""
    found = page_or_404(page)
    if not isinstance(found, EventPage):
        raise Http404
    context = framed(gettext("Who comes: %(title)s") % {"title": found.title}, "group", page=found)
    context["reminder"] = reminder_of(found)
    context["may_choose"] = may(member_of(request), "correspondence.edit")
    is_ahead = found.starts_at > clock.now()
    context["may_cancel"] = is_ahead and may(member_of(request), "actions.cancel_meeting")
    context["may_restore"] = is_ahead and may(member_of(request), "actions.restore_meeting")
    context["may_mark"] = found.is_presence_known and may(member_of(request), "actions.mark_present")
    return render(request, "actions/office/attendances.html", context | reads.room(found, actor_of(request)))


@require_POST
@seen_by_who_may("actions.mark_present")
def mark_present(request: HttpRequest, page: int, pk: int) -> HttpResponse:
    """Note that somebody was there, or undo it: one tap, and back to their line."""
    actor = actor_of(request)
    found = get_object_or_404(Attendance.objects.visible_to(actor).counted(), page=page, pk=pk)
    try:
        attending.mark_present(found, request.POST.get("present") == "1", actor=actor)
    except OutOfSight:
        raise Http404 from None
    except (NotYet, TakenBack, Impossible) as reason:
        messages.error(request, str(reason))
    return redirect(f"{reverse('actions_people:attendances', args=[page])}#present-{pk}")


@seen_by_who_may("actions.accept_member")
@never_cache
def applications(request: HttpRequest) -> HttpResponse:
    """Show who asks to become a member, and the latest decisions."""
    context = framed(gettext("Applications for membership"), "user", accepting=AcceptanceForm(), refusing=RefusalForm())
    return render(request, "actions/office/applications.html", context | reads.applications(actor_of(request)))


@require_POST
@seen_by_who_may("actions.accept_member")
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a person a member."""
    return _decided(request, pk, AcceptanceForm(request.POST), membership.accept_member)


@require_POST
@seen_by_who_may("actions.refuse_member")
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse an application, and say why."""
    return _decided(request, pk, RefusalForm(request.POST), membership.refuse_member)


def _decided(request: HttpRequest, pk: int, form: Form, decide: Callable[..., None]) -> HttpResponse:
    actor = actor_of(request)
    found = get_object_or_404(MembershipApplication.objects.visible_to(actor), pk=pk)
    if not form.is_valid():
        messages.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
        return redirect("actions_people:applications")
    try:
        decide(found, **form.cleaned_data, actor=actor)
        messages.success(request, gettext("It is decided, and a letter says so to the person."))
    except (DecidedAlready, TakenBack) as reason:
        messages.error(request, str(reason))
    except LetterError:
        messages.error(request, unwritten())
    return redirect("actions_people:applications")


@require_safe
@seen_by_who_may("actions.pair_proxies")
@never_cache
def proxies(request: HttpRequest, page: int) -> HttpResponse:
    """Show who looks for somebody, with who could go, the nearest first."""
    found = page_or_404(page)
    if not isinstance(found, ProxyPage):
        raise Http404
    context = framed(gettext("Proxy votes: %(title)s") % {"title": found.title}, "group", page=found)
    return render(request, "actions/office/proxies.html", context | reads.proxies(found, actor_of(request)))


@require_POST
@seen_by_who_may("actions.pair_proxies")
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Pair who asks with who offers, or undo it."""
    actor = actor_of(request)
    seen = Proxy.objects.visible_to(actor)
    asking, chosen = get_object_or_404(seen, pk=pk), request.POST.get("offering", "")
    if not chosen:
        offering = None
    else:
        offering = get_object_or_404(seen, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0)
    try:
        if offering is None:
            pairing.part_proxies(asking, actor=actor)
        else:
            pairing.pair_proxies(asking, offering, actor=actor)
        said = gettext("Paired: a letter leaves to each of the two.") if offering else gettext("Parted: both are told.")
        messages.success(request, said)
    except Unpairable as reason:
        messages.error(request, str(reason))
    except LetterError:
        messages.error(request, unwritten())
    return redirect("actions_people:proxies", asking.page_id)
