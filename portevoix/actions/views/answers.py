"""What people answered: figures, by département, words to read, one person's answers, the way out."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from portevoix.accounts.commands import may
from portevoix.accounts.office import actor_of, member_of, seen_by_who_may
from portevoix.actions.forms.office import AnswersExportForm
from portevoix.actions.models import ActionPage, Participation
from portevoix.actions.rules.results import LEAST_CELL
from portevoix.actions.selectors import answers_of
from portevoix.actions.selectors import results as reads
from portevoix.actions.services import answers as services
from portevoix.actions.types import Question
from portevoix.actions.views import office
from portevoix.actions.views.furniture import framed
from portevoix.actions.views.office import page_or_404
from portevoix.rights import gate

ACT = "actions.read_answers"


@seen_by_who_may(ACT)
@never_cache
def results(request: HttpRequest, page: int) -> HttpResponse:
    """Show what the answers of a page add up to, and one question by département."""
    found, actor = page_or_404(page), actor_of(request)
    counted = reads.counted(found)
    crossed = _question(counted, request.GET.get("croiser", ""))
    context = framed(
        gettext("Answers: %(title)s") % {"title": found.title},
        "clipboard-list",
        page=found,
        results=reads.office_results(found, actor),
        counted=counted,
        written=reads.written(found),
        crossed=crossed,
        cross=reads.cross(found, crossed, actor) if crossed else None,
        least=LEAST_CELL,
        may_export=may(member_of(request), "actions.export_answers"),
        may_see_page=bool(member_of(request).roles & office.READERS),
    )
    return render(request, "actions/office/results.html", context)


@seen_by_who_may(ACT)
@never_cache
def texts(request: HttpRequest, page: int, key: str) -> HttpResponse:
    """Show what was written in answer to one question, without names."""
    found = page_or_404(page)
    question = _question(reads.written(found), key)
    if question is None:
        raise Http404
    context = framed(question.label, "comment", _to_results(found), page=found, question=question)
    context["said"] = reads.texts(found, question, actor_of(request))
    return render(request, "actions/office/texts.html", context)


@seen_by_who_may(ACT)
@never_cache
def person(request: HttpRequest, page: int, pk: int) -> HttpResponse:
    """Show one person's answers, and write down who read them."""
    found, actor = page_or_404(page), actor_of(request)
    seen = Participation.objects.filter(page=found.pk).visible_to(actor).counted()
    taken = services.read_answers(get_object_or_404(seen, pk=pk), actor=actor)
    context = framed(gettext("One person’s answers"), "user", _to_results(found), page=found, taken=taken)
    context["said"] = answers_of(taken)
    return render(request, "actions/office/person.html", context)


@seen_by_who_may("actions.export_answers")
def export(request: HttpRequest, page: int) -> HttpResponse:
    """Ask why answers leave, and which; the file is made by the door of every export."""
    found, actor = page_or_404(page), actor_of(request)
    choices = reads.export_fields(found)
    form = AnswersExportForm(request.POST or None, answers=choices, masked=gate.masked_fields(actor))
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        ordered = services.export_answers(found, fields=form.wanted, purpose=purpose, actor=actor)
        return redirect("disclosure:file", ordered.pk)
    context = framed(gettext("Export answers"), "download", _to_results(found), page=found, form=form)
    context |= {"count": reads.seen_by(found, actor).count(), "days": settings.INSTANCE.disclosure.export_days}
    return render(request, "actions/office/export.html", context, status=400 if form.errors else 200)


def _question(questions: list[Question], key: str) -> Question | None:
    return next((question for question in questions if question.key == key), None)


def _to_results(page: ActionPage) -> tuple[str, str]:
    return reverse("actions_people:results", args=[page.pk]), page.title
