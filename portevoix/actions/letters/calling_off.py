"""What is said of a meeting that is cancelled, and of one that takes place after all."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.actions.letters.reminding import MEETING_BLANKS, blanks_of
from portevoix.actions.models import EventPage
from portevoix.actions.types import MEETING_CANCELLED, MEETING_RESTORED
from portevoix.correspondence.types import STANDARDS, Facts, Standard, Words

BLANKS = {"meeting": "{{ meeting }}", "day": "{{ day }}"}


def about(page: EventPage, reason: str = "") -> tuple[Facts, dict[str, str]]:
    """Return the facts and the blanks of either letter; the reason is quoted as it was written."""
    where = ", ".join(part for part in (page.place, page.street) if part)
    facts = _facts(page.title, page.starts_at, where, page.full_url or settings.BASE_URL, reason)
    return facts, blanks_of(page)


def _facts(title: str, starts_at: datetime, where: str, url: str, reason: str = "") -> Facts:
    when = date_format(localtime(starts_at), "DATETIME_FORMAT")
    return Facts(
        before=[f"{title} – {when}", where],
        quote=reason,
        url=url,
        reason=gettext("You receive this message because you asked to come to this meeting."),
    )


def _cancelled() -> Words:
    return Words(
        subject=gettext("Cancelled: %(meeting)s, %(day)s") % BLANKS,
        title=gettext("The meeting is cancelled"),
        opening=gettext("Hello,") + "\n\n" + gettext("The meeting to which you wished to come does not take place:"),
        button=gettext("See the meeting"),
    )


def _restored() -> Words:
    return Words(
        subject=gettext("It takes place after all: %(meeting)s, %(day)s") % BLANKS,
        title=gettext("The meeting takes place after all"),
        opening=gettext("Hello,")
        + "\n\n"
        + gettext("We had written to you that this meeting was cancelled. It takes place after all:"),
        button=gettext("See the meeting"),
        closing=gettext("See you soon!"),
    )


def _sample() -> Facts:
    starts_at = datetime(2028, 3, 18, 19, 30, tzinfo=localtime().tzinfo)
    return _facts(gettext("Public meeting"), starts_at, gettext("Village hall"), settings.BASE_URL + "/…")


STANDARDS.add(
    MEETING_CANCELLED,
    Standard(
        label=pgettext_lazy("letter", "Meeting: cancelled"),
        occasion=_("When the team cancels a meeting, to all who come or wait for a seat."),
        words=_cancelled,
        sample=_sample,
        blanks=MEETING_BLANKS,
    ),
)
STANDARDS.add(
    MEETING_RESTORED,
    Standard(
        label=pgettext_lazy("letter", "Meeting: takes place after all"),
        occasion=_("When the team brings a cancelled meeting back, to all who come or wait for a seat."),
        words=_restored,
        sample=_sample,
        blanks=MEETING_BLANKS,
    ),
)
