"""Pages and files that open by a password: Wagtail compares, and nobody guesses without end."""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from wagtail.documents.views import serve as document
from wagtail.forms import PasswordViewRestrictionForm
from wagtail.views import authenticate_with_password

from portevoix.accounts import gate
from portevoix.accounts.exceptions import Closed
from portevoix.accounts.rules import FIRST_PAUSE
from portevoix.kernel.security import View, address_of, connection_of, public_form


def _unless_guessing(view: View) -> View:
    """Count wrong passwords in the database, for all processes together; right ones are taken back: a whole press room
    may stand behind one connection."""

    @wraps(view)
    def checked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        attempt = gate.Try(guesser=connection_of(address_of(request)))
        try:
            gate.claim(attempt)
        except Closed:
            return _wait(request)
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.FOUND:
            gate.forgive(attempt)
        return response

    return public_form(checked)


def _wait(request: HttpRequest) -> HttpResponse:
    """Ask again without having looked at the password, so that the answer tells nothing of it."""
    form = PasswordViewRestrictionForm(instance=None, initial={"return_url": request.POST.get("return_url", "/")})
    context = {"form": form, "action_url": request.path, "must_wait": True}
    response = render(request, "website/password.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = str(int(FIRST_PAUSE.total_seconds()))
    return response


open_page = _unless_guessing(authenticate_with_password)
open_file = _unless_guessing(document.authenticate_with_password)
