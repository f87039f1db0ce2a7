"""Contact points are read through a person whom somebody may see: no screen asks their tables by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.house import PACKAGE

#: The tables, by the names of their models.
TABLES = {"EmailAddress", "PhoneNumber", "PostalAddress"}
#: Files that speak to whoever sits before a screen: what they show must have passed the masks.
ENTRIES = {"views", "viewsets", "forms", "filters", "wagtail_hooks", "office", "templatetags"}


def entries() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[1] in ENTRIES:
            yield path


def read_directly(source: str) -> set[str]:
    """Return the tables whose manager is named: ``EmailAddress.objects``, ``models.EmailAddress._base_manager``."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            found |= {name} & TABLES
    return found


def test_no_screen_reads_a_table_of_contacts_by_itself() -> None:
    files = list(entries())
    assert len(files) > 40, "the census counted too few"
    wrong = {str(path.relative_to(PACKAGE)): names for path in files if (names := read_directly(path.read_text()))}
    assert wrong == {}


def test_the_census_sees_what_it_looks_for() -> None:
    assert read_directly("found = EmailAddress.objects.filter(person=1)") == {"EmailAddress"}
    assert read_directly("models.PhoneNumber._base_manager.all()") == {"PhoneNumber"}
    assert read_directly("person.emails.all()") == set()
