"""What goes wrong where citizens act, as facts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


class ActionsError(Exception):
    """The room's errors."""


class FormClosed(ActionsError):
    """The last day of the form is over."""

    def __str__(self) -> str:
        return str(_("This form is closed."))


class NotTheirs(ActionsError):
    """Whoever was to answer may not see the message."""

    def __str__(self) -> str:
        return str(_("This member of the team may not answer it."))


class NobodyThere(ActionsError):
    """No letter can reach the person."""

    def __str__(self) -> str:
        return str(_("No letter reaches this person any more: the address does not work, or they refused it."))


class DecidedAlready(ActionsError):
    """Somebody decided meanwhile."""

    def __str__(self) -> str:
        return str(_("This was decided already."))


class TakenBack(ActionsError):
    """The person agrees to it no longer: nothing is decided about them."""

    def __str__(self) -> str:
        return str(_("The person took their application back, or agrees to it no longer: there is nothing to decide."))


class Unpairable(ActionsError):
    """One of the two is taken, gone, of another election, or cannot be written to."""

    def __str__(self) -> str:
        return str(
            _("These two cannot be paired: one of them is taken, asks for it no longer, or is reached by no letter.")
        )


class TooLate(ActionsError):
    """The meeting has begun: nothing about it can be called off or brought back any more."""

    def __str__(self) -> str:
        return str(_("This meeting has begun already."))


class NotYet(ActionsError):
    """The meeting has not come: nobody was there."""

    def __str__(self) -> str:
        return str(_("The meeting has not taken place yet: who came is noted from its day on."))
