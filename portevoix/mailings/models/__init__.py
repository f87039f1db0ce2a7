"""What the room keeps: letters to many, and what became of each in totals."""

from portevoix.mailings.models.mailings import Mailing, MailingQuerySet

__all__ = ["Mailing", "MailingQuerySet"]
