"""Compile the translations (.po to .mo) that changed, without gettext: ``python scripts/compile_translations.py``."""

from __future__ import annotations

import re
import sys
from pathlib import Path

#: French sets a space before these, and one inside its quotation marks, at which a line must not break.
LOOSE = re.compile(r" (?=[:;!?»])|(?<=«) ")
ROOT = Path(__file__).resolve().parent.parent / "portevoix"


def stale(source: Path) -> bool:
    """Tell whether a catalogue must be compiled (again)."""
    compiled = source.with_suffix(".mo")
    newest = max(source.stat().st_mtime, Path(__file__).stat().st_mtime)
    return not compiled.exists() or compiled.stat().st_mtime < newest


def typeset(text: str) -> str:
    """Return a French text with the no-break spaces that its typography asks for, however it was typed."""
    return LOOSE.sub("\N{NO-BREAK SPACE}", text)


def compile_catalogue(source: Path) -> None:
    """Compile one catalogue, beside its place first: a server may be reading the old one."""
    from babel.messages import mofile, pofile  # slow to import, and seldom needed

    with source.open("rb") as text:
        catalogue = pofile.read_po(text, abort_invalid=True)
    if source.parts[-3] == "fr":
        for message in catalogue:
            if message.id:
                parts = message.string if isinstance(message.string, tuple) else (message.string,)
                said = tuple(typeset(part) for part in parts)
                message.string = said if isinstance(message.string, tuple) else said[0]
    fresh = source.with_suffix(".mo.new")
    with fresh.open("wb") as binary:
        mofile.write_mo(binary, catalogue)
    fresh.replace(source.with_suffix(".mo"))


def main() -> None:
    """Compile every catalogue of the product that needs it."""
    for source in sorted(ROOT.glob("*/locale/*/LC_MESSAGES/*.po")):
        if stale(source):
            try:
                compile_catalogue(source)
            except (pofile_error(), UnicodeDecodeError) as error:
                sys.exit(f"{source}: {error}")


def pofile_error() -> type[Exception]:
    from babel.messages.pofile import PoFileError

    return PoFileError


if __name__ == "__main__":
    main()
