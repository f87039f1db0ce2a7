"""Every act has an actor, a right, a journal line and a French label."""

from __future__ import annotations

import importlib
import inspect

import pytest
from django.utils import translation

from portevoix.accounts.commands import COMMANDS
from tests.architecture.house import PACKAGE, sources

BELOW_COMMANDS = {"kernel", "journal"}


def services() -> list[str]:
    names = []
    for path in sources():
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if "services" in parts[2:] and parts[1] not in BELOW_COMMANDS:
            names.append(".".join(parts).removesuffix(".__init__"))
    return names


def test_every_public_function_of_services_is_a_command() -> None:
    seen, wrong = 0, []
    for name in services():
        module = importlib.import_module(name)
        for attribute, function in vars(module).items():
            if attribute.startswith("_") or not inspect.isfunction(function) or function.__module__ != name:
                continue
            seen += 1
            if not inspect.isfunction(function) or not hasattr(function, "command"):
                wrong.append(f"{name}.{attribute}")
    assert seen >= 10
    assert wrong == []


def test_every_command_takes_its_actor_by_name_and_has_no_default_one() -> None:
    seen, wrong = 0, []
    for name in services():
        for function in vars(importlib.import_module(name)).values():
            if not inspect.isfunction(function) or not hasattr(function, "command"):
                continue
            seen += 1
            actor = inspect.signature(function).parameters.get("actor")
            if actor is None or actor.kind is not actor.KEYWORD_ONLY or actor.default is not actor.empty:
                wrong.append(function.command.name)
    assert seen >= 10
    assert wrong == []


def test_every_command_has_a_label_in_french_that_is_not_the_english_one() -> None:
    acts = {name: act for name, act in COMMANDS.items() if not name.startswith("tests.")}
    assert len(acts) >= 10
    with translation.override("en"):
        english = {name: str(act.label) for name, act in acts.items()}
    with translation.override("fr"):
        french = {name: str(act.label) for name, act in acts.items()}
    assert [name for name in acts if not french[name] or french[name] == english[name]] == []


@pytest.mark.parametrize("part", ["room", "verb"])
def test_every_command_is_named_after_its_room_and_a_verb(part: str) -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir()}
    for name in COMMANDS:
        room, _dot, verb = name.partition(".")
        assert room in rooms | {"tests"} if part == "room" else verb.isidentifier()
