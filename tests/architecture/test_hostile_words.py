"""Hostile words in every field: the back office is walked, link by link, over a campaign whose every text is an attack.

Also finds the dead links: what a screen of ours leads to exists.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.management import call_command
from django.db import Error, models, transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from pytest_django import Settings

from portevoix.accounts.types import Role
from portevoix.conf.instance import Legal
from portevoix.people.models import Person
from tests.accounts.factories import signed_in

pytestmark = pytest.mark.django_db
OFFICE = "/gestion/"
#: Breaks out of an attribute, out of a text, out of a template, out of a quoted SQL value, out of a cell.
ATTACK = "=1\"'><img src=x onerror=alert(1)>{{229*457}}{%x%}%s';--"
SHORT = "\"'><i>"
#: What no page may hold as it is: tags, and the product that a template would have made.
RAW = ("'><img", "'><i>", "104653")
#: Words that the product writes itself and reads again: nobody types them.
MACHINE = {
    *("key", "name_key", "sort_key", "digest", "hash", "head", "token", "session_key", "device_key", "secret", "seed"),
    *("language", "codename", "path", "file", "purpose", "channel", "basis", "kind", "status", "role", "criterion"),
    *("departement_code", "timezone", "slug", "object_id", "command", "actor_id", "public_key", "credential"),
}
#: So many rows of each table: the first in each list, and the oldest.
ROWS = 40
#: What only addresses of undone or erased records lead to.
EMPTY: set[str] = set()
#: So many pages of each address: what differs between the records, and no more.
VISITS = 3


def texts(model: type[models.Model]) -> Iterator[models.Field[str, str]]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.CharField | models.TextField) and not field.choices and field.name not in MACHINE:
            yield field


def spoil() -> Counter[str]:
    """Write the attack wherever the database lets it be; return how many columns of each room it got into."""
    spoilt: Counter[str] = Counter()
    for model in apps.get_models():
        if not model.__module__.startswith("portevoix.") or model._meta.proxy:
            continue
        for field in texts(model):
            words = ATTACK if (field.max_length or 1000) >= len(ATTACK) else SHORT
            rows = model._base_manager.order_by("-pk").values("pk")[:ROWS]
            for some in (model._base_manager.filter(pk__in=rows), model._base_manager.filter(pk__in=rows[:1])):
                try:
                    with transaction.atomic():
                        number = some.update(**{field.name: words})
                        # Constraints that wait for the end of the transaction speak now.
                        with transaction.get_connection().cursor() as cursor:
                            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
                except Error:
                    continue  # the database knows better: too long, not unique, append-only
                spoilt[model._meta.app_label] += bool(number)
                break
    return spoilt


def links(page: str, content: str) -> Iterator[str]:
    for tag in BeautifulSoup(content, "html.parser").select("a[href]"):
        target = urljoin(page, str(tag["href"]))
        if urlsplit(target).netloc in {"", "testserver"} and urlsplit(target).path.startswith(OFFICE):
            yield urlsplit(target)._replace(scheme="", netloc="", fragment="").geturl()


def records() -> set[str]:
    """Return a person's record for each table that leads to a person, so that whatever a record shows is seen."""
    found, empty = set(), set()
    for relation in Person._meta.related_objects:
        rows = relation.related_model._base_manager.exclude(**{relation.field.name: None}).order_by("-pk")
        person = rows.values_list(relation.field.name, flat=True).first()
        if person:
            found.add(reverse("people:person", args=[person]))
        else:
            empty.add(relation.related_model.__name__)
    assert empty <= EMPTY, "the demo has an example of everything that a record shows"
    return found


def walk(client: Client) -> Iterator[tuple[str, str, int, str]]:
    """Yield address, page it was found on, status and words of every page of ours that links lead to."""
    visits: Counter[str] = Counter()
    ahead = deque((path, "") for path in [OFFICE, *records()])
    seen = {path for path, _ in ahead}
    while ahead:
        path, found_on = ahead.popleft()
        try:
            match = resolve(urlsplit(path).path)
        except Resolver404:
            yield path, found_on, 404, ""
            continue
        ours = match.func.__module__.startswith("portevoix.")
        if "logout" in path or (found_on and visits[match.route] >= VISITS) or not (ours or path == OFFICE):
            continue
        visits[match.route] += 1
        answer = client.get(path, follow=True)
        is_page = "html" in answer.headers.get("Content-Type", "") and not answer.streaming
        content = answer.content.decode() if is_page else ""
        if answer.streaming:
            assert b"".join(answer.streaming_content), path  # read to its end, a file is closed
        yield path, found_on, answer.status_code, content
        for target in links(path, content):
            if target not in seen:
                seen.add(target)
                ahead.append((target, path))


@pytest.mark.timeout(600)  # the whole back office, one page after the other
def test_words_typed_by_an_enemy_are_shown_as_words_on_every_screen_and_break_none(
    settings: Settings,
) -> None:
    settings.INSTANCE = settings.INSTANCE.model_copy(
        update={"demo": True, "legal": Legal(publisher="Ricochet", publisher_address="1 rue du Lavoir")}
    )
    call_command("demo_content", verbosity=0)
    spoilt = spoil()
    assert sum(spoilt.values()) > 60, spoilt
    shown, wrong, walked = 0, [], 0
    client = signed_in(Role.DIRECTOR)
    client.raise_request_exception = False
    for path, found_on, status, words in walk(client):
        walked += 1
        shown += "&lt;img" in words or "&lt;i&gt;" in words
        if status >= 400 and status != 405:
            wrong.append(f"{status} {path} from {found_on}")
        wrong += [f"{raw} in {path}: …{words[words.index(raw) - 80 :][:160]}" for raw in RAW if raw in words]
    assert wrong == [], "\n".join(wrong)
    assert (walked > 50, shown > 25) == (True, True), (walked, shown)
