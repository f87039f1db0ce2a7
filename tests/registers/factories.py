"""Processors and breaches, all invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.registers.models import Breach, Processor
from portevoix.registers.services import breaches
from portevoix.registers.types import Nature, Risk


class ProcessorFactory(DjangoModelFactory[Processor]):
    """A European company under contract; ``american`` stands in the United States, ``owned_abroad`` by its parent."""

    class Meta:
        model = Processor

    class Params:
        american = factory.Trait(country="US", data_country="US")
        owned_abroad = factory.Trait(parent="Big Cloud", parent_country="US")
        without_contract = factory.Trait(contract_on=None, contract_reference="")

    name = factory.Sequence(lambda n: f"Nuage {n}")
    country = data_country = "FR"
    contract_on = date(2026, 1, 15)
    contract_reference = "NC-2026-1"
    since = date(2026, 1, 15)


def statement(**more: Any) -> dict[str, Any]:
    """Return what is said of a breach known for an hour."""
    return {
        "title": "Un fichier envoyé à la mauvaise adresse",
        "aware_at": clock.now() - timedelta(hours=1),
        "nature": [Nature.CONFIDENTIALITY],
        "circumstances": "Un export a été joint par erreur à un message.",
        **more,
    }


def judged(risk: Risk = Risk.SOME, **more: Any) -> dict[str, Any]:
    """Return what is said of a breach that was judged and answered."""
    return statement(
        risk=risk,
        risk_reasons="Les adresses étaient lisibles.",
        measures="Le destinataire a détruit le fichier.",
        **more,
    )


def breach(**more: Any) -> Breach:
    return breaches.record_breach(actor=System("tests"), **statement(**more))
