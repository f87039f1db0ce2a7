"""Persons, as the campaign may know them."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from portevoix.people.models import EmailAddress, Person, PhoneNumber
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Basis, Channel, Purpose
from tests.territory.factories import CommuneFactory


class EmailFactory(DjangoModelFactory[EmailAddress]):
    class Meta:
        model = EmailAddress

    address = factory.Sequence(lambda n: f"person{n}@mail.example")
    source = "tests"


class PhoneFactory(DjangoModelFactory[PhoneNumber]):
    class Meta:
        model = PhoneNumber

    number = factory.Sequence(lambda n: f"+336399800{n % 100:02d}")
    source = "tests"


class GroundFactory(DjangoModelFactory[Ground]):
    class Meta:
        model = Ground

    purpose = Purpose.NEWSLETTER
    channel = Channel.EMAIL
    basis = Basis.CONSENT
    source = "tests"


class PersonFactory(DjangoModelFactory[Person]):
    """``PersonFactory(reachable=True)`` has a verified address of their own and agreed to the newsletter."""

    class Meta:
        model = Person
        skip_postgeneration_save = True

    class Params:
        with_email = factory.Trait(
            email=factory.RelatedFactory(EmailFactory, factory_related_name="person", status="verified", is_own=True)
        )
        reachable = factory.Trait(
            with_email=True, ground=factory.RelatedFactory(GroundFactory, factory_related_name="person")
        )
        in_rennes = factory.Trait(commune=factory.SubFactory(CommuneFactory))
        in_brest = factory.Trait(commune=factory.SubFactory(CommuneFactory, brest=True))

    first_name = "Maëlle"
    last_name = factory.Sequence(lambda n: f"Quéméneur{n}")
    source = "tests"


def reachable(address: str, **known: Any) -> Person:
    """Return a person who agreed to the newsletter at a given address."""
    person = PersonFactory(**known)
    EmailFactory(person=person, address=address, status="verified", is_own=True)
    GroundFactory(person=person)
    return person
