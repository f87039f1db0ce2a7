"""The words of letters about requests: written when they leave, in the person's language."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext

from portevoix.rights import links
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.types import RequestKind, RequestLetterKind


@dataclass(frozen=True)
class Words:
    """A letter in parts: what is said, what the campaign adds in its own words, and where a button leads."""

    subject: str
    paragraphs: list[str]
    quote: str = ""
    after: list[str] = field(default_factory=list)
    url: str = ""
    button: str = ""


def words_of(letter: RequestLetter) -> Words:
    """Return what a letter says, in the language in force."""
    return WRITERS[RequestLetterKind(letter.kind)](letter.request, letter.note)


def _verify(request: Request, note: str) -> Words:
    return Words(
        gettext("Your request: one click to confirm it is you"),
        [
            gettext("Somebody, you no doubt, asked us for this on our site: %(right)s.") % {"right": _right(request)},
            gettext("Follow this link to see what will be done, and to decide. It works for a week."),
        ],
        after=[gettext("If it was not you, do nothing: nothing is done without the link.")],
        url=settings.BASE_URL + reverse("actions:request", args=[links.request_token(request)]),
        button=gettext("See my request"),
    )


def _received(request: Request, note: str) -> Words:
    return Words(
        gettext("Your request is received"),
        [
            gettext("We received your request on %(day)s: %(right)s.")
            % {"day": _day(request.received_on), "right": _right(request)},
            gettext("You will have an answer by %(day)s at the latest. It costs nothing.")
            % {"day": _day(request.due_on)},
        ],
    )


def _more(request: Request, note: str) -> Words:
    return Words(
        gettext("Your request: we need to be sure that it is you"),
        [
            gettext(
                "You asked us for this: %(right)s. Before we act, we must be sure that nobody else asks in your name."
            )
            % {"right": _right(request)},
        ],
        quote=note,
        after=[
            gettext(
                "Send nothing more than that. An identity card is needed only if we say so, with the photograph and "
                "the number crossed out, and it is destroyed once it was looked at."
            ),
            gettext("The time that your answer takes is added to ours (GDPR art. 12(6))."),
            *_complaint(),
        ],
    )


def _extended(request: Request, note: str) -> Words:
    return Words(
        gettext("Your request will take longer"),
        [
            gettext("You asked us for this on %(day)s: %(right)s.")
            % {"day": _day(request.received_on), "right": _right(request)},
            gettext(
                "We cannot answer within the month, and take two more, as the law allows (GDPR art. 12(3)). "
                "Here is why:"
            ),
        ],
        quote=note,
        after=[
            gettext("You will have an answer by %(day)s at the latest.") % {"day": _day(request.due_on)},
            *_complaint(),
        ],
    )


def _answered(request: Request, note: str) -> Words:
    done = {
        RequestKind.ACCESS: gettext("The copy of your data was given to you."),
        RequestKind.RECTIFICATION: gettext("We have corrected what we accept of it."),
        RequestKind.OBJECTION: gettext(
            "Your data is no longer used for what you named. No file brought in later changes that: only you can."
        ),
        RequestKind.WITHDRAWAL: gettext(
            "What you took back is no longer used. What was done before you took it back stays lawful (GDPR art. 7(3))."
        ),
        RequestKind.RESTRICTION: gettext(
            "Your data is kept and no longer used: no message, no call, no export. We write to you before that ends."
        ),
        RequestKind.ERASURE: "",
    }
    return Words(
        gettext("Your request: the answer"),
        [
            gettext("You asked us for this on %(day)s: %(right)s.")
            % {"day": _day(request.received_on), "right": _right(request)},
            done[RequestKind(request.kind)],
        ],
        quote=note,
        after=_complaint(),
    )


def _refused(request: Request, note: str) -> Words:
    return Words(
        gettext("Your request: we cannot do what you ask"),
        [
            gettext("You asked us for this on %(day)s: %(right)s.")
            % {"day": _day(request.received_on), "right": _right(request)},
            gettext("We cannot do it. Here is why:"),
        ],
        quote=note,
        after=[*_complaint(), gettext("You may also go to court.")],
    )


def _lifting(request: Request, note: str) -> Words:
    return Words(
        gettext("Your data will be used again"),
        [
            gettext(
                "At your request, your data is restricted: we keep it and do not use it. This is going to end. "
                "Here is why:"
            ),
        ],
        quote=note,
        after=[
            gettext("What you had agreed to before holds again; what you had refused stays refused."),
            gettext("You do not agree? Answer this letter, object, or have your data erased."),
            *_complaint(),
        ],
        url=settings.BASE_URL + reverse("actions:my_rights"),
        button=gettext("My rights"),
    )


def _right(request: Request) -> str:
    return str(RequestKind(request.kind).label)


def _day(day: object) -> str:
    return str(date_format(day, "DATE_FORMAT"))  # type: ignore[arg-type]


def _complaint() -> list[str]:
    return [
        gettext(
            "If this does not satisfy you, you may complain to the CNIL: www.cnil.fr, or CNIL, 3 place de Fontenoy, "
            "TSA 80715, 75334 Paris cedex 07."
        )
    ]


WRITERS = {
    RequestLetterKind.VERIFY: _verify,
    RequestLetterKind.RECEIVED: _received,
    RequestLetterKind.MORE: _more,
    RequestLetterKind.EXTENDED: _extended,
    RequestLetterKind.ANSWERED: _answered,
    RequestLetterKind.REFUSED: _refused,
    RequestLetterKind.LIFTING: _lifting,
}
