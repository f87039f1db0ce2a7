"""What letters to one person say whatever their words: written when they leave, in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.actions.types import REMIND_CONFIRM
from portevoix.correspondence import selectors
from portevoix.correspondence.types import STANDARDS, Blank, Facts, Standard, Words
from portevoix.rights import links
from portevoix.rights.models import Request, RequestLetter
from portevoix.rights.types import RequestKind, RequestLetterKind


def confirming(url: str) -> Facts:
    """Return the facts of the letter that asks to confirm a form (double opt-in)."""
    return Facts(
        url=url,
        after=[
            gettext(
                "If it was not you, there is nothing to do: without confirmation, we write once more at most, and the "
                "form is erased after 30 days."
            )
            if selectors.leaves(REMIND_CONFIRM)
            else gettext(
                "If it was not you, there is nothing to do: without confirmation, nothing more will be sent to you and "
                "the form is erased after 30 days."
            )
        ],
        reason=gettext("You receive this message because this address was written in our form."),
    )


def welcoming() -> Facts:
    """Return the facts of the letter that thanks whoever confirmed and agreed to news: news itself, that one may leave.

    The page of one's choices is a merge field: an address of one's own is never a link whose clicks are counted.
    """
    return Facts(
        url="{{ preferences_url }}",
        reason=gettext("You receive this message because you agreed to receive news of the campaign on our site."),
        is_news=True,
    )


def preferring(url: str) -> Facts:
    """Return the facts of the letter that leads to one's own choices."""
    return Facts(
        before=[gettext("The link works for 90 days and is yours alone.")],
        url=url,
        after=[gettext("If you did not ask for it, there is nothing to do.")],
        reason=gettext("You receive this message because this address was written in our form."),
    )


def copying(url: str) -> Facts:
    """Return the facts of the letter that leads to the copy of one's data."""
    return Facts(
        before=[gettext("The link gives it to you once, within a day.")],
        url=url,
        after=[
            gettext(
                "If you did not ask for it, somebody else has a link to your choices: do not open this one, and tell "
                "us."
            )
        ],
        reason=gettext("You receive this message because a copy of your data was asked for from your page of choices."),
    )


def about_request(letter: RequestLetter) -> tuple[str, dict[str, str], Facts]:
    """Return which standard letter a person is owed, its blanks and its facts, in the language in force."""
    kind, request = RequestLetterKind(letter.kind), letter.request
    values = {"right": _right(request), "day": _day(request.received_on), "due": _day(request.due_on)}
    return f"actions.request_{kind.value}", values, replace(FACTS[kind](request), quote=letter.note)


def _reason() -> str:
    return gettext("You receive this message because a request about your data was made to us.")


def _verify(request: Request) -> Facts:
    return Facts(
        before=[gettext("Follow this link to see what will be done, and to decide. It works for a week.")],
        after=[gettext("If it was not you, do nothing: nothing is done without the link.")],
        url=settings.BASE_URL + reverse("actions:request", args=[links.request_token(request)]),
        reason=_reason(),
    )


def _received(request: Request) -> Facts:
    return Facts(
        before=[
            gettext("We received your request on %(day)s: %(right)s.")
            % {"day": _day(request.received_on), "right": _right(request)},
            gettext("You will have an answer by %(day)s at the latest. It costs nothing.")
            % {"day": _day(request.due_on)},
        ],
        reason=_reason(),
    )


def _more(request: Request) -> Facts:
    return Facts(
        before=[
            gettext(
                "You asked us for this: %(right)s. Before we act, we must be sure that nobody else asks in your name."
            )
            % {"right": _right(request)},
        ],
        after=[
            gettext(
                "Send nothing more than that. An identity card is needed only if we say so, with the photograph and "
                "the number crossed out, and it is destroyed once it was looked at."
            ),
            gettext("The time that your answer takes is added to ours (GDPR art. 12(6))."),
            *_complaint(),
        ],
        reason=_reason(),
    )


def _extended(request: Request) -> Facts:
    return Facts(
        before=[
            _asked(request),
            gettext(
                "We cannot answer within the month, and take two more, as the law allows (GDPR art. 12(3)). "
                "Here is why:"
            ),
        ],
        after=[
            gettext("You will have an answer by %(day)s at the latest.") % {"day": _day(request.due_on)},
            *_complaint(),
        ],
        reason=_reason(),
    )


def _answered(request: Request) -> Facts:
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
    told = [_asked(request), done[RequestKind(request.kind)]]
    return Facts(before=[words for words in told if words], after=_complaint(), reason=_reason())


def _refused(request: Request) -> Facts:
    return Facts(
        before=[_asked(request), gettext("We cannot do it. Here is why:")],
        after=[*_complaint(), gettext("You may also go to court.")],
        reason=_reason(),
    )


def _lifting(request: Request) -> Facts:
    return Facts(
        before=[
            gettext(
                "At your request, your data is restricted: we keep it and do not use it. This is going to end. "
                "Here is why:"
            ),
        ],
        after=[
            gettext("What you had agreed to before holds again; what you had refused stays refused."),
            gettext("You do not agree? Answer this letter, object, or have your data erased."),
            *_complaint(),
        ],
        url=settings.BASE_URL + reverse("actions:my_rights"),
        reason=_reason(),
    )


def _asked(request: Request) -> str:
    return gettext("You asked us for this on %(day)s: %(right)s.") % {
        "day": _day(request.received_on),
        "right": _right(request),
    }


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


FACTS = {
    RequestLetterKind.VERIFY: _verify,
    RequestLetterKind.RECEIVED: _received,
    RequestLetterKind.MORE: _more,
    RequestLetterKind.EXTENDED: _extended,
    RequestLetterKind.ANSWERED: _answered,
    RequestLetterKind.REFUSED: _refused,
    RequestLetterKind.LIFTING: _lifting,
}


#: As the defaults name the campaign; the campaign's own words may too.
SITE = {"site": "{{ site }}"}


def _hello(words: str) -> str:
    return gettext("Hello,") + "\n\n" + words


def _confirm() -> Words:
    return Words(
        subject=gettext("One click to confirm your registration"),
        title=gettext("One click, and it is done"),
        opening=_hello(
            gettext(
                "Somebody, you no doubt, has just filled in the form of %(site)s with this address. To confirm, open "
                "this page and click on the button:"
            )
            % SITE
        ),
        button=gettext("Confirm my address"),
    )


def _welcome() -> Words:
    return Words(
        subject=gettext("Thank you, and welcome"),
        title=gettext("Thank you, and welcome"),
        opening=_hello(
            gettext(
                "Your address is confirmed: you are now among those who carry %(site)s. We write when there is "
                "something to tell you or something to do together, and no more often.\n\n"
                "What helps most today is simple: talk about it to one person near you."
            )
            % SITE
        ),
        button=gettext("Choose what I receive"),
        closing=gettext("See you soon!"),
    )


def _preferences() -> Words:
    return Words(
        subject=gettext("Your data and your choices"),
        title=gettext("Your data and your choices"),
        opening=_hello(
            gettext("Here is the page where you can see and change what you agreed to with %(site)s.") % SITE
        ),
        button=gettext("See my data"),
    )


def _copy() -> Words:
    return Words(
        subject=gettext("The copy of your data"),
        title=gettext("The copy of your data"),
        opening=_hello(gettext("You asked for a copy of everything that %(site)s holds on you.") % SITE),
        button=gettext("Download my data"),
    )


def _simple(subject: Callable[[], str], opening: Callable[[], str], button: Callable[[], str]) -> Callable[[], Words]:
    def words() -> Words:
        return Words(subject=subject(), title=subject(), opening=_opened(opening()), button=button())

    return words


def _opened(words: str) -> str:
    return _hello(words) if words else gettext("Hello,")


_NOTHING: Callable[[], str] = str
REQUEST_LABELS = {
    RequestLetterKind.VERIFY: pgettext_lazy("letter", "Request: to verify"),
    RequestLetterKind.RECEIVED: pgettext_lazy("letter", "Request: received"),
    RequestLetterKind.MORE: pgettext_lazy("letter", "Request: proof of identity"),
    RequestLetterKind.EXTENDED: pgettext_lazy("letter", "Request: extended"),
    RequestLetterKind.ANSWERED: pgettext_lazy("letter", "Request: answered"),
    RequestLetterKind.REFUSED: pgettext_lazy("letter", "Request: refused"),
    RequestLetterKind.LIFTING: pgettext_lazy("letter", "End of a restriction"),
}
#: Of each letter about a request: when it leaves, its subject, how it begins, and its button.
REQUESTS: dict[RequestLetterKind, tuple[object, Callable[[], Words]]] = {
    RequestLetterKind.VERIFY: (
        _("When somebody makes a request by the site, before it is shown to you."),
        _simple(
            lambda: gettext("Your request: one click to confirm it is you"),
            lambda: (
                gettext("Somebody, you no doubt, asked us for this on our site: %(right)s.") % {"right": "{{ right }}"}
            ),
            lambda: gettext("See my request"),
        ),
    ),
    RequestLetterKind.RECEIVED: (
        _("When a request is entered."),
        _simple(lambda: gettext("Your request is received"), _NOTHING, _NOTHING),
    ),
    RequestLetterKind.MORE: (
        _("When you ask for a proof of identity."),
        _simple(lambda: gettext("Your request: we need to be sure that it is you"), _NOTHING, _NOTHING),
    ),
    RequestLetterKind.EXTENDED: (
        _("When an answer will take longer than a month."),
        _simple(lambda: gettext("Your request will take longer"), _NOTHING, _NOTHING),
    ),
    RequestLetterKind.ANSWERED: (
        _("When a request is answered."),
        _simple(lambda: gettext("Your request: the answer"), _NOTHING, _NOTHING),
    ),
    RequestLetterKind.REFUSED: (
        _("When a request is refused."),
        _simple(lambda: gettext("Your request: we cannot do what you ask"), _NOTHING, _NOTHING),
    ),
    RequestLetterKind.LIFTING: (
        _("Before the restriction of somebody’s data ends."),
        _simple(lambda: gettext("Your data will be used again"), _NOTHING, lambda: gettext("My rights")),
    ),
}
BLANKS = {
    "right": Blank(_("what the person asks for"), RequestKind.ACCESS.label),
    "day": Blank(_("the day on which it came"), _("12 March 2028")),
    "due": Blank(_("the day by which it is answered"), _("12 April 2028")),
}


def _invented(kind: RequestLetterKind) -> Callable[[], Facts]:
    """Return how the facts of a letter about a request look, for an example."""

    def facts() -> Facts:
        request = Request(
            pk=1, kind=RequestKind.ACCESS, received_on=date(2028, 3, 12), due_on=date(2028, 4, 12), language="fr"
        )
        has_note = kind not in {RequestLetterKind.VERIFY, RequestLetterKind.RECEIVED}
        made = FACTS[kind](request)
        quote = gettext("What the team writes to this person.") if has_note else ""
        # Never a link that would work: whoever reads an example is not the person.
        return replace(made, quote=quote, url=settings.BASE_URL + "/…" if made.url else "")

    return facts


def _example(facts: Callable[[str], Facts]) -> Callable[[], Facts]:
    return lambda: facts(settings.BASE_URL + "/…")


STANDARDS.add(
    "actions.confirm",
    Standard(
        label=_("Confirmation of a form"),
        occasion=_("When somebody fills in a form of the site: nothing counts before they click."),
        words=_confirm,
        sample=_example(confirming),
    ),
)
STANDARDS.add(
    "actions.welcome",
    Standard(
        label=_("Thanks and welcome"),
        occasion=_("When somebody has confirmed a form of the site and agreed to news by e-mail."),
        words=_welcome,
        sample=welcoming,
        is_optional=True,
    ),
)
STANDARDS.add(
    "actions.preferences",
    Standard(
        label=_("Link to one’s choices"),
        occasion=_("When somebody asks on the site for the link to their data and choices."),
        words=_preferences,
        sample=_example(preferring),
    ),
)
STANDARDS.add(
    "actions.copy",
    Standard(
        label=_("Copy of one’s data"),
        occasion=_("When somebody asks for the copy of their data on their page of choices."),
        words=_copy,
        sample=_example(copying),
    ),
)
for _kind, (_occasion, _words) in REQUESTS.items():
    STANDARDS.add(
        f"actions.request_{_kind.value}",
        Standard(
            label=REQUEST_LABELS[_kind],
            occasion=_occasion,  # type: ignore[arg-type]
            words=_words,
            sample=_invented(_kind),
            blanks=BLANKS,
        ),
    )
