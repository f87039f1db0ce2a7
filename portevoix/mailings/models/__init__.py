"""What the room keeps: letters to many, what the team adds to them, and what became of each in totals."""

from portevoix.mailings.models.approvals import Answer, Approval, ApprovalRule
from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.templates import Template
from portevoix.mailings.models.plain_texts import OwnText

__all__ = ["Answer", "Approval", "ApprovalRule", "Mailing", "MailingQuerySet", "OwnText", "Template"]
