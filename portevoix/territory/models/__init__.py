"""Places by the official list, and the calendar of elections."""

from portevoix.territory.models.elections import Election, ElectionQuerySet, SilentHours
from portevoix.territory.models.places import Commune, CommuneQuerySet, Departement, Postcode, Region

__all__ = [
    "Commune",
    "CommuneQuerySet",
    "Departement",
    "Election",
    "ElectionQuerySet",
    "Postcode",
    "Region",
    "SilentHours",
]
