"""Commands on the team: who is in it, for what, and where. Nobody changes their own rights."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.exceptions import LastDirector, OutOfScope, OwnRights
from portevoix.accounts.models import Factor, Mandate, Notice, RecoveryCode, SignIn, User
from portevoix.accounts.rules import holds_over
from portevoix.accounts.types import Actor, Invitation, NoticeKind, Role
from portevoix.kernel import clock

#: Who may change the team.
HEADS = {Role.DIRECTOR}
#: Wagtail's groups: who may open the back office, who writes drafts of pages and submits them, who publishes pages.
OFFICE, WRITERS, EDITORS = "Back office", "Editors", "Moderators"
#: Who is in which of Wagtail's own groups; their rights on pages are Wagtail's.
OF_PAGES = {WRITERS: {Role.ORGANISER}, EDITORS: {Role.DIRECTOR, Role.COMMUNICATIONS}}


@command("accounts.invite", label=_("Invite somebody into the team"), roles=HEADS)
def invite(invitation: Invitation, *, actor: Actor) -> User:
    """Make an account without a password, with one mandate; a letter with the way in is due.

    Raises NotAllowed, OutOfScope.
    """
    _refuse_elsewhere(invitation.role, invitation.departement_code)
    user = User(
        username=invitation.email.lower(),
        email=invitation.email.lower(),
        first_name=invitation.first_name,
        last_name=invitation.last_name,
    )
    user.set_unusable_password()
    user.save()
    Mandate.objects.create(user=user, role=invitation.role, departement_code=invitation.departement_code)
    Notice.objects.create(user=user, kind=NoticeKind.INVITATION, created_at=clock.now())
    _dress(user)
    note(about=user, role=invitation.role.value, departement=invitation.departement_code)
    return user


@command("accounts.give_mandate", label=_("Give a mandate"), roles=HEADS)
def give_mandate(user: User, role: Role, departement_code: str, *, actor: Actor) -> Mandate:
    """Give a role, over France or over one département. Raises OwnRights, NotAllowed, OutOfScope."""
    _refuse_oneself(user, actor)
    _refuse_elsewhere(role, departement_code)
    mandate, _made = Mandate.objects.get_or_create(user=user, role=role, departement_code=departement_code)
    _dress(user)
    note(about=user, role=role.value, departement=departement_code)
    return mandate


@command("accounts.end_mandate", label=_("End a mandate"), roles=HEADS)
def end_mandate(mandate: Mandate, *, actor: Actor) -> None:
    """Take a role away. Raises OwnRights, NotAllowed, LastDirector."""
    _refuse_oneself(mandate.user, actor)
    note(about=mandate.user, role=mandate.role, departement=mandate.departement_code)
    user = mandate.user
    mandate.delete()
    if mandate.role == Role.DIRECTOR and not user.mandates.filter(role=Role.DIRECTOR).exists():
        user.is_superuser = False
        user.save(update_fields=["is_superuser"])
    _dress(user)
    _refuse_headless()


@command("accounts.dismiss", label=_("Close an account"), roles=HEADS)
def dismiss(user: User, *, actor: Actor) -> None:
    """Close an account and its sessions; what it did stays in the journal.

    Raises OwnRights, NotAllowed, LastDirector.
    """
    _refuse_oneself(user, actor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    ended = SignIn.objects.open().filter(user=user).update(ended_at=clock.now())
    note(about=user, count=ended)
    _refuse_headless()


@command("accounts.reopen", label=_("Open an account again"), roles=HEADS)
def reopen(user: User, *, actor: Actor) -> None:
    """Open an account that was closed, with the mandates it had. Raises OwnRights, NotAllowed."""
    _refuse_oneself(user, actor)
    user.is_active = True
    user.save(update_fields=["is_active"])
    note(about=user)


@command("accounts.let_in_again", label=_("Let somebody in again who lost their second factor"), roles=HEADS)
def let_in_again(user: User, *, actor: Actor) -> None:
    """Forget password and second factors of somebody who lost them, end their sessions, and invite them anew.

    Raises OwnRights, NotAllowed.
    """
    _refuse_oneself(user, actor)
    Factor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    SignIn.objects.open().filter(user=user).update(ended_at=clock.now())
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Notice.objects.create(user=user, kind=NoticeKind.INVITATION, created_at=clock.now())
    note(about=user)


def _refuse_oneself(user: User, actor: Actor) -> None:
    if actor.kind == "staff" and actor.ident == str(user.pk):
        raise OwnRights


def _refuse_elsewhere(role: Role, departement_code: str) -> None:
    """The database refuses this too."""
    if not holds_over(role, departement_code):
        raise OutOfScope


def _refuse_headless() -> None:
    """The database refuses this too, for every other way to it."""
    heads = User.objects.filter(is_active=True)
    if not heads.filter(mandates__role=Role.DIRECTOR).exists() and not heads.filter(is_superuser=True).exists():
        raise LastDirector


def _dress(user: User) -> None:
    """Give Wagtail's own rights by mandate: all to directors, pages to communications, drafts to organisers."""
    roles = set(Mandate.objects.filter(user=user).values_list("role", flat=True))
    office, _made = Group.objects.get_or_create(name=OFFICE)
    office.permissions.add(Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin"))
    if roles:
        user.groups.add(office)
    else:
        user.groups.remove(office)
    for name, members in OF_PAGES.items():
        groups = Group.objects.filter(name=name)
        if roles & members:
            user.groups.add(*groups)
        else:
            user.groups.remove(*groups)
    if Role.DIRECTOR in roles and not user.is_superuser:
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])
