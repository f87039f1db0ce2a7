"""What goes wrong where citizens act, as facts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class ActionsError(Exception):
    """The room's errors."""


class FormClosed(ActionsError):
    """The last day of the form is over."""

    def __str__(self) -> str:
        return str(_("This form is closed."))
