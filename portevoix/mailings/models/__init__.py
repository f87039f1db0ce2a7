"""What the room keeps: letters to many, when and to whom they leave, and what became of each in totals."""

from portevoix.mailings.models.archives import Archive, ArchiveQuerySet
from portevoix.mailings.models.departures import Departure, DepartureQuerySet
from portevoix.mailings.models.mailings import Mailing, MailingQuerySet
from portevoix.mailings.models.resendings import Resending
from portevoix.mailings.models.targets import Target
from portevoix.mailings.models.trials import MOST_VERSIONS, Trial, TrialQuerySet, Version

__all__ = [
    "MOST_VERSIONS",
    "Archive",
    "ArchiveQuerySet",
    "Departure",
    "DepartureQuerySet",
    "Mailing",
    "MailingQuerySet",
    "Resending",
    "Target",
    "Trial",
    "TrialQuerySet",
    "Version",
]
