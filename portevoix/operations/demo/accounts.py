"""The demo's accounts: one a role, with passwords that everybody is told. Never made outside a demo."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.services.mandates import OF_PAGES
from portevoix.accounts.types import Role

PASSWORD = "ricochet-demo-2028"  # noqa: S105 - published on purpose, and refused below outside a demo
OFFICE = "Back office"


@dataclass(frozen=True)
class Account:
    """Somebody of the demo's staff."""

    user: str
    first_name: str
    last_name: str
    role: Role
    departement_code: str = ""


ACCOUNTS = (
    Account("direction", "Salomé", "Vaucresson-Diop", Role.DIRECTOR),
    Account("communication", "Ilhan", "Tavarel", Role.COMMUNICATIONS),
    Account("organisation", "Oriane", "Guirec-Moleba", Role.ORGANISER),
    Account("loire", "Gaspard", "Lestournel", Role.LOCAL_LEAD, "42"),
    Account("donnees", "Marceline", "Quintaud", Role.DATA_OFFICER),
    Account("tresorerie", "Corentin", "Delabrousse", Role.TREASURER),
    Account("lecture", "Jeanne", "Ottavi-Sourd", Role.READER),
)


def build_accounts(*, is_demo: bool) -> None:
    """Make the accounts that do not exist yet."""
    if not is_demo:
        raise ImproperlyConfigured("Accounts with published passwords are made in a demo only (demo = true).")
    with transaction.atomic():
        office, _made = Group.objects.get_or_create(name=OFFICE)
        office.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
        for account in ACCOUNTS:
            if not User.objects.filter(username=account.user).exists():
                _build(account, office)


def _build(account: Account, office: Group) -> None:
    user = User.objects.create_user(
        account.user,
        f"{account.user}@ricochet.example",
        PASSWORD,
        first_name=account.first_name,
        last_name=account.last_name,
        is_superuser=account.role is Role.DIRECTOR,
    )
    user.groups.add(office)
    if account.role is not Role.DIRECTOR:  # who may do everything
        names = [name for name, roles in OF_PAGES.items() if account.role in roles]
        user.groups.add(*Group.objects.filter(name__in=names))
    Mandate.objects.create(user=user, role=account.role, departement_code=account.departement_code)
