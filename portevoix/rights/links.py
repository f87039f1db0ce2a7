"""Signed links for people who have no account: the preference page, without a password."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse

from portevoix.people.models import Person
from portevoix.rights.exceptions import LinkExpired, LinkUnusable
from portevoix.rights.models import Request
from portevoix.rights.models.requests import LINK_LIFETIME

SALT = "portevoix.rights.preferences"
#: A forgotten mailbox must not open a file for ever; the page offers a fresh link.
LIFETIME = timedelta(days=90)


def preferences_token(ref: uuid.UUID) -> str:
    """Return the token of one person's preference page."""
    return signing.TimestampSigner(salt=SALT).sign(ref.hex)


def preferences_url(ref: uuid.UUID) -> str:
    """Return the whole address of one person's preference page."""
    return settings.BASE_URL + reverse("rights:preferences", args=[preferences_token(ref)])


def person_of(token: str) -> Person:
    """Return whom a preference link belongs to, were their record merged into another since it was written.

    Raises LinkExpired, which names the owner, when it is whole and too old; LinkUnusable when it was altered, or
    is somebody's who was erased.
    """
    signer = signing.TimestampSigner(salt=SALT)
    try:
        ref = uuid.UUID(signer.unsign(token))
        person = Person.objects.filter(ref=ref).first() or Person.objects.get(aliases__ref=ref)
        signer.unsign(token, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise LinkExpired(person) from error
    except (signing.BadSignature, ValueError, Person.DoesNotExist) as error:
        raise LinkUnusable from error
    return person


REQUEST_SALT = "portevoix.rights.request"


def request_token(request: Request) -> str:
    """Return the token of the link by which a person verifies a request and says more."""
    return signing.TimestampSigner(salt=REQUEST_SALT).sign(str(request.pk))


def request_of(token: str) -> Request:
    """Return the request that a link verifies. Raises LinkUnusable: altered, too old, or of somebody erased since."""
    try:
        pk = int(signing.TimestampSigner(salt=REQUEST_SALT).unsign(token, max_age=LINK_LIFETIME))
        return Request.objects.select_related("person", "email").get(pk=pk, person__isnull=False, email__isnull=False)
    except (signing.BadSignature, ValueError, Request.DoesNotExist) as error:
        raise LinkUnusable from error
