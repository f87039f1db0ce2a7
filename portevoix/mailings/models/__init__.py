"""What the room keeps: letters and text messages to many, and what became of each in totals."""

from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.texts import ShortMessage, ShortMessageQuerySet

__all__ = ["Mailing", "MailingQuerySet", "ShortMessage", "ShortMessageQuerySet"]
