"""Members of staff."""

from __future__ import annotations

from collections.abc import Iterable

import factory
import pyotp
from django.contrib.auth.models import Permission
from django.test import Client
from factory.django import DjangoModelFactory

from portevoix.accounts import gate
from portevoix.accounts.models import Factor, Mandate, SignIn, User
from portevoix.accounts.types import OVER_FRANCE, FactorKind, Method, Role, Staff
from portevoix.kernel import clock


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


class SignInFactory(DjangoModelFactory[SignIn]):
    """An open session, proved by a code; ``SignInFactory(weak=True)`` by a password alone."""

    class Meta:
        model = SignIn

    class Params:
        weak = factory.Trait(method=Method.PASSWORD)

    user = factory.SubFactory(UserFactory)
    method = Method.TOTP
    device = "Firefox, Linux"
    device_key = factory.Sequence(lambda n: f"device{n}")
    started_at = seen_at = factory.LazyFunction(clock.now)


class TotpFactory(DjangoModelFactory[Factor]):
    """A code application."""

    class Meta:
        model = Factor

    user = factory.SubFactory(UserFactory)
    kind = FactorKind.TOTP
    name = "Application"
    secret = factory.LazyFunction(lambda: gate.sealed(pyotp.random_base32()))
    created_at = factory.LazyFunction(clock.now)


def somebody_with_a_password(role: Role = Role.DIRECTOR, password: str = "a long enough phrase") -> User:
    """Return a member of staff who may open the back office once they have signed in."""
    user: User = UserFactory(role=role)
    user.set_password(password)
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


def territory(role: Role) -> str:
    """Return where a role may hold that is no wider than it must be: Ille-et-Vilaine, or all of France."""
    return "" if role in OVER_FRANCE else "35"


def staff(role: Role = Role.DIRECTOR, departement: str = "") -> Staff:
    """Return the actor of a new member of staff with one mandate."""
    return Staff(UserFactory(role=role, departement=departement))


def holding(*mandates: tuple[Role, str]) -> Staff:
    """Return the actor of a new member of staff with several mandates: a role, and where."""
    return Staff(_holder(mandates))


def _holder(mandates: Iterable[tuple[Role, str]]) -> User:
    user: User = UserFactory(mandate=None)
    for role, departement in mandates:
        MandateFactory(user=user, role=role, departement_code=departement)
    return user


def signed_in(role: Role = Role.DIRECTOR, departement: str = "", *more: tuple[Role, str]) -> Client:
    """Return a browser in which a new member of staff with one mandate, or with ``more``, has signed in."""
    user = _holder([(role, departement), *more])
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(user)
    return client
