"""What goes wrong, as RFC 9457 tells programs: a code for them, a sentence for whoever reads the log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from portevoix.accounts.exceptions import NotAllowed
from portevoix.api import exceptions as refusals
from portevoix.disclosure.exceptions import Withheld
from portevoix.intake.exceptions import NotOfThisTerritory, PersonErased
from portevoix.people.exceptions import (
    ChangedMeanwhile,
    Impossible,
    OutOfSight,
    ProtectedName,
    RefusedByThem,
    Restricted,
)
from portevoix.people.rules.protected import protection
from portevoix.rights.exceptions import Masked, NoGroundForOpinion
from portevoix.segments.exceptions import InvalidTree, NotToBeAsked

log = logging.getLogger(__name__)

TITLES = {
    400: _("Not understood"),
    401: _("No good key"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("No such act at this address"),
    409: _("Changed meanwhile"),
    413: _("Too much at once"),
    415: _("Not JSON"),
    422: _("Not lawful, or not fit"),
    429: _("Too often"),
    500: _("Our fault"),
}
#: What is said where nothing more precise is.
USUAL = {
    400: _("The body is not JSON that can be read."),
    404: _("There is nothing here, or nothing that this key sees."),
    405: _("This address does not take that method."),
    413: _("A request has at most 64 KB."),
    415: _("Send JSON, and say so: “Content-Type: application/json”."),
    500: _("The platform failed. Nothing was written; the host finds why in the log."),
}
#: Each refusal by its code and its number. What it says of itself, in the reader's language, is the sentence.
REFUSALS: dict[type[Exception], tuple[str, int]] = {
    refusals.KeyExpired: ("key-expired", 401),
    refusals.KeyEnded: ("key-ended", 401),
    refusals.KeyRefused: ("no-key", 401),
    refusals.ScopeMissing: ("scope-missing", 403),
    refusals.HiddenFact: ("hidden", 403),
    refusals.VersionPassed: ("changed-meanwhile", 409),
    refusals.TakenBack: ("taken-back", 409),
    Withheld: ("restricted", 403),
    Restricted: ("restricted", 403),
    ProtectedName: ("protected", 422),
    RefusedByThem: ("refused", 422),
    NoGroundForOpinion: ("no-ground", 422),
    PersonErased: ("erased", 422),
    NotOfThisTerritory: ("other-territory", 422),
    NotToBeAsked: ("not-to-be-asked", 403),
    InvalidTree: ("unfit-segment", 422),
    Impossible: ("impossible", 422),
}
#: What a value lacks, by the library's word for it; anything else does not fit.
FAULTS = {
    "missing": _("This is needed."),
    "extra_forbidden": _("There is no such field."),
    "string_too_long": _("This is too long."),
    "string_too_short": _("This is too short."),
    "literal_error": _("This is none of the words that are taken."),
    "enum": _("This is none of the words that are taken."),
    "string_pattern_mismatch": _("This is not written as it must be."),
    "less_than_equal": _("This number is too large."),
    "greater_than_equal": _("This number is too small."),
}


def problem(code: str, status: int, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> HttpResponse:
    """Return an answer that says what is wrong."""
    told: dict[str, Any] = {
        "type": f"urn:portevoix:problem:{code}",
        "title": str(TITLES[status]),
        "status": status,
        "detail": detail or str(USUAL[status]),
    }
    if errors:
        told["errors"] = list(errors)
    answer = JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/problem+json"
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def tell_problems(api: NinjaAPI) -> None:
    """Have an interface answer every error by a problem, its own and the library's."""
    for kind, (code, status) in REFUSALS.items():
        api.add_exception_handler(kind, _refusal(code, status))
    api.add_exception_handler(refusals.Unfit, _unfit)
    api.add_exception_handler(refusals.TooOften, _too_often)
    api.add_exception_handler(ChangedMeanwhile, _changed)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, lambda request, error: problem(*_NO_KEY, str(refusals.KeyRefused())))
    api.add_exception_handler(HttpError, lambda request, error: problem("not-understood", 400))
    for kind in (OutOfSight, Http404):
        api.add_exception_handler(kind, lambda request, error: problem("not-found", 404))
    for kind in (NotAllowed, Masked):
        api.add_exception_handler(kind, _not_allowed)
    api.add_exception_handler(Exception, _failed)


_NO_KEY = REFUSALS[refusals.KeyRefused]


def _refusal(code: str, status: int) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: problem(code, status, str(error))


def _not_allowed(request: HttpRequest, error: object) -> HttpResponse:
    return problem("not-allowed", 403, gettext("The role of whoever made the key does not do this."))


def _too_often(request: HttpRequest, error: Any) -> HttpResponse:
    answer = problem("too-often", 429, str(error))
    answer["Retry-After"] = str(error.wait)
    return answer


def _changed(request: HttpRequest, error: Any) -> HttpResponse:
    fields = [{"field": conflict.field, "detail": str(refusals.VersionPassed())} for conflict in error.conflicts]
    return problem("changed-meanwhile", 409, str(refusals.VersionPassed()), fields)


def _unfit(request: HttpRequest, error: Any) -> HttpResponse:
    return problem("unfit", 422, str(error), [
        {"field": field, "detail": said} for field, faults in error.faults.items() for said in faults
    ])  # fmt: skip


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """Say what does not fit, never what was sent: it may be somebody's."""
    errors = [{"field": _place(one["loc"]), "detail": _said_of(one)} for one in error.errors]
    return problem("unfit", 422, str(refusals.Unfit({})), errors)


def _place(loc: Sequence[object]) -> str:
    """Return where in what was sent: the library says first whether in the body or the address, and the parameter."""
    return ".".join(str(part) for part in (loc[2:] if loc and loc[0] == "body" else loc[1:])) or str(loc[-1])


def _said_of(fault: Mapping[str, Any]) -> str:
    kind = fault["type"]
    if kind == "extra_forbidden" and (what := protection(str(fault["loc"][-1]))):
        return str(ProtectedName(str(fault["loc"][-1]), what))
    return str(FAULTS.get(kind, gettext("This value does not fit.")))


def _failed(request: HttpRequest, error: Any) -> HttpResponse:
    """The message of an unforeseen error may hold what was sent: the log has its kind and its place alone."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    route = request.resolver_match.route if request.resolver_match else "?"
    log.error("%s at %s, asked at %s", type(error).__name__, where, route)
    return problem("failed", 500)
