"""Every table has its word in the glossary, in English and in French: the same that the screens say."""

from __future__ import annotations

import re

from django.apps import apps
from django.db import models
from django.utils import translation

from tests.architecture.house import ROOT


def tables() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("portevoix.") and not model._meta.auto_created and not model._meta.proxy
    ]


def words_of(name: str) -> set[str]:
    """Return what the first column of a glossary's table says, without what is said in brackets."""
    lines = (ROOT / "docs" / name).read_text("utf-8").splitlines()
    rows = [line.split("|")[1] for line in lines if line.startswith("| ")]
    assert len(rows) > 60, f"{name} is no glossary any more"
    cells = [re.sub(r"\(.*?\)", "", row) for row in rows]
    return {plain(word) for cell in cells for word in (cell, *cell.split(","))}


def plain(text: str) -> str:
    return " ".join(text.split()).lower()


def missing(language: str, name: str) -> set[str]:
    known = words_of(name)
    with translation.override(language):
        said = {model._meta.label: plain(str(model._meta.verbose_name)) for model in tables()}
    return {f"{label}: {word}" for label, word in said.items() if word not in known}


def test_every_table_has_its_word_in_english() -> None:
    assert len(tables()) > 60, "the census counted no table"
    assert missing("en", "glossary.md") == set()


def test_every_table_has_its_word_in_french() -> None:
    assert missing("fr", "glossaire.md") == set()


def test_each_glossary_is_in_order_and_says_each_word_once() -> None:
    for name in ("glossary.md", "glossaire.md"):
        lines = (ROOT / "docs" / name).read_text("utf-8").splitlines()
        rows = [line for line in lines if line.startswith("| ")][1:]
        words = [row.split("|")[1].strip() for row in rows]
        assert len(words) == len(set(words)), name
        assert all(len(row.split("|")) == (4 if name == "glossary.md" else 5) for row in rows), name
