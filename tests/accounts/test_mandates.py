"""The team: directors change it, nobody changes their own rights, and a campaign keeps a director."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portevoix.accounts.exceptions import LastDirector, NotAllowed, OutOfScope, OwnRights
from portevoix.accounts.models import Factor, Mandate, Notice, SignIn, User
from portevoix.accounts.services import mandates
from portevoix.accounts.types import Invitation, Role, Staff, System
from portevoix.journal.models import Entry
from tests.accounts.factories import MandateFactory, TotpFactory, UserFactory, signed_in, staff, territory
from tests.territory.factories import CommuneFactory

pytestmark = pytest.mark.django_db
TEAM = "/gestion/equipe/"
ANNE = Invitation(
    email="Anne@campaign.example", first_name="Anne", last_name="Ory", role=Role.LOCAL_LEAD, departement_code="35"
)


def me(client: Client) -> User:
    return SignIn.objects.get(pk=client.session["sign_in"]).user


def test_a_director_invites_somebody_who_gets_a_letter_and_no_password() -> None:
    user = mandates.invite(ANNE, actor=staff())
    assert (user.username, user.has_usable_password(), user.is_superuser) == ("anne@campaign.example", False, False)
    assert Notice.objects.due().get().kind == "invitation"
    assert User.objects.get(pk=user.pk).has_perm("wagtailadmin.access_admin")
    entry = Entry.objects.get(command="accounts.invite")
    assert entry.detail == {"role": "local_lead", "departement": "35"}
    assert "anne" not in str(entry.__dict__).lower()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DIRECTOR])
def test_only_directors_change_the_team(role: Role) -> None:
    actor = staff(role, territory(role))
    user, mandate = UserFactory(role=Role.READER), MandateFactory(user=UserFactory(mandate=None), role=Role.ORGANISER)
    for act in (
        lambda: mandates.invite(ANNE, actor=actor),
        lambda: mandates.give_mandate(user, Role.DIRECTOR, "", actor=actor),
        lambda: mandates.end_mandate(mandate, actor=actor),
        lambda: mandates.dismiss(user, actor=actor),
        lambda: mandates.reopen(user, actor=actor),
        lambda: mandates.let_in_again(user, actor=actor),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_nobody_raises_their_own_rights_and_not_by_the_screens_either() -> None:
    client = signed_in()
    user = me(client)
    mandate = user.mandates.get()
    MandateFactory(user=UserFactory(mandate=None))
    for act in (
        lambda: mandates.give_mandate(user, Role.TREASURER, "", actor=Staff(user)),
        lambda: mandates.end_mandate(mandate, actor=Staff(user)),
        lambda: mandates.dismiss(user, actor=Staff(user)),
    ):
        with pytest.raises(OwnRights):
            act()
    client.post(f"{TEAM}{user.pk}/", {"role": "treasurer", "departement": ""})
    client.post(f"{TEAM}mandats/{mandate.pk}/fin/")
    assert [one.role for one in user.mandates.all()] == ["director"]
    for screen in ("/gestion/users/", f"/gestion/users/edit/{user.pk}/", "/gestion/groups/"):
        assert client.get(screen).headers["Location"] == TEAM
        assert client.post(screen, {"is_superuser": "on"}).status_code == 302


@pytest.mark.parametrize(
    ("role", "departement"),
    [(Role.DIRECTOR, "35"), (Role.COMMUNICATIONS, "35"), (Role.TREASURER, "35"), (Role.LOCAL_LEAD, "")],
)
def test_a_role_holds_nowhere_else_than_where_it_may_whoever_writes_it(role: Role, departement: str) -> None:
    user = UserFactory(role=Role.READER)
    with pytest.raises(OutOfScope):
        mandates.give_mandate(user, role, departement, actor=staff())
    with pytest.raises(OutOfScope):
        mandates.invite(replace(ANNE, role=role, departement_code=departement), actor=staff())
    with pytest.raises(IntegrityError), transaction.atomic():
        MandateFactory(user=user, role=role, departement_code=departement)
    assert [one.role for one in user.mandates.all()] == ["reader"]


def test_the_form_says_where_a_role_holds() -> None:
    CommuneFactory()
    user = UserFactory(role=Role.READER)
    page = signed_in().post(f"{TEAM}{user.pk}/", {"role": "director", "departement": "35"}).content.decode()
    assert "Ce rôle porte sur toute la France." in page


def test_the_last_director_stays_and_another_may_follow() -> None:
    first = UserFactory(role=Role.DIRECTOR)
    with pytest.raises(LastDirector):
        mandates.dismiss(first, actor=System("tests"))
    with pytest.raises(LastDirector):
        mandates.end_mandate(first.mandates.get(), actor=System("tests"))
    first.refresh_from_db()
    second = UserFactory(role=Role.READER)
    mandates.give_mandate(second, Role.DIRECTOR, "", actor=Staff(first))
    mandates.end_mandate(first.mandates.get(), actor=Staff(User.objects.get(pk=second.pk)))
    assert [one.user for one in Mandate.objects.filter(role=Role.DIRECTOR)] == [second]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM accounts_mandate",
        "UPDATE accounts_mandate SET role = 'reader'",
        "UPDATE accounts_user SET is_active = false",
    ],
)
def test_not_even_raw_sql_leaves_a_campaign_without_a_director(statement: str) -> None:
    UserFactory(role=Role.DIRECTOR)
    with pytest.raises(IntegrityError, match="director"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")


def test_a_director_opens_everything_of_the_site_and_only_while_they_are_one() -> None:
    director, other = UserFactory(role=Role.DIRECTOR), UserFactory(role=Role.READER)
    mandates.give_mandate(other, Role.DIRECTOR, "", actor=Staff(director))
    other.refresh_from_db()
    assert other.is_superuser
    mandates.end_mandate(other.mandates.get(role=Role.DIRECTOR), actor=Staff(director))
    other = User.objects.get(pk=other.pk)
    assert not other.is_superuser
    assert Staff(other).roles == {Role.READER}


def test_without_a_mandate_an_account_opens_nothing() -> None:
    director, other = UserFactory(role=Role.DIRECTOR), UserFactory(role=Role.READER)
    mandates.end_mandate(other.mandates.get(), actor=Staff(director))
    assert not User.objects.get(pk=other.pk).has_perm("wagtailadmin.access_admin")


def test_who_is_dismissed_is_signed_out_at_once_and_may_come_back() -> None:
    client = signed_in(Role.ORGANISER)
    user, director = me(client), staff()
    assert client.get("/gestion/personnes/").status_code == 200
    mandates.dismiss(user, actor=director)
    assert client.get("/gestion/personnes/").status_code == 302
    assert not SignIn.objects.open().filter(user=user).exists()
    mandates.reopen(user, actor=director)
    assert User.objects.get(pk=user.pk).is_active


def test_whoever_lost_their_second_factor_begins_anew() -> None:
    client = signed_in(Role.ORGANISER)
    user = me(client)
    TotpFactory(user=user)
    mandates.let_in_again(user, actor=staff())
    assert not Factor.objects.exists()
    assert client.get("/gestion/personnes/").status_code == 302
    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert Notice.objects.due().get().user == user


def test_the_screens_of_the_team_invite_show_and_change() -> None:
    client = signed_in()
    said = {"email": "anne@campaign.example", "first_name": "Anne", "last_name": "Ory", "role": "reader"}
    anne = client.post(f"{TEAM}inviter/", said).headers["Location"]
    assert "lecture seule" in client.get(anne).content.decode().lower()
    client.post(anne, {"role": "organiser", "departement": ""})
    user = User.objects.get(email="anne@campaign.example")
    assert {one.role for one in user.mandates.all()} == {"reader", "organiser"}
    client.post(f"{TEAM}mandats/{user.mandates.get(role='reader').pk}/fin/")
    assert {one.role for one in user.mandates.all()} == {"organiser"}
    client.post(f"{anne}dismiss/")
    page = BeautifulSoup(client.get(TEAM).content, "html.parser").select_one("table.listing")
    assert page is not None
    assert "fermé" in page.get_text()
    assert "Anne Ory" in page.get_text()


def test_a_role_holds_where_it_makes_sense_and_an_address_is_invited_once() -> None:
    client = signed_in()
    said = {"email": me(client).email, "first_name": "A", "last_name": "B"}
    for role, departement, word in (("local_lead", "", "lequel"), ("treasurer", "35", "toute la France")):
        page = client.post(f"{TEAM}inviter/", {**said, "role": role, "departement": departement}).content.decode()
        assert "a déjà cette adresse" in page
        if departement == "":
            assert word in page
    assert User.objects.count() == 1


@pytest.mark.parametrize(("role", "status"), [(Role.DATA_OFFICER, 200), (Role.ORGANISER, 302), (Role.READER, 302)])
def test_the_team_is_seen_by_those_who_answer_for_it(role: Role, status: int) -> None:
    client = signed_in(role)
    assert client.get(TEAM).status_code == status
    assert client.get(f"{TEAM}{me(client).pk}/").status_code == status
    assert client.get(f"{TEAM}inviter/").status_code == 302


def test_the_team_costs_the_same_whatever_its_size(django_assert_max_num_queries: object) -> None:
    client = signed_in()
    client.get(TEAM)
    UserFactory.create_batch(30)
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get(TEAM)
