"""The demo's configuration: written on its first start, kept true to where it runs on the next ones."""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path

from portevoix.operations.supervisor.children import Failed
from portevoix.operations.wording import gettext as _

FIRST = Path(__file__).with_name("first_instance.toml")
Values = Mapping[str, Mapping[str, str | int | list[str]]]


def write(path: Path, values: Values) -> None:
    """Give the file these values, section by section, and leave alone what the host wrote beside them."""
    text = path.read_text("utf-8") if path.exists() else _first_text()
    for section, pairs in values.items():
        for key, value in pairs.items():
            text = _with_value(text, section, key, json.dumps(value))
    if path.exists() and path.read_text("utf-8") == text:
        return
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Failed(
            _("{path} cannot be read ({error}): correct it, or move it away.").format(path=path, error=error)
        ) from None
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    unfinished.replace(path)


def _first_text() -> str:
    return f'{FIRST.read_text("utf-8")}\n[secrets]\nkey = "{secrets.token_urlsafe(48)}"\n'


def _with_value(text: str, section: str, key: str, value: str) -> str:
    """Set one key of one table in TOML that is edited as text, so that comments stay."""
    line = f"{key} = {value}"
    table = re.search(rf"^\[{re.escape(section)}\][^\n]*\n", text, re.MULTILINE)
    if table is None:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n"
    end = re.search(r"^\[", text[table.end() :], re.MULTILINE)
    stop = table.end() + end.start() if end else len(text)
    body = text[table.end() : stop]
    pattern = rf"^{re.escape(key)}\s*=.*$"
    if re.search(pattern, body, re.MULTILINE):
        body = re.sub(pattern, lambda _match: line, body, count=1, flags=re.MULTILINE)
    else:
        body = f"{line}\n{body}"
    return text[: table.end()] + body + text[stop:]
