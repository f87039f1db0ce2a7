"""Screens of reports, of letters and of text messages: one in depth, several side by side, and their files."""

from __future__ import annotations

from typing import Any, Literal, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from wagtail.admin.widgets.button import HeaderButton

from portevoix.accounts.office import actor_of, seen_by, seen_by_who_may
from portevoix.disclosure.services import totals
from portevoix.disclosure.types import Totals
from portevoix.mailings.models import AnyMailing, Mailing, ShortMessage
from portevoix.mailings.selectors import reports
from portevoix.mailings.views.adverts import screen
from portevoix.mailings.views.texts import furniture

FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
#: So many of the last are compared unless some are chosen; so many may be.
LAST, MOST = 8, 24
FIGURES = ("clicks", "opens", "unsubscribed", "bounced", "complained")
OF_LETTERS = {"opens", "complained"}


@require_safe
@seen_by()
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that is known of a mailing that has left."""
    mailing = _gone(pk)
    context = {**screen(mailing, gettext("Report")), "report": reports.report(mailing)}
    context["header_buttons"] = [
        HeaderButton(gettext("Results"), reverse("mailings:results", args=[pk]), icon_name="mail"),
        *_files("mailings:report_file", pk),
        HeaderButton(gettext("Compare"), reverse("mailings:compare"), icon_name="list-ul"),
    ]
    return render(request, "mailings/report.html", context)


@require_safe
@seen_by_who_may("disclosure.export_totals")
def report_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Give the report as a file."""
    mailing = _gone(pk)
    return _file(request, reports.as_totals(reports.report(mailing)), form, f"message-{mailing.pk}")


@require_safe
@seen_by()
def text_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Show everything that is known of a text message that has left."""
    text = _gone_text(pk)
    context = {**furniture(request, text, gettext("Report")), "mailing": text, "report": reports.report(text)}
    context["header_buttons"] = [
        HeaderButton(gettext("Results"), reverse("texts:results", args=[pk]), icon_name="mobile-alt"),
        *_files("texts:report_file", pk),
        HeaderButton(gettext("Compare"), reverse("texts:compare"), icon_name="list-ul"),
    ]
    return render(request, "mailings/report.html", context)


@require_safe
@seen_by_who_may("disclosure.export_totals")
def text_report_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """Give the report of a text message as a file."""
    text = _gone_text(pk)
    return _file(request, reports.as_totals(reports.report(text)), form, f"sms-{text.pk}")


@require_safe
@seen_by()
def compare(request: HttpRequest) -> HttpResponse:
    """Show letters side by side: the last ones, or those that were chosen."""
    return _side_by_side(request, Mailing, gettext("Messages side by side"), gettext("Messages"))


@require_safe
@seen_by()
def compare_texts(request: HttpRequest) -> HttpResponse:
    """Show text messages side by side: the last ones, or those that were chosen."""
    return _side_by_side(request, ShortMessage, gettext("Text messages side by side"), gettext("Text messages"))


def _side_by_side(request: HttpRequest, kind: type[AnyMailing], title: str, room: str) -> HttpResponse:
    chosen = _chosen(request, kind)
    compared = reports.compare(chosen)
    of_texts = kind is ShortMessage
    screens = "texts" if of_texts else "mailings"
    context = {
        "header_title": title,
        "header_icon": "chart",
        "breadcrumbs_items": [
            {"url": reverse(f"{screens}:index"), "label": room},
            {"url": "", "label": title},
        ],
        "header_buttons": _files(f"{screens}:compare_file", query=request.GET.urlencode()),
        "of_texts": of_texts,
        "compared": compared,
        "charts": _charts(compared, of_texts=of_texts),
        "offered": kind.objects.gone().order_by("-sent_at")[:100],
        "chosen": {one.pk for one in chosen},
        "most": MOST,
    }
    return render(request, "mailings/compare.html", context)


@require_safe
@seen_by_who_may("disclosure.export_totals")
def compare_file(request: HttpRequest, form: str) -> HttpResponse:
    """Give a comparison as a file."""
    return _file(request, reports.compared_totals(reports.compare(_chosen(request, Mailing))), form, "messages")


@require_safe
@seen_by_who_may("disclosure.export_totals")
def compare_texts_file(request: HttpRequest, form: str) -> HttpResponse:
    """Give a comparison of text messages as a file."""
    return _file(request, reports.compared_totals(reports.compare(_chosen(request, ShortMessage))), form, "sms")


def _gone_text(pk: int) -> ShortMessage:
    return get_object_or_404(ShortMessage.objects.gone().select_related("batch"), pk=pk)


def _gone(pk: int) -> Mailing:
    return get_object_or_404(Mailing.objects.gone().select_related("batch"), pk=pk)


def _chosen(request: HttpRequest, kind: type[AnyMailing]) -> list[AnyMailing]:
    asked = [int(one) for one in request.GET.getlist("m") if one.isdecimal() and len(one) < 19]
    gone: Any = kind.objects.gone().order_by("-sent_at")
    return list(gone.filter(pk__in=asked)[:MOST] if asked else gone[:LAST])


def _charts(compared: list[reports.Compared], *, of_texts: bool) -> list[dict[str, Any]]:
    names = {
        "clicks": gettext("Clicks"),
        "opens": gettext("Openings"),
        "unsubscribed": gettext("Unsubscribed"),
        "bounced": gettext("Not delivered") if of_texts else gettext("Bounced"),
        "complained": gettext("Complaints"),
    }
    offered = [one for one in FIGURES if one not in OF_LETTERS] if of_texts else FIGURES
    known = [one for one in offered if one != "opens" or any(row.rates.opens is not None for row in compared)]
    return [{"key": one, "name": names[one], "chart": reports.chart_of(compared, one)} for one in known]


def _files(view: str, *arguments: Any, query: str = "") -> list[HeaderButton]:
    more = f"?{query}" if query else ""
    return [
        HeaderButton(form.upper(), reverse(view, args=[*arguments, form]) + more, icon_name="download")
        for form in FORMS
    ]


def _file(request: HttpRequest, tables: list[Totals], form: str, name: str) -> HttpResponse:
    if form not in FORMS:
        raise Http404
    kind = cast("Literal['csv', 'json']", form)
    content = totals.export_totals(tables, kind, about=name, actor=actor_of(request))
    answer = HttpResponse(content, content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
