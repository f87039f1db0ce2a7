"""A file from its dropping to its report, in a real browser; and without scripts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from portevoix.accounts.models import User
from portevoix.exchange import tasks
from portevoix.exchange.models import ImportRun
from portevoix.people.models import Person
from tests.accounts.factories import UserFactory
from tests.browser.conftest import OpenPage
from tests.exchange import files

PICTURES = os.environ.get("PORTEVOIX_PICTURES")


@pytest.fixture
def director(live_instance: LiveServer, settings: Settings, tmp_path: Path) -> User:
    settings.DATA_DIR = tmp_path
    user: User = UserFactory(is_superuser=True)
    return user


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "export-mars.csv"
    rows = [files.person(n, email_opt_in="true", religion="x", chanson="Tri Martolod") for n in range(1, 30)]
    path.write_bytes(files.text(*rows, files.person(30, email="n/a", do_not_contact="true")))
    return path


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("phone", [False, True])
def test_a_file_is_dropped_read_decided_on_and_reported(
    director: User, file: Path, open_page: OpenPage, phone: bool
) -> None:
    page = open_page("/gestion/imports/", user=director, phone=phone)
    picture(page, f"imports-{phone}")
    page.get_by_label("Fichier").set_input_files(file)
    page.get_by_role("button", name="Lire ce fichier").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    picture(page, f"reading-{phone}")
    run = ImportRun.objects.get()
    tasks.advance(run.pk)
    # htmx asks by itself.
    expect(page.get_by_role("heading", name="Rien n’est encore écrit")).to_be_visible(timeout=10_000)
    expect(page.locator("#import")).to_contain_text("conviction religieuse")
    picture(page, f"ready-{phone}")
    assert not Person.objects.exists()
    page.get_by_label("Les reprendre").check()
    page.get_by_role("button", name="Importer 30 personnes").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    tasks.advance(run.pk)
    expect(page.get_by_role("heading", name="Ce que le fichier a apporté")).to_be_visible(timeout=10_000)
    picture(page, f"done-{phone}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger 1 ligne").click()
    assert "n/a" in download.value.path().read_text("utf-8-sig")
    assert Person.objects.count() == 30
    page.goto("/gestion/imports/")
    picture(page, f"list-{phone}")


def test_a_file_is_imported_without_scripts(director: User, file: Path, open_page: OpenPage) -> None:
    page = open_page("/gestion/imports/", user=director, scripts=False)
    page.get_by_label("Fichier").set_input_files(file)
    page.get_by_role("button", name="Lire ce fichier").click()
    run = ImportRun.objects.get()
    tasks.advance(run.pk)
    page.get_by_role("link", name="Voir l’avancement").click()
    page.get_by_role("button", name="Importer 30 personnes").click()
    tasks.advance(run.pk)
    page.get_by_role("link", name="Voir l’avancement").click()
    expect(page.get_by_role("heading", name="Ce que le fichier a apporté")).to_be_visible()


def test_the_export_screen_asks_why(director: User, open_page: OpenPage) -> None:
    page = open_page("/gestion/personnes/", user=director)
    page.get_by_role("link", name="Exporter").first.click()
    expect(page.get_by_label("À quoi sert ce fichier")).to_be_visible()
    picture(page, "export")
