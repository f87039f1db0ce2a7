"""A letter as its readers see it, for previews: in a frame that runs nothing and asks nobody."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.loader import render_to_string

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.types import Letter
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.types import Label
from portevoix.mailings.wording import explain

#: Stricter than the back office's: no script, no frame, nothing from elsewhere. The frame's owner may read it.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)
#: The page as it is, whatever the hour of the program that shows it; always by day; always in the dark; plain text.
MODES = ("html", "day", "dark", "text")


def letter_response(mailing: Mailing, mode: str, label: Label | None = None, *, is_known: bool = True) -> HttpResponse:
    """Return a mailing as an invented reader would get it, or what is wrong with it.

    The reader has everything that merge fields ask for, or nothing but an address (`is_known`).
    """
    try:
        seen = outbox.sample(letters.compose(mailing, label), is_known=is_known)
    except LetterError as error:
        response = HttpResponse(render_to_string("mailings/letter_fault.html", {"fault": explain(error)}))
    else:
        response = HttpResponse(_shown(seen, mode))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _shown(seen: Letter, mode: str) -> str:
    if mode == "text":
        return render_to_string("mailings/letter_text.html", {"letter": seen})
    page = letters.as_sent_by(seen.html)
    if mode == "dark":
        return letters.at_night(page)
    return letters.by_day(page) if mode == "day" else page
