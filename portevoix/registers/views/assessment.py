"""The impact assessment: as the facts stand, with what people wrote; versions."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.registers.exceptions import Stale
from portevoix.registers.forms import AssessmentForm
from portevoix.registers.models import OPINIONS, Assessment
from portevoix.registers.selectors.assessment import assessment, is_out_of_date
from portevoix.registers.services.assessments import assess
from portevoix.registers.views.documents import framed, print_button, printed

ACT = "registers.assess"


@seen_by_who_may(ACT)
def show(request: HttpRequest) -> HttpResponse:
    """Show the assessment as it would be kept now, and the versions."""
    last = Assessment.objects.first()
    context = framed(
        gettext("Impact assessment"), "clipboard-list", document=assessment(last.opinions if last else None)
    )
    context |= {
        "last": last,
        "is_out_of_date": bool(last and is_out_of_date(last)),
        "versions": Assessment.objects.defer("content")[:200],
        "header_buttons": [
            HeaderButton(gettext("Write opinions"), reverse("registers:assessment_edit"), icon_name="edit"),
            print_button(reverse("registers:assessment_pdf")),
        ],
    }
    return render(request, "registers/assessment.html", context)


@seen_by_who_may(ACT)
def edit(request: HttpRequest) -> HttpResponse:
    """Write what people think; keeping makes a version."""
    last = Assessment.objects.first()
    written = {name: getattr(last, name) for name in OPINIONS} if last else {}
    form = AssessmentForm(request.POST or None, initial={**written, "after": last.pk if last else 0})
    if request.method == "POST" and form.is_valid():
        try:
            assess(after=form.cleaned_data["after"], actor=actor_of(request), **form.said)
        except Stale:
            form.add_error(None, gettext("Somebody kept a version meanwhile: open this page again to see it."))
        else:
            messages.success(request, gettext("This version is kept."))
            return redirect("registers:assessment")
    context = framed(gettext("Opinions and decision"), "clipboard-list", form=form)
    return render(request, "registers/opinions.html", context, status=400 if form.errors else 200)


@seen_by_who_may(ACT)
def pdf(request: HttpRequest) -> HttpResponse:
    last = Assessment.objects.first()
    return printed(assessment(last.opinions if last else None), "analyse-d-impact")


@seen_by_who_may(ACT)
def version_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Assessment, pk=pk)
    return printed(kept.document, f"analyse-d-impact-{kept.pk}", kept.at)
