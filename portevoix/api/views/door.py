"""The door that every address for programs stands behind: JSON alone, of a bearable size, in the asker's language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja.security import HttpBearer

from portevoix.api import gate, rules
from portevoix.api.exceptions import KeyRefused
from portevoix.api.gate import Held
from portevoix.api.views.problems import problem
from portevoix.kernel.security import View, keyed


class Bearer(HttpBearer):
    """A key in the header; for an act, one that was made for it. No cookie and no session is looked at."""

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Held:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise KeyRefused
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Held:
        """Return the key with its holder as far as they reach in the act."""
        held = gate.admitted(token)
        return Held(held.key, gate.let_through(held, self.scope)) if self.scope else held


def opened_by(scope: str = "") -> dict[str, Any]:
    """Return what an address says of its key: the act that it must have been made for, or any."""
    return {"auth": Bearer(scope), "openapi_extra": {"x-scope": scope} if scope else {}}


def behind_the_door(view: View) -> View:
    """Return a view that takes JSON by key, answers problems as problems, and is kept by nobody on the way."""

    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        with translation.override(language_of(request)):
            answer = _refused(request) or view(request, *args, **kwargs)
            if answer.status_code == 405:
                allowed = answer.headers.get("Allow", "")
                answer = problem("no-such-act", 405)
                answer["Allow"] = allowed
            answer.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return keyed(asked)


def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer at addresses that do not exist, as the others do."""
    return problem("not-found", 404)


def language_of(request: HttpRequest) -> str:
    """Return the first of our languages that the program prefers, else the site's."""
    known = dict(settings.LANGUAGES)
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if (plain := code.partition("-")[0]) in known:
            return plain
    return settings.LANGUAGE_CODE


def _refused(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > rules.LARGEST_BODY:
        return problem("too-much", 413)
    if int(length) and request.content_type != "application/json":
        return problem("not-json", 415)
    return None
