"""What a campaign declares of a political advertisement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from portevoix.mailings.models import Advert, Mailing
from portevoix.mailings.services import advertising
from portevoix.mailings.types import Declaration
from tests.mailings.factories import CAMPAIGN


def declared(**said: Any) -> Declaration:
    usual = {
        "sponsor": "Liste des Ondes",
        "sponsor_email": "liste@ondes.example",
        "sponsor_address": "12 rue des Ondes, 00000 Villedeau",
        "begins_on": date(2026, 12, 1),
        "ends_on": date(2026, 12, 15),
        "amount": Decimal("140.50"),
        "method": "part de la facture de l’hébergeur",
        "origin": "private",
        "place": "inside",
        "complaints": "plaintes@ondes.example",
    }
    return Declaration(**{**usual, **said})


def advert(mailing: Mailing, **said: Any) -> Advert:
    return advertising.declare_advert(mailing, declared(**said), actor=CAMPAIGN)
