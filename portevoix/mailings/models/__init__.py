"""What the room keeps: letters and text messages to many, what became of each in totals, notices of advertisements."""

from portevoix.mailings.models.adverts import Advert, Notice, NoticeQuerySet
from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.measures import Measure
from portevoix.mailings.models.texts import ShortMessage, ShortMessageQuerySet

__all__ = [
    "Advert",
    "Mailing",
    "MailingQuerySet",
    "Measure",
    "Notice",
    "NoticeQuerySet",
    "ShortMessage",
    "ShortMessageQuerySet",
]
