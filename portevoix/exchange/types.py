"""Words of imports."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where an import is."""

    RECEIVED = "received", _("received")
    READING = "reading", _("being read")
    READY = "ready", _("waiting for your decision")
    MERGING = "merging", _("being imported")
    DONE = "done", _("imported")
    REFUSED = "refused", _("refused")
    GIVEN_UP = "given_up", _("given up")
    STOPPED = "stopped", _("stopped")


#: States in which a process works on the file, or should.
AT_WORK = (State.RECEIVED, State.READING, State.MERGING)


class Fate(models.TextChoices):
    """What becomes of a column."""

    UNDERSTOOD = "understood", _("understood")
    KEPT = "kept", _("kept as a field of yours")
    REFUSED = "refused", _("not imported")
