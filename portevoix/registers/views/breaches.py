"""Breaches: the list with its clocks, one breach with its history, what was told to whom, the draft for the CNIL."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.kernel import clock
from portevoix.registers.exceptions import LacksWords, Stale
from portevoix.registers.forms import AmendmentForm, NotificationForm, StatementForm
from portevoix.registers.models import Breach
from portevoix.registers.selectors import breaches as selectors
from portevoix.registers.services import breaches as services
from portevoix.registers.types import Addressee
from portevoix.registers.views.documents import framed, print_button, printed, trail

ACT = "registers.record_breach"


def _case_or_404(pk: int) -> selectors.Case:
    return selectors.case_of(get_object_or_404(Breach.objects.filter(statements__isnull=False).distinct(), pk=pk))


@seen_by_who_may(ACT)
def breaches(request: HttpRequest) -> HttpResponse:
    """List the breaches, the latest first."""
    context = framed(gettext("Data breaches"), "warning", cases=selectors.cases())
    context["header_buttons"] = [
        HeaderButton(gettext("Record a breach"), reverse("registers:breach_add"), icon_name="plus"),
        print_button(reverse("registers:breaches_pdf")),
    ]
    return render(request, "registers/breaches.html", context)


@seen_by_who_may(ACT)
def breaches_pdf(request: HttpRequest) -> HttpResponse:
    return printed(selectors.log(selectors.cases()), "registre-des-violations")


@seen_by_who_may(ACT)
def record(request: HttpRequest) -> HttpResponse:
    """Record a breach; the help counts people by a segment or an export."""
    counted = _counted(request)
    form = StatementForm(request.POST or None, initial={"aware_at": clock.now(), **counted})
    if request.method == "POST" and form.is_valid():
        breach = services.record_breach(actor=actor_of(request), **form.said)
        messages.success(request, gettext("The breach is recorded: the 72 hours run."))
        return redirect("registers:breach", breach.pk)
    context = framed(gettext("Record a breach"), "warning", form=form, counted=counted)
    context |= {"countable": selectors.countable(actor_of(request)), "back": reverse("registers:breaches")}
    return render(request, "registers/statement.html", context, status=400 if form.errors else 200)


def _counted(request: HttpRequest) -> dict[str, object]:
    """Return how many people the chosen segment or export holds."""
    source, _sign, number = request.GET.get("compter", "").partition(":")
    pk = int(number) if number.isdecimal() and len(number) < 18 else 0
    found = selectors.counted(source, pk, actor_of(request))
    return {"persons": found[0], "counted_by": found[1]} if found else {}


@seen_by_who_may(ACT)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one breach: its clock, what is missing, what is known, who was told, its history."""
    return _shown(request, _case_or_404(pk), NotificationForm(initial={"made_at": clock.now()}))


def _shown(request: HttpRequest, case: selectors.Case, form: NotificationForm) -> HttpResponse:
    context = framed(case.now.title, "warning", case=case, form=form, history=selectors.history(case.breach))
    context |= {
        "said": [(selectors.label(name), selectors.spoken(case.now, name)) for name in selectors.SAID],
        "deadline": selectors.moment(case.deadline),
        "breadcrumbs_items": [
            *trail(),
            {"url": reverse("registers:breaches"), "label": gettext("Data breaches")},
            {"url": "", "label": case.now.title},
        ],
        "header_buttons": [
            HeaderButton(gettext("Amend"), reverse("registers:breach_edit", args=[case.breach.pk]), icon_name="edit"),
            HeaderButton(
                gettext("Draft for the CNIL"), reverse("registers:draft", args=[case.breach.pk]), icon_name="download"
            ),
        ],
    }
    return render(request, "registers/breach.html", context, status=400 if form.errors else 200)


@seen_by_who_may("registers.amend_breach")
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a statement to a breach."""
    case, counted = _case_or_404(pk), _counted(request)
    form = AmendmentForm(
        request.POST or None,
        initial={**{name: getattr(case.now, name) for name in selectors.SAID}, "version": case.now.version, **counted},
    )
    if request.method == "POST" and form.is_valid() and _is_amended(request, case.breach, form):
        messages.success(request, gettext("The breach is amended; what was said before stays below."))
        return redirect("registers:breach", pk)
    context = framed(gettext("Amend: %(title)s") % {"title": case.now.title}, "warning", form=form, counted=counted)
    context |= {
        "countable": selectors.countable(actor_of(request)),
        "back": reverse("registers:breach", args=[pk]),
        "lacks": case.lacks,
    }
    return render(request, "registers/statement.html", context, status=400 if form.errors else 200)


def _is_amended(request: HttpRequest, breach: Breach, form: AmendmentForm) -> bool:
    said = {"version": form.cleaned_data["version"], "reason": form.cleaned_data["reason"], **form.said}
    try:
        services.amend_breach(breach, actor=actor_of(request), **said)
    except LacksWords as lacking:
        form.add_error(None, str(lacking))
    except Stale:
        form.add_error(None, gettext("Somebody amended it meanwhile: open it again to see what they wrote."))
    return not form.errors


@require_POST
@seen_by_who_may("registers.notify_breach")
def notify(request: HttpRequest, pk: int) -> HttpResponse:
    """Note who was told."""
    case, form = _case_or_404(pk), NotificationForm(request.POST)
    if form.is_valid():
        said = {**form.cleaned_data, "addressee": Addressee(form.cleaned_data["addressee"])}
        try:
            services.notify_breach(case.breach, actor=actor_of(request), **said)
        except LacksWords as lacking:
            form.add_error(None, str(lacking))
        else:
            return redirect("registers:breach", pk)
    return _shown(request, case, form)


@seen_by_who_may(ACT)
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the notification to copy into the CNIL's form."""
    return printed(selectors.notification_draft(_case_or_404(pk)), f"notification-violation-{pk}")
