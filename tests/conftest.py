"""What every test stands on: a PostgreSQL of its own, and no network but this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import pytest_socket
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, settings

from portevoix.operations.embedded import Cluster
from tests import database

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker

    from portevoix.accounts.models import User

# A machine that is slow, or works at two tests at once, is no fault of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

HERE = ["127.0.0.1", "::1", "localhost"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each file to one process, but for its tests that commit: they empty the database, and come last in each."""
    for item in items:
        database = item.get_closest_marker("django_db")
        commits = "live_server" in getattr(item, "fixturenames", ()) or (
            database is not None and database.kwargs.get("transaction", False)
        )
        file = item.nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
        item.add_marker(pytest.mark.xdist_group(f"{file}+commits" if commits else file))


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """Close the network: a test that asks another machine for anything fails at that line."""
    pytest_socket.socket_allow_hosts(HERE, allow_unix_socket=True)


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[Cluster]:
    """The PostgreSQL of this run only: two runs at once never meet, and none outlives its run."""
    assert request.config.cache is not None
    with contextlib.ExitStack() as stack:
        with django_db_blocker.unblock():
            folder = request.config.cache.mkdir("cluster")
            running = stack.enter_context(database.migrated_cluster(folder))
        yield running


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, cluster: Cluster) -> None:
    """Stand in for pytest-django's own: the database is there, migrated. Runs without database tests start none."""


@pytest.fixture(autouse=True)
def _complete_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """``client.force_login`` stands for a complete sign-in: an open session, proved by two factors.

    The product itself is as strict as in production; tests of the way in go by its screens.
    """
    from tests.accounts.factories import SignInFactory

    force_login = Client.force_login

    def complete(client: Client, user: User, backend: str | None = None) -> None:
        force_login(client, user, backend)
        session = client.session
        session["sign_in"] = SignInFactory(user=user).pk
        session.save()

    monkeypatch.setattr(Client, "force_login", complete)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Forget what an earlier test left in memory: Wagtail's addresses of sites, who sent how many forms."""
    from portevoix.actions.counter import senders
    from portevoix.website.views.choosing import answers

    cache.clear()
    senders.forget()
    answers.forget()
