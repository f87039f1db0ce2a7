"""Letters, and outboxes filled through the door."""

from __future__ import annotations

from typing import Any

from portevoix.accounts.types import System
from portevoix.delivery import services
from portevoix.delivery.models import Batch, Message
from portevoix.delivery.types import Letter
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Channel, Purpose
from tests.people.factories import PersonFactory

CAMPAIGN = System("tests")


def letter(**parts: Any) -> Letter:
    usual = {
        "subject": "Bonjour {{ first_name|à vous }}",
        "text": "Bonjour {{ first_name }},\n\nQuittez-nous : {{ unsubscribe_url }}\n",
        "html": '<p>Bonjour {{ first_name }}</p><a href="{{ unsubscribe_url }}">Quitter</a>',
        "sender_name": "Camille Aubrac",
        "sender_address": "campagne@exemple.fr",
        "list_name": "La lettre",
    }
    return Letter(**(usual | parts))


def audience(purpose: Purpose = Purpose.NEWSLETTER) -> gate.Audience:
    return gate.admit(Person.objects.all(), purpose=purpose, channel=Channel.EMAIL)


def queue(people: int = 0, **parts: Any) -> Batch:
    """Queue a letter to everybody reachable, after adding some more of them."""
    PersonFactory.create_batch(people, reachable=True)
    return services.send(letter(**parts), audience(), actor=CAMPAIGN)


def queue_confirmation(person: Person) -> Batch:
    """Queue a message that one person asked for."""
    rights.give(person, Purpose.SERVICE, basis=Basis.REQUEST, evidence={"test": True}, source="tests", actor=CAMPAIGN)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    words = Letter(subject="Confirmez", text="Votre lien", sender_name="C", sender_address="campagne@exemple.fr")
    return services.send(words, alone, actor=CAMPAIGN)


def withdraw(person: Person) -> None:
    rights.withdraw(person, [Purpose.NEWSLETTER], evidence={"test": True}, source="tests", actor=CAMPAIGN)


def states(batch: Batch) -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Message.objects.filter(batch=batch).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found
