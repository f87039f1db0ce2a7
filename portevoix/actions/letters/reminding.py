"""What reminders say: of a form that waits for one click, of a meeting to who said that they come."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portevoix.actions.letters import SITE
from portevoix.actions.models import EventPage
from portevoix.actions.types import REMIND_CONFIRM, REMIND_MEETING
from portevoix.correspondence.types import STANDARDS, Blank, Facts, Standard, Words

#: Signs of a title that stay in a subject.
LONGEST_TITLE = 150


def confirming_again(url: str) -> Facts:
    """Return the facts of the one reminder of a form that is not confirmed."""
    return Facts(
        url=url,
        after=[
            gettext(
                "If it was not you, there is nothing to do: this is the last message about this form, which is erased "
                "30 days after it was sent."
            )
        ],
        reason=gettext("You receive this message because this address was written in our form."),
    )


def meeting_soon(page: EventPage) -> tuple[Facts, dict[str, str]]:
    """Return the facts and the blanks of the reminder of a meeting."""
    where = ", ".join(part for part in (page.place, page.street) if part)
    facts = _soon(page.title, page.starts_at, [where, page.access], page.full_url or settings.BASE_URL)
    return facts, blanks_of(page)


def blanks_of(page: EventPage) -> dict[str, str]:
    """Return what the letters on a meeting fill in."""
    return {"meeting": page.title[:LONGEST_TITLE], "day": date_format(localtime(page.starts_at), "l j F")}


def _soon(title: str, starts_at: datetime, more: list[str], url: str) -> Facts:
    when = date_format(localtime(starts_at), "DATETIME_FORMAT")
    return Facts(
        before=[f"{title} – {when}", *(line for line in more if line)],
        after=[
            gettext(
                "If you cannot come after all, take your answer back by the link “My choices and my data” at the foot "
                "of this letter: it frees a seat."
            )
        ],
        url=url,
        reason=gettext("You receive this message because you said that you come to this meeting."),
    )


def _confirm_words() -> Words:
    return Words(
        subject=gettext("One click is missing"),
        title=gettext("One click is missing"),
        opening=gettext("Hello,")
        + "\n\n"
        + gettext(
            "Somebody, you no doubt, filled in the form of %(site)s with this address, and has not confirmed it yet. "
            "Until then, it does not count. One click is enough:"
        )
        % SITE,
        button=gettext("Confirm my address"),
    )


def _meeting_words() -> Words:
    return Words(
        subject=gettext("Reminder: %(meeting)s, %(day)s") % {"meeting": "{{ meeting }}", "day": "{{ day }}"},
        title=gettext("We are expecting you"),
        opening=gettext("Hello,") + "\n\n" + gettext("You said that you come. Here is the place and the time:"),
        button=gettext("See the meeting"),
        closing=gettext("See you soon!"),
    )


def _sample_meeting() -> Facts:
    starts_at = datetime(2028, 3, 18, 19, 30, tzinfo=localtime().tzinfo)
    return _soon(gettext("Public meeting"), starts_at, [gettext("Village hall")], settings.BASE_URL + "/…")


#: What a letter on a meeting fills in.
MEETING_BLANKS = {
    "meeting": Blank(_("title of the meeting"), _("Public meeting")),
    "day": Blank(_("day of the meeting"), _("Saturday 18 March")),
}
STANDARDS.add(
    REMIND_CONFIRM,
    Standard(
        label=_("Reminder of a form to confirm"),
        occasion=_(
            "A day after a form was filled in and not confirmed: once, never in electoral silence, and never to who "
            "was asked three times within a week."
        ),
        words=_confirm_words,
        sample=lambda: confirming_again(settings.BASE_URL + "/…"),
        is_optional=True,
    ),
)
STANDARDS.add(
    REMIND_MEETING,
    Standard(
        label=pgettext_lazy("letter", "Meeting: reminder"),
        occasion=_("The day before a meeting at 10 a.m., to who said that they come; never in electoral silence."),
        words=_meeting_words,
        sample=_sample_meeting,
        blanks=MEETING_BLANKS,
        is_optional=True,
    ),
)
