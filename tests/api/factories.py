"""Keys, and programs that hold one."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.test import Client

from portevoix.accounts.models import User
from portevoix.accounts.types import Role, Staff
from portevoix.api.models import Key
from portevoix.api.selectors import scopes_of
from portevoix.api.services.keys import make_key
from tests.accounts.factories import UserFactory

ROOT = "/api/v1/"


class Program:
    """A program that holds a key: it asks in JSON, and keeps no cookie."""

    def __init__(self, key: Key, token: str, language: str = "fr") -> None:
        self.key, self.token, self.language = key, token, language

    @property
    def user(self) -> User:
        return self.key.user

    def ask(self, method: str, path: str, said: Any = None, **headers: str) -> HttpResponse:
        body = b"" if said is None else (said if isinstance(said, bytes) else json.dumps(said).encode())
        told = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, **headers}
        kind = "application/json" if body else ""
        client = Client(raise_request_exception=False)
        answer: Any = client.generic(method, ROOT + path, body, content_type=kind, headers=told)
        return answer

    def get(self, path: str, **headers: str) -> Any:
        """Return what is answered, where all is well."""
        answer = self.ask("GET", path, **headers)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()  # type: ignore[attr-defined]

    def send(self, method: str, path: str, said: Any, status: int = 200) -> Any:
        """Return what is answered, with the number that is expected."""
        answer = self.ask(method, path, said)
        assert answer.status_code == status, answer.content.decode()
        return answer.json()  # type: ignore[attr-defined]


def program(
    role: Role = Role.DIRECTOR, departement: str = "", scopes: Collection[str] | None = None, user: User | None = None
) -> Program:
    """Return a program with a key of a member of staff, for every act that they may do or for those named."""
    owner = user or UserFactory(role=role, departement=departement)
    actor = Staff(owner)
    chosen = scopes_of(actor) if scopes is None else scopes
    key, token = make_key(name="Site", purpose="tenir le site à jour", scopes=chosen, days=90, actor=actor)
    return Program(key, token)
