"""What the room keeps: letters to many, what became of each in totals, and the notices of advertisements."""

from portevoix.mailings.models.adverts import Advert, Notice, NoticeQuerySet
from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.measures import Measure

__all__ = ["Advert", "Mailing", "MailingQuerySet", "Measure", "Notice", "NoticeQuerySet"]
