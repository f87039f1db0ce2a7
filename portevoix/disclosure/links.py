"""The signed link by which a person fetches the copy of their data that they asked for."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from portevoix.disclosure.exceptions import LinkUnusable
from portevoix.disclosure.models import CopyRequest

SALT = "portevoix.disclosure.copy"
#: A mailbox is read within a day; everything that is held on somebody must not wait in it longer.
LIFETIME = timedelta(days=1)


def copy_token(request: CopyRequest) -> str:
    """Return the token of the link that is sent for a request."""
    return signing.TimestampSigner(salt=SALT).sign(str(request.pk))


def request_of(token: str, *, for_update: bool = False) -> CopyRequest:
    """Return the request a link serves; raises LinkUnusable when altered, too old, used, or of an erased person."""
    requests = CopyRequest.objects.select_for_update() if for_update else CopyRequest.objects.all()
    try:
        pk = int(signing.TimestampSigner(salt=SALT).unsign(token, max_age=LIFETIME))
        return requests.get(pk=pk, given_at=None)
    except (signing.BadSignature, ValueError, CopyRequest.DoesNotExist) as error:
        raise LinkUnusable from error
