"""Which forms ask for something personal, and where they send it."""

from __future__ import annotations

from urllib.parse import urlsplit

from portevoix.auditor.engine.types import Form, FormField
from portevoix.auditor.engine.words.patterns import NAMED, SEARCH


def asks_for_persons(form: Form) -> bool:
    """Tell whether a form asks for something personal; one that only searches does not."""
    return any(is_personal(field) for field in form.fields)


def is_personal(field: FormField) -> bool:
    """Tell whether a field takes something personal, by its kind or by what it is called."""
    if field.kind in {"hidden", "submit", "button", "checkbox", "radio", "search", "password"}:
        return False
    if SEARCH.search(field.name or field.label):
        return False
    return field.kind in {"email", "tel"} or bool(NAMED.search(f"{field.name} {field.label}"))


def is_unread(form: Form) -> bool:
    """Tell whether nobody can say what a form asks for: nothing known is asked, and a field is called nothing."""
    return not asks_for_persons(form) and any(
        field.is_seen and field.kind in {"text", "textarea"} and not field.label and not SEARCH.search(field.name)
        for field in form.fields
    )


def host_of(url: str) -> str:
    """Return the host of an address that somebody else wrote; empty when it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
