"""Members of staff before their screens: what they open, post and read."""

from __future__ import annotations

import json
from typing import Any

from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.mailings.models import Mailing
from tests.accounts.factories import UserFactory


def member(role: Role = Role.COMMUNICATIONS, departement: str = "") -> User:
    user: User = UserFactory(role=role, departement=departement, first_name="Ilhan", last_name="Tavarel")
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


def browser(role: Role = Role.COMMUNICATIONS, departement: str = "") -> Client:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(member(role, departement))
    return client


def address(screen: str, *arguments: Any) -> str:
    return reverse(f"mailings:{screen}", args=arguments)


def read(response: Any) -> BeautifulSoup:
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def words(response: Any) -> str:
    return " ".join(read(response).get_text(" ").split())


def filled_in(**changes: Any) -> dict[str, Any]:
    """Return what the editor posts for a letter with one heading and one text."""
    text = {"blocks": [{"key": "a", "text": "Bonjour {{ first_name|à vous }}.", "type": "unstyled"}], "entityMap": {}}
    return {
        "title": "Lettre",
        "subject": "Un train",
        "preheader": "",
        "sender_name": "",
        "reply_to": "",
        "segment": "",
        "body-count": "2",
        "body-0-type": "heading",
        "body-0-order": "0",
        "body-0-deleted": "",
        "body-0-value": "Les petits trains",
        "body-1-type": "text",
        "body-1-order": "1",
        "body-1-deleted": "",
        "body-1-value": json.dumps(text),
        **changes,
    }


def confirmed(client: Client, mailing: Mailing) -> dict[str, Any]:
    """Return what the send screen posts when its box is ticked."""
    page = read(client.get(address("send", mailing.pk)))
    form = page.find("form", class_="confirmation")
    assert form is not None
    hidden = {field["name"]: field["value"] for field in form.find_all("input", type="hidden")}
    return {**hidden, "is_sure": "1"}
