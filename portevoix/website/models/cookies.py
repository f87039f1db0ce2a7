"""What the site may write on a visitor's device: read from the settings and constants that write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from wagtail.models import BaseViewRestriction, CollectionViewRestriction, PageViewRestriction

from portevoix.accounts import rules as signing
from portevoix.website.rules import choices

TEAM = _("The team, in the back office only")
#: Named by Wagtail's scripts alone; no answer of the server sets them.
WRITTEN_BY_SCRIPTS = {"wagtail_sidebar_collapsed"}
FOLDED = _("Remembers whether the menu of the back office is folded.")


@dataclass(frozen=True)
class Cookie:
    """A cookie: its name, what for, how many days it stays (0: until the browser is closed), and who receives it."""

    name: str
    use: str | Promise
    days: float
    receiver: str | Promise = TEAM

    @property
    def is_for_visitors(self) -> bool:
        return self.receiver is not TEAM

    @property
    def days_shown(self) -> int:
        return round(self.days)

    @property
    def hours_shown(self) -> int:
        return round(self.days * 24)


def cookies_set(*, asks: bool) -> list[Cookie]:
    """Return every cookie that this instance may set, those of visitors first.

    ``asks``: whether visitors are asked about other sites.
    """
    return [*_of_visitors(asks=asks), *_of_staff()]


def has_passwords() -> bool:
    """Tell whether a published page or a collection of files opens by a password."""
    kind = BaseViewRestriction.PASSWORD
    pages = PageViewRestriction.objects.filter(restriction_type=kind, page__live=True)
    return bool(pages.exists() or CollectionViewRestriction.objects.filter(restriction_type=kind).exists())


def _of_visitors(*, asks: bool) -> Iterator[Cookie]:
    if asks:
        yield Cookie(
            choices.COOKIE,
            _(
                "Remembers which other sites you accepted or refused; it identifies nobody and is set by your answer "
                "only."
            ),
            choices.LIFETIME / 86400,
            _("Visitors who have answered"),
        )
    if has_passwords():
        yield Cookie(
            settings.SESSION_COOKIE_NAME,
            _("Keeps that you gave the password of a page or a file, so that you are not asked for it at each click."),
            0,  # Wagtail's mark_as_passed says so to the session
            _("Visitors who gave that password"),
        )


def _of_staff() -> list[Cookie]:
    return [
        Cookie(
            settings.SESSION_COOKIE_NAME,
            _("Keeps a member of the team signed in to the back office."),
            settings.SESSION_COOKIE_AGE / 86400,
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            _("Keeps another site from acting in the name of a member of the team."),
            settings.CSRF_COOKIE_AGE / 86400,
        ),
        Cookie(
            signing.DEVICE_COOKIE,
            _(
                "Knows a member of the team’s device again, so that they are told when their account is opened on "
                "another."
            ),
            signing.DEVICE_AGE / 86400,
        ),
        Cookie(CookieStorage.cookie_name, _("Carries to the next screen what has just been done."), 0),
        *(Cookie(name, FOLDED, 0) for name in WRITTEN_BY_SCRIPTS),
    ]
