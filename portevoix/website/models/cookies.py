"""What the site may write on a visitor's device: read from the settings and constants that write it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portevoix.website.rules import choices


@dataclass(frozen=True)
class Cookie:
    """A cookie: its name, what for, how many days it stays, and who receives it."""

    name: str
    use: str | Promise
    days: float
    is_for_staff: bool

    @property
    def days_shown(self) -> int:
        return round(self.days)

    @property
    def hours_shown(self) -> int:
        return round(self.days * 24)


def cookies_set(*, asks: bool) -> list[Cookie]:
    """Return every cookie that this instance may set; ``asks`` where visitors are asked about other sites."""
    of_staff = [
        Cookie(
            settings.SESSION_COOKIE_NAME,
            _("Keeps a member of the team signed in to the back office."),
            settings.SESSION_COOKIE_AGE / 86400,
            is_for_staff=True,
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Keeps another site from acting in the name of a member of the team."),
            settings.CSRF_COOKIE_AGE / 86400,
            is_for_staff=True,
        ),
        Cookie(
            CookieStorage.cookie_name, _("Carries to the next screen what has just been done."), 0, is_for_staff=True
        ),
        Cookie(
            "wagtail_sidebar_collapsed",
            _("Remembers whether the menu of the back office is folded."),
            0,
            is_for_staff=True,
        ),
    ]
    own = Cookie(
        choices.COOKIE,
        _("Remembers which other sites you accepted or refused; it identifies nobody and is set by your answer only."),
        choices.LIFETIME / 86400,
        is_for_staff=False,
    )
    return [own, *of_staff] if asks else of_staff
