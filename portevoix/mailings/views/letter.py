"""A letter as its readers see it, for previews: in a frame that runs nothing and asks nobody."""

from __future__ import annotations

from django.http import HttpResponse
from django.template.loader import render_to_string

from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.wording import explain

#: Stricter than the back office's: no script, no frame, nothing from elsewhere. The frame's owner may read it.
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin"
)


def letter_response(mailing: Mailing, mode: str) -> HttpResponse:
    """Return a mailing as an invented reader would get it, or what is wrong with it."""
    try:
        seen = outbox.sample(letters.compose(mailing))
    except LetterError as error:
        response = HttpResponse(render_to_string("mailings/letter_fault.html", {"fault": explain(error)}))
    else:
        if mode == "text":
            response = HttpResponse(render_to_string("mailings/letter_text.html", {"letter": seen}))
        else:
            response = HttpResponse(letters.as_sent_by(seen.html))
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
