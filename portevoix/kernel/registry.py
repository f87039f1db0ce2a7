"""How an upper room teaches a lower one: it registers, in ``AppConfig.ready()``, what the lower one will ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class AlreadyRegistered(Exception):
    """Two things claim one key."""


class Registry(Generic[T]):
    """Named things, in the order in which they came.

    There are seven registries (docs/explanation/architecture); an eighth needs a decision record.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[str, T] = {}

    def add(self, key: str, item: T) -> T:
        """Register ``item``; raises AlreadyRegistered when the key belongs to another."""
        if self._items.get(key, item) is not item:
            raise AlreadyRegistered(f"{self.name}: {key}")
        self._items[key] = item
        return item

    def register(self, key: str) -> Callable[[T], T]:
        """Return a decorator that registers what it decorates."""
        return lambda item: self.add(key, item)

    def __getitem__(self, key: str) -> T:
        return self._items[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: str) -> T | None:
        return self._items.get(key)

    def items(self) -> list[tuple[str, T]]:
        return list(self._items.items())
