"""Processors: the list with what the law says of each, a form, an end."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.registers.exceptions import Stale
from portevoix.registers.forms import ProcessorForm
from portevoix.registers.models import Processor
from portevoix.registers.selectors import processors as selectors
from portevoix.registers.selectors.programs import programs_section
from portevoix.registers.selectors.record import controller_name
from portevoix.registers.services import processors as services
from portevoix.registers.types import Document
from portevoix.registers.views.documents import framed, print_button, printed

ACT = "registers.describe_processor"


@seen_by_who_may(ACT)
def processors(request: HttpRequest) -> HttpResponse:
    """List who works for the campaign, and whom the configuration names."""
    context = framed(gettext("Processors"), "site", lines=selectors.processor_lines())
    context |= {
        "programs": programs_section(),
        "source": selectors.source_words(),
        "is_stale": selectors.is_stale(),
        "ended": Processor.objects.exclude(ended_on=None),
        "header_buttons": [
            HeaderButton(gettext("Add a processor"), reverse("registers:processor_add"), icon_name="plus"),
            print_button(reverse("registers:processors_pdf")),
        ],
    }
    return render(request, "registers/processors.html", context)


@seen_by_who_may(ACT)
def processors_pdf(request: HttpRequest) -> HttpResponse:
    with translation.override(settings.LANGUAGE_CODE):
        sections = [selectors.processors_section(selectors.processor_lines()), programs_section()]
        title, subtitle = gettext("Register of processors"), gettext("Article 28 of the GDPR")
        document = Document(title, subtitle, controller_name(), settings.LANGUAGE_CODE, sections)
    return printed(document, "sous-traitants")


def _configured(request: HttpRequest) -> dict[str, str]:
    """Return what the configuration tells of a service, to begin with."""
    known = next((one for one in selectors.undescribed() if one.service == request.GET.get("service")), None)
    if known is None:
        return {}
    told = {"service": known.service.value, "served": known.value, "name": known.name, "contact": known.contact[:200]}
    return {**told, "country": known.country, "data_country": known.country}


@seen_by_who_may(ACT)
def processor(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Describe a processor: a new one from what the configuration tells, or one that is known."""
    known = get_object_or_404(Processor, pk=pk) if pk else None
    form = ProcessorForm(request.POST or None, instance=known, initial=None if known else _configured(request))
    if request.method == "POST" and form.is_valid() and _is_kept(request, pk, form):
        messages.success(request, gettext("“%(name)s” is described.") % {"name": form.cleaned_data["name"]})
        return redirect("registers:processors")
    title = str(known) if known else gettext("Add a processor")
    context = framed(title, "site", form=form, processor=known, back=reverse("registers:processors"))
    return render(request, "registers/processor.html", context, status=400 if form.errors else 200)


def _is_kept(request: HttpRequest, pk: int | None, form: ProcessorForm) -> bool:
    """Write it; the form's own instance was touched, so that the row is read again."""
    try:
        with transaction.atomic():
            known = Processor.objects.get(pk=pk) if pk else None
            services.describe_processor(known, actor=actor_of(request), **form.said)
    except Stale:
        form.add_error(None, gettext("Somebody corrected it meanwhile: open it again to see what they wrote."))
        return False
    except IntegrityError:
        form.add_error("served", gettext("Another processor already describes it: end that one first."))
        return False
    return True


@require_POST
@seen_by_who_may("registers.end_processor")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it no longer works for the campaign."""
    ended = services.end_processor(get_object_or_404(Processor, pk=pk), actor=actor_of(request))
    messages.success(request, gettext("“%(name)s” no longer works for the campaign.") % {"name": ended})
    return redirect("registers:processors")
