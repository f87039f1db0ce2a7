"""Somebody writes, somebody else approves: drafts, what is sent back, and former versions."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, WorkflowState
from wagtail.test.utils.form_data import nested_form_data, streamfield

from portevoix.accounts.services import mandates
from portevoix.accounts.types import Invitation, Role, System
from portevoix.website.models import HomePage, StandardPage
from tests.website.factories import StandardPageFactory

pytestmark = pytest.mark.django_db

ADD = "/gestion/pages/add/website/standardpage/{}/"
EDIT = "/gestion/pages/{}/edit/"


def member(role: Role) -> Client:
    """Return the browser of somebody with exactly what an invitation gives."""
    where = "23" if role == Role.LOCAL_LEAD else ""
    who = Invitation(email=f"{role}@campaign.example", first_name="A", last_name="B", role=role, departement_code=where)
    client = Client()
    client.force_login(mandates.invite(who, actor=System("tests")))
    return client


def written(**fields: str) -> dict[str, Any]:
    said = {"title": "Un texte", "slug": "un-texte", "lead": "", "body": streamfield([]), "show_in_menus": ""}
    more = {"seo_title": "", "search_description": "", "picture": "", "go_live_at": "", "expire_at": ""}
    comments = {"comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0", "comments-MAX_NUM_FORMS": "1000"}
    return {**nested_form_data({**said, **more, **fields}), **comments}


@pytest.fixture
def organiser() -> Client:
    return member(Role.ORGANISER)


@pytest.fixture
def editor() -> Client:
    return member(Role.COMMUNICATIONS)


@pytest.fixture
def submitted(home: HomePage, organiser: Client) -> StandardPage:
    answer = organiser.post(ADD.format(home.pk), written(**{"action-submit": "x"}))
    assert answer.status_code == 302
    return StandardPage.objects.get(slug="un-texte")


def task_of(page: Page) -> int:
    state = WorkflowState.objects.get(object_id=str(page.pk), status=WorkflowState.STATUS_IN_PROGRESS)
    assert state.current_task_state
    return int(state.current_task_state.pk)


def decide(client: Client, page: Page, action: str, **said: str) -> Any:
    return client.post(f"/gestion/pages/workflow/action/{page.pk}/{action}/{task_of(page)}/", said)


def test_what_an_organiser_submits_is_a_draft_until_it_is_approved(submitted: StandardPage, editor: Client) -> None:
    assert not submitted.live
    assert Client().get("/un-texte/").status_code == 404
    assert decide(editor, submitted, "approve").status_code == 302
    assert Client().get("/un-texte/").status_code == 200


def test_whoever_wrote_it_does_not_approve_it(submitted: StandardPage, organiser: Client) -> None:
    decide(organiser, submitted, "approve")
    assert not StandardPage.objects.get(pk=submitted.pk).live


def test_an_organiser_publishes_nothing_and_takes_nothing_off(home: HomePage, organiser: Client) -> None:
    organiser.post(ADD.format(home.pk), written(**{"action-publish": "x"}))
    assert not StandardPage.objects.filter(live=True).exists()
    page = StandardPageFactory(slug="public")
    organiser.post(EDIT.format(page.pk), written(slug="public", title="Autre", **{"action-publish": "x"}))
    organiser.post(f"/gestion/pages/{page.pk}/unpublish/")
    organiser.post(f"/gestion/pages/{page.pk}/delete/")
    found = StandardPage.objects.get(pk=page.pk)
    assert (found.live, found.title) == (True, page.title)


def test_what_is_sent_back_stays_a_draft_and_says_why(
    submitted: StandardPage, editor: Client, organiser: Client
) -> None:
    assert decide(editor, submitted, "reject", comment="Il manque la date.").status_code == 302
    assert Client().get("/un-texte/").status_code == 404
    state = WorkflowState.objects.get(object_id=str(submitted.pk))
    assert state.status == WorkflowState.STATUS_NEEDS_CHANGES
    assert "Il manque la date." in organiser.get(EDIT.format(submitted.pk)).content.decode()
    organiser.post(EDIT.format(submitted.pk), written(lead="Le 3 mai", **{"action-submit": "x"}))
    decide(editor, submitted, "approve")
    assert b"Le 3 mai" in Client().get("/un-texte/").content


@pytest.mark.parametrize("role", [Role.LOCAL_LEAD, Role.TREASURER, Role.READER])
def test_other_roles_write_no_pages(home: HomePage, role: Role) -> None:
    member(role).post(ADD.format(home.pk), written())
    assert not StandardPage.objects.exists()


def test_whoever_ceases_to_be_an_organiser_writes_no_more(home: HomePage, organiser: Client) -> None:
    member(Role.DIRECTOR)
    user = mandates.User.objects.get(email="organiser@campaign.example")
    mandates.give_mandate(user, Role.READER, "", actor=System("tests"))
    mandates.end_mandate(user.mandates.get(role=Role.ORGANISER), actor=System("tests"))
    organiser.post(ADD.format(home.pk), written())
    assert not StandardPage.objects.exists()


def test_a_former_version_comes_back(home: HomePage, editor: Client) -> None:
    editor.post(ADD.format(home.pk), written(lead="La première version", **{"action-publish": "x"}))
    page = StandardPage.objects.get(slug="un-texte")
    first = page.latest_revision_id
    editor.post(EDIT.format(page.pk), written(lead="La seconde", **{"action-publish": "x"}))
    assert b"La seconde" in Client().get("/un-texte/").content
    shown = editor.get(f"/gestion/pages/{page.pk}/revisions/{first}/revert/").content.decode()
    assert "La première version" in shown
    again = written(lead="La première version", revision=str(first), **{"action-publish": "x"})
    assert editor.post(EDIT.format(page.pk), again).status_code == 302
    assert "La première version" in Client().get("/un-texte/").content.decode()
    assert page.revisions.count() == 3
