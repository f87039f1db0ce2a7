"""Letters that the platform owes to its own staff: an invitation, a sign-in from a new device, a reminder.

They lean on no ground and are in no outbox: their readers are not persons of the campaign. The rooms below write down
what is owed (`accounts.Notice`); here it is read, worded and handed to the transport, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import format_datetime

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext

from portevoix.accounts.models import Notice, User
from portevoix.accounts.types import NoticeKind
from portevoix.delivery.exceptions import ServerUnavailable
from portevoix.delivery.rules.mime import CompiledLetter, Particulars
from portevoix.delivery.transports import Transport
from portevoix.delivery.types import Envelope, Letter, Outcome
from portevoix.kernel import clock

#: So many at a time: a team has no more.
MOST = 50


def write_to_staff(transport: Callable[[], Transport]) -> Iterator[Notice]:
    """Send what is owed, and yield each letter that is settled: taken by the server, or refused for ever.

    Each is claimed in a transaction of its caller, so that two workers never write twice. Raises ServerUnavailable.
    """
    due = list(Notice.objects.due().select_for_update(of=("self",), skip_locked=True)[:MOST])
    if not due:
        return
    line = transport()
    try:
        envelopes = [_envelope(notice) for notice in due]
        by_ref = {notice.pk: notice for notice in due}
        for result in line.deliver(envelopes, committing=lambda ref: True):
            if result.outcome is not Outcome.DEFERRED:
                yield by_ref[result.ref]
    except ServerUnavailable:
        return  # nothing was tried: the next minute tries again
    finally:
        line.close()


def _envelope(notice: Notice) -> Envelope:
    user = notice.user
    sender = settings.INSTANCE.mail.sender
    with translation.override(settings.LANGUAGE_CODE):
        letter = Letter(
            subject=_subject(notice),
            text=render_to_string(f"delivery/letters/{notice.kind}.txt", _facts(notice, user)),
            sender_name=settings.INSTANCE.site.name,
            sender_address=sender,
        )
    to = Particulars(
        recipient=user.email,
        message_id=f"staff-{notice.pk}@{sender.rpartition('@')[2]}",
        date=format_datetime(clock.now().astimezone(clock.PARIS)),
    )
    return Envelope(notice.pk, sender, user.email, CompiledLetter(letter.automatic, known=()).render({}, to))


def _subject(notice: Notice) -> str:
    site = {"site": settings.INSTANCE.site.name}
    if notice.kind == NoticeKind.INVITATION:
        return gettext("Your access to the campaign of %(site)s") % site
    if notice.kind == NoticeKind.REMINDER:
        return notice.subject
    return gettext("A sign-in from a new device: %(site)s") % site


def _facts(notice: Notice, user: User) -> dict[str, object]:
    facts: dict[str, object] = {
        "site": settings.INSTANCE.site.name,
        "session": notice.sign_in,
        "access": settings.BASE_URL + reverse("accounts:access"),
        "username": user.username,
        "body": notice.body,
        "screen": settings.BASE_URL + notice.path,
    }
    if notice.kind == NoticeKind.INVITATION:
        # A link of Django's own: it works once, for three days, and until a password is set.
        user_id, token = urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)
        facts["link"] = settings.BASE_URL + reverse("wagtailadmin_password_reset_confirm", args=[user_id, token])
    return facts
