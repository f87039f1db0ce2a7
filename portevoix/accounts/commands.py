"""One act, one function, one permission, one journal line.

``@command("mailings.send", …)`` checks the actor's right before the transaction, so that a refusal is kept in the
journal; then runs the body in a transaction that also holds the journal line.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.module_loading import module_has_submodule

from portevoix.accounts.exceptions import KeptRefusal, NoActor, NotAllowed
from portevoix.accounts.types import Actor, Role
from portevoix.journal import services as journal
from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome

P = ParamSpec("P")
R = TypeVar("R")

EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Command:
    """What is known of an act: its stable dotted name, its label for people, and who may do it."""

    name: str
    label: str | Promise
    roles: frozenset[Role]
    visitors: bool
    own: bool = False
    nationwide: bool = False

    def allows(self, actor: Actor) -> bool:
        """Tell whether ``actor`` has the right: the system always, visitors where declared, staff by role.

        What is ``own``, any member of staff may do to their own account, mandate or not. What is ``nationwide`` keeps
        to no territory, and so is for those whose mandate is over all of France. A program has no right but those that
        its key was made for.
        """
        if actor.scopes is not None and self.name not in actor.scopes:
            return False
        if actor.kind == "system":
            return True
        if actor.kind == "visitor":
            return self.visitors
        acting = self.acting(actor)
        return self.own or bool(acting.roles and not (self.nationwide and acting.departements is not None))

    def acting(self, actor: Actor) -> Actor:
        """Return ``actor`` with no more than the mandates that give the right; another one's reach is not theirs."""
        return actor if self.own else actor.within(self.roles)


@dataclass
class _Line:
    """The journal line being prepared by the running command."""

    actor: Actor
    about: tuple[str, str] = ("", "")
    count: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    #: The lines of the commands that this one ran, which leave with its own.
    within: list[Entry] = field(default_factory=list)
    #: In how many transactions within one another its body runs.
    depth: int = field(default_factory=lambda: len(transaction.get_connection().savepoint_ids))


#: More lines than that are not held for the last.
MOST_HELD = 500
#: Every act of the product by name; filled as the services are imported.
COMMANDS: dict[str, Command] = {}
_line: ContextVar[_Line | None] = ContextVar("journal_line", default=None)


def command(
    name: str,
    *,
    label: str | Promise,
    roles: Collection[Role] = (),
    visitors: bool = False,
    own: bool = False,
    nationwide: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service function an act. It must take a keyword-only ``actor``.

    Raises NotAllowed (after writing the refusal to the journal) when the actor has no right, NoActor without one.
    What the act raises goes back with it, but that a `KeptRefusal` was raised is written too.
    """
    act = COMMANDS[name] = Command(name, label, frozenset(roles), visitors, own, nationwide)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs.get("actor")
            if not isinstance(actor, Actor):
                raise NoActor(f"{name} needs an actor")
            if not act.allows(actor):
                journal.write(name, actor=actor.signature, outcome=Outcome.REFUSED)
                raise NotAllowed(name)
            kwargs["actor"] = actor = act.acting(actor)
            try:
                with transaction.atomic(), _prepared(name, actor):
                    return function(*args, **kwargs)
            except KeptRefusal as refused:
                # After the act was rolled back, so that its line stays.
                told = {"reason": refused.reason}
                journal.write(name, actor=actor.signature, outcome=Outcome.REFUSED, detail=told)
                raise

        run.command = act  # type: ignore[attr-defined]
        return run

    return decorate


def note(*, about: models.Model | None = None, count: int | None = None, **detail: Any) -> None:
    """Say more in the running command's journal line; ``detail`` never holds a personal value."""
    line = _line.get()
    if line is None:
        raise RuntimeError("note() is for the body of a command")
    if about is not None:
        line.about = (about._meta.label_lower, str(about.pk))
    if count is not None:
        line.count = count
    line.detail.update(detail)


def running_actor() -> Actor | None:
    """Return who does the running command, None outside of one."""
    line = _line.get()
    return line.actor if line else None


def every() -> dict[str, Command]:
    """Return all the acts of the product, after reading the services of every room: for the journal, and the census."""
    for room in apps.get_app_configs():
        if module_has_submodule(room.module, "services") and room.name.startswith("portevoix."):
            services = import_module(f"{room.name}.services")
            for part in pkgutil.iter_modules(getattr(services, "__path__", [])):
                import_module(f"{services.__name__}.{part.name}")
    return COMMANDS


def acting(actor: Actor, name: str) -> Actor:
    """Return ``actor`` as far as they reach in the act called ``name``."""
    return COMMANDS[name].acting(actor)


def may(actor: Actor, name: str) -> bool:
    """Tell whether ``actor`` may do the act called ``name``: for menus and buttons."""
    return COMMANDS[name].allows(actor)


@contextmanager
def _prepared(name: str, actor: Actor) -> Iterator[None]:
    """Write the line of the block at its end; those of the commands within leave with it, in one statement.

    What an act wrote last of all, others may wait for until the commit: each line on its own would keep them longer.
    A line that stands in a transaction of its own inside the act is not held: it goes back with what it tells of.
    """
    line, outer = _Line(actor), _line.get()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
    said = journal.line(
        name,
        actor=actor.signature,
        outcome=Outcome.DONE,
        about=line.about,
        count=line.count,
        detail=line.detail,
    )
    is_held = outer is not None and line.depth == outer.depth + 1
    held = outer.within if outer and is_held else []
    held += [*line.within, said]
    if not is_held or len(held) > MOST_HELD:
        journal.write_all(held)
        held.clear()
