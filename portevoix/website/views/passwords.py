"""Pages and files that open by a password: Wagtail compares, and nobody guesses without end."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from wagtail.documents.views import serve as document
from wagtail.forms import PasswordViewRestrictionForm
from wagtail.views import authenticate_with_password

from portevoix.actions.counter import PAUSE, Senders
from portevoix.kernel.security import View, address_of, public_form

#: Wrong passwords that one connection may give in ten minutes before it has to wait between two. Right ones are not
#: counted: a whole press room may stand behind one connection.
MOST_WRONG = 10
tries = Senders(most=5000, free=MOST_WRONG)


def _unless_guessing(view: View) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        sender = address_of(request)
        if tries.is_busy(sender) and not tries.has_waited(sender):
            return _wait(request)
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.FOUND:
            tries.note(sender)
        return response

    return public_form(checked)


def _wait(request: HttpRequest) -> HttpResponse:
    """Ask again without having looked at the password, so that the answer tells nothing of it."""
    form = PasswordViewRestrictionForm(instance=None, initial={"return_url": request.POST.get("return_url", "/")})
    context = {"form": form, "action_url": request.path, "must_wait": True}
    response = render(request, "website/password.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(int(PAUSE.total_seconds()))
    return response


open_page = _unless_guessing(authenticate_with_password)
open_file = _unless_guessing(document.authenticate_with_password)
