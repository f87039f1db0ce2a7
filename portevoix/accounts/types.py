"""Who acts: a member of staff, the system, or a visitor; never nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from portevoix.accounts.models import User


class Role(models.TextChoices):
    """What a member of staff is there for."""

    DIRECTOR = "director", _("campaign director")
    COMMUNICATIONS = "communications", _("communications")
    TREASURER = "treasurer", _("treasurer")
    ORGANISER = "organiser", _("organiser")
    LOCAL_LEAD = "local_lead", _("local lead")
    DATA_OFFICER = "data_officer", _("data-protection officer")
    READER = "reader", _("read-only")


class Fact(models.TextChoices):
    """What of a person some roles have no need to know."""

    EMAIL = "email", _("e-mail addresses")
    PHONE = "phone", _("telephone numbers")
    ADDRESS = "address", _("postal addresses")
    BIRTH = "birth", _("birth date")


class Method(models.TextChoices):
    """By what somebody proved who they are."""

    PASSWORD = "password", _("password alone")
    TOTP = "totp", _("password and code")
    RECOVERY_CODE = "recovery_code", _("password and recovery code")
    PASSKEY = "passkey", _("passkey")

    @property
    def is_strong(self) -> bool:
        """Whether two factors were shown: a passkey is one that its owner also had to unlock."""
        return self is not Method.PASSWORD


class NoticeKind(models.TextChoices):
    """What a letter to a member of staff is about."""

    INVITATION = "invitation", _("invitation")
    NEW_DEVICE = "new_device", _("sign-in from a new device")
    REMINDER = "reminder", _("reminder")


class FactorKind(models.TextChoices):
    """What a member of staff holds beside their password."""

    TOTP = "totp", _("code application")
    PASSKEY = "passkey", _("passkey")


#: Who may read who did what, and who is in the team: those who answer for it.
READERS = frozenset({Role.DIRECTOR, Role.DATA_OFFICER})
#: Who decides which fields a campaign has and which roles see them: they see every field.
KEEPERS = READERS
#: Roles that are always over all of France: what they decide holds for everybody.
OVER_FRANCE = frozenset({Role.DIRECTOR, Role.COMMUNICATIONS, Role.TREASURER})
#: Roles that are always over one département.
OVER_ONE_DEPARTEMENT = frozenset({Role.LOCAL_LEAD})


@dataclass(frozen=True)
class Device:
    """Where somebody signs in from, as coarsely as it helps them to recognise it.

    ``key`` is a keyed hash of the mark that the browser keeps; ``network`` is an address without its end.
    """

    key: str
    name: str
    network: str


@dataclass(frozen=True)
class Passkey:
    """What a verified ceremony says of a new passkey; both texts are base64url."""

    credential: str
    public_key: str
    uses: int


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Whom to invite into the team, and for what."""

    email: str
    first_name: str
    last_name: str
    role: Role
    departement_code: str = ""


@dataclass(frozen=True)
class Actor:
    """Who does an act, and how far they see.

    ``departements`` holds the codes of the départements that the actor's mandates cover; None is all of France.
    ``mandates`` are the role and the département of each, a blank one for all of France. ``scopes`` are the only acts
    that a program may do that holds somebody's key; None is for whoever acts by themselves.
    """

    kind: ClassVar[str] = ""
    ident: str
    label: str
    roles: frozenset[Role] = frozenset()
    departements: frozenset[str] | None = frozenset()
    mandates: frozenset[tuple[Role, str]] = frozenset()
    scopes: frozenset[str] | None = None

    @property
    def signature(self) -> tuple[str, str, str]:
        """What the journal keeps of the actor: kind, id, label."""
        return self.kind, self.ident, self.label

    @property
    def places(self) -> dict[str, frozenset[Role]]:
        """The roles that hold in each place which a mandate names; the blank one is wherever no other is."""
        named = sorted({departement for _role, departement in self.mandates})
        return {place: self.over(place).roles for place in named}

    @property
    def common_roles(self) -> frozenset[Role]:
        """The roles that hold wherever the actor sees anybody: one mandate does not lend its role to another."""
        return self.roles.intersection(*self.places.values())

    def within(self, roles: Collection[Role]) -> Actor:
        """Return the actor as far as mandates with one of ``roles`` go: an act reaches no further than its role."""
        return self

    def over(self, departement: str) -> Actor:
        """Return the actor as far as mandates cover a place; a blank one is in no known département."""
        return self


class System(Actor):
    """The platform itself, under the name of the work it does."""

    kind = "system"

    def __init__(self, name: str) -> None:
        super().__init__(ident=name, label=name, departements=None)


class Visitor(Actor):
    """Somebody on the public site: unknown, sees nobody, may do what commands open to visitors."""

    kind = "visitor"

    def __init__(self) -> None:
        super().__init__(ident="", label="visitor")


class Staff(Actor):
    """A signed-in member of staff, with the roles and the territory of their mandates."""

    kind = "staff"

    def __init__(self, user: User) -> None:
        held = {(Role(mandate.role), mandate.departement_code) for mandate in user.mandates.all()}
        if user.is_superuser:
            held.add((Role.DIRECTOR, ""))
        self._hold(str(user.pk), user.get_username(), frozenset(held) if user.is_active else frozenset())

    def within(self, roles: Collection[Role]) -> Staff:
        return self._narrowed(frozenset(mandate for mandate in self.mandates if mandate[0] in roles))

    def over(self, departement: str) -> Staff:
        return self._narrowed(frozenset(mandate for mandate in self.mandates if mandate[1] in ("", departement)))

    def _narrowed(self, kept: frozenset[tuple[Role, str]]) -> Staff:
        narrowed = Staff.__new__(Staff)
        narrowed._hold(self.ident, self.label, kept, self.scopes)
        return narrowed

    def by_key(self, name: str, scopes: Collection[str]) -> Staff:
        """Return the actor that a program is by their key: it does ``scopes`` alone, and its name stands by theirs."""
        program = Staff.__new__(Staff)
        program._hold(self.ident, f"{self.label} (API: {name})"[-200:], self.mandates, frozenset(scopes))
        return program

    def _hold(
        self, ident: str, label: str, mandates: frozenset[tuple[Role, str]], scopes: frozenset[str] | None = None
    ) -> None:
        departements = frozenset(departement for _role, departement in mandates)
        super().__init__(
            ident=ident,
            label=label,
            roles=frozenset(role for role, _departement in mandates),
            departements=None if "" in departements else departements,
            mandates=mandates,
            scopes=scopes,
        )
