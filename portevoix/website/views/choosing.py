"""What a visitor accepts of other sites: asked anywhere, answered anywhere, taken back anywhere."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from portevoix.accounts.types import Visitor
from portevoix.actions.counter import Senders
from portevoix.kernel.security import address_of, public_form
from portevoix.website.forms.choosing import ChoiceForm
from portevoix.website.rules import choices
from portevoix.website.selectors import Shell
from portevoix.website.services import answer
from portevoix.website.types import Way

#: Answers that one connection may give in ten minutes before it has to wait between two: a hall, a school.
MOST = 60
answers = Senders(most=5000, free=MOST)


@public_form
def choose(request: HttpRequest) -> HttpResponseBase:
    """Show the other sites that pages use, and take an answer about each."""
    shell = Shell(request)
    must_wait = False
    marks = choices.read(request.COOKIES.get(choices.COOKIE, ""))
    if request.method == "POST" and shell.sources:
        form = ChoiceForm(request.POST, hosts=[source.host for source in shell.sources])
        if form.is_valid():
            must_wait = not _may_be_counted(address_of(request))
            if not must_wait:
                answer(form.accepted, answered=form.answered, about=shell.sources, way=form.way, actor=Visitor())
            if not must_wait or not form.accepted:  # to refuse is always possible, and nothing has to be proved of it
                return _kept(request, _marked(form, marks))
    refuses_everywhere = request.headers.get("Sec-GPC") == "1"
    context = {
        "accepted": choices.allowed(marks, refuses_everywhere=refuses_everywhere),
        "refuses_everywhere": refuses_everywhere,
        "is_saved": "fait" in request.GET,
    }
    context["must_wait"] = must_wait or "attendre" in request.GET
    status = HTTPStatus.TOO_MANY_REQUESTS if must_wait else HTTPStatus.OK
    response = render(request, "website/choices.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _marked(form: ChoiceForm, marks: dict[str, str]) -> dict[str, str]:
    """Return the marks after this answer; who refuses all refuses what was withdrawn meanwhile too."""
    answered = {*form.answered, *marks} if form.refuses_all else form.answered
    return choices.after(marks, answered=answered, accepted=form.accepted, by_name=form.way != Way.BANNER)


def _may_be_counted(sender: str) -> bool:
    """Tell whether an answer from there is taken: each writes a line, and one connection may not write without end."""
    if sender and answers.is_busy(sender) and not answers.has_waited(sender):
        return False
    if sender:
        answers.note(sender)
    return True


def _kept(request: HttpRequest, marks: dict[str, str]) -> HttpResponse:
    """Give the browser its answer to keep: to a script without a page, to a form with the page it came from."""
    asked = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponse(status=204) if asked == "" else redirect(asked if is_ours else "/")
    response.set_cookie(
        choices.COOKIE,
        choices.written(marks),
        max_age=choices.LIFETIME,
        secure=settings.IS_SECURE,
        samesite="Lax",
        path="/",
    )
    return response
