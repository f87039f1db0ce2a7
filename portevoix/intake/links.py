"""The signed link by which a person confirms a form."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from portevoix.intake.exceptions import LinkUnusable
from portevoix.intake.models import Submission

SALT = "portevoix.intake.confirmation"
#: A confirmation link works for a week.
LINK_LIFETIME = timedelta(days=7)


def confirmation_token(submission: Submission) -> str:
    """Return the signed token of a submission's confirmation link."""
    return signing.TimestampSigner(salt=SALT).sign(str(submission.pk))


def submission_of(token: str, *, for_update: bool = False) -> Submission:
    """Return the submission a link names; raises LinkUnusable when altered, too old, or forgotten."""
    try:
        pk = int(signing.TimestampSigner(salt=SALT).unsign(token, max_age=LINK_LIFETIME))
        rows = Submission.objects.select_for_update(of=("self",)) if for_update else Submission.objects.all()
        return rows.select_related("person").get(pk=pk)
    except (signing.BadSignature, ValueError, Submission.DoesNotExist) as error:
        raise LinkUnusable from error
