"""Members of staff."""

from __future__ import annotations

import factory
from django.contrib.auth.models import Permission
from django.test import Client
from factory.django import DjangoModelFactory

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.types import Role, Staff


class MandateFactory(DjangoModelFactory[Mandate]):
    class Meta:
        model = Mandate

    role = Role.DIRECTOR


class UserFactory(DjangoModelFactory[User]):
    """A member of staff; ``UserFactory(role=Role.LOCAL_LEAD, departement="35")`` holds one mandate."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        role = Role.DIRECTOR
        departement = ""

    username = factory.Sequence(lambda n: f"staff{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@campaign.example")
    mandate = factory.RelatedFactory(
        MandateFactory,
        factory_related_name="user",
        role=factory.SelfAttribute("..role"),
        departement_code=factory.SelfAttribute("..departement"),
    )


def staff(role: Role = Role.DIRECTOR, departement: str = "") -> Staff:
    """Return the actor of a new member of staff with one mandate."""
    return Staff(UserFactory(role=role, departement=departement))


def signed_in(role: Role = Role.DIRECTOR, departement: str = "") -> Client:
    """Return a browser in which a new member of staff with one mandate has signed in."""
    user = UserFactory(role=role, departement=departement)
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    return client
