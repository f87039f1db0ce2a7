"""Text as strangers write it, made such that every file, terminal and database takes it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def storable(told: T) -> T:
    """Return the same values with halves of characters joined or replaced, and without the sign that ends a string.

    Scripts may write half a character, by malice or by cutting an emoji in two: UTF-8 has no word for it. PostgreSQL
    refuses the zero.
    """
    return _storable(told)  # type: ignore[no-any-return]


def _storable(told: Any) -> Any:
    if isinstance(told, str):
        return told if told.isascii() and "\0" not in told else _whole(told)
    if isinstance(told, dict):
        return {_storable(key): _storable(value) for key, value in told.items()}
    if isinstance(told, list | tuple | set | frozenset):
        return type(told)(_storable(one) for one in told)
    if is_dataclass(told) and not isinstance(told, type):
        return replace(told, **{one.name: _storable(getattr(told, one.name)) for one in fields(told)})
    return told


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
