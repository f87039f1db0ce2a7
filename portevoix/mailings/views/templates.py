"""Screens of templates: begin from one, keep a message as one."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from portevoix.accounts.office import actor_of, seen_by_who_may
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings.exceptions import MailingError, NameTaken
from portevoix.mailings.forms import TemplateForm
from portevoix.mailings.letters import templates as ready
from portevoix.mailings.models import Mailing, Template
from portevoix.mailings.services import templates
from portevoix.mailings.views.furniture import furniture
from portevoix.mailings.views.letter import letter_response
from portevoix.mailings.wording import explain


@require_safe
@seen_by_who_may("mailings.create")
def choose(request: HttpRequest) -> HttpResponse:
    """Show every template, with its look."""
    context = {
        **furniture(request, None, gettext("Templates")),
        "saved": Template.objects.select_related("saved_by"),
        "ready": ready.all_ready(),
    }
    return render(request, "mailings/templates.html", context)


@require_safe
@seen_by_who_may("mailings.create")
def look(request: HttpRequest, name: str) -> HttpResponse:
    """Give the letter of a template, for its frame."""
    begun = ready.begun_from(name)
    if begun is None:
        return HttpResponse(status=404)
    return letter_response(begun, "day")


@seen_by_who_may("mailings.save_template")
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a message as a template."""
    mailing = get_object_or_404(Mailing, pk=pk)
    form = TemplateForm(request.POST or None, initial={"name": mailing.title})
    if request.method == "POST" and form.is_valid():
        try:
            saved = templates.save_template(mailing, **form.cleaned_data, actor=actor_of(request))
        except NameTaken as error:
            form.add_error("name", explain(error))
        else:
            messages.success(request, gettext("“%(name)s” is kept among the templates.") % {"name": saved.name})
            return redirect("mailings:templates")
    context = {**furniture(request, mailing, gettext("Save as a template")), "form": form}
    return render(request, "mailings/save_template.html", context)


@require_POST
@seen_by_who_may("mailings.delete_template")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a template that the campaign saved."""
    template = get_object_or_404(Template, pk=pk)
    try:
        templates.delete_template(template, actor=actor_of(request))
    except (LetterError, MailingError) as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, gettext("The template “%(name)s” is deleted.") % {"name": template.name})
    return redirect("mailings:templates")
