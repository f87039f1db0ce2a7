"""What the room keeps: letters and texts to many, when and to whom they leave, what became of each, and notices."""

from portevoix.mailings.models.adverts import Advert, AnyAdvert, Declared, Notice, NoticeQuerySet, TextAdvert, new_code
from portevoix.mailings.models.approvals import (
    Answer,
    Approval,
    ApprovalRule,
    Asked,
    AskedQuerySet,
    TextApproval,
    one_at_a_time,
)
from portevoix.mailings.models.archives import Archive, ArchiveQuerySet
from portevoix.mailings.models.departures import Departure, DepartureQuerySet, TextDeparture
from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.measures import Measure
from portevoix.mailings.models.plain_texts import OwnText
from portevoix.mailings.models.resendings import Resending
from portevoix.mailings.models.targets import Target
from portevoix.mailings.models.templates import Template
from portevoix.mailings.models.texts import ShortMessage, ShortMessageQuerySet
from portevoix.mailings.models.trials import (
    MOST_VERSIONS,
    AnyMailing,
    AnyTrial,
    AnyVersion,
    TextTrial,
    TextVersion,
    Trial,
    TrialQuerySet,
    Version,
)

__all__ = [
    "MOST_VERSIONS",
    "Advert",
    "Answer",
    "AnyAdvert",
    "AnyMailing",
    "AnyTrial",
    "AnyVersion",
    "Approval",
    "ApprovalRule",
    "Archive",
    "ArchiveQuerySet",
    "Asked",
    "AskedQuerySet",
    "Declared",
    "Departure",
    "DepartureQuerySet",
    "Mailing",
    "MailingQuerySet",
    "Measure",
    "Notice",
    "NoticeQuerySet",
    "OwnText",
    "Resending",
    "ShortMessage",
    "ShortMessageQuerySet",
    "Target",
    "Template",
    "TextAdvert",
    "TextApproval",
    "TextDeparture",
    "TextTrial",
    "TextVersion",
    "Trial",
    "TrialQuerySet",
    "Version",
    "new_code",
    "one_at_a_time",
]
