"""Every address is closed, or declared public by its view."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db

EXAMPLES = {"int": "1", "str": "x", "slug": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}
#: Addresses of Wagtail and Django that a person without an account must reach.
OPEN_BY_NATURE = {
    "wagtailadmin_login",
    "wagtailadmin_password_reset",
    "wagtailadmin_password_reset_done",
    "wagtailadmin_password_reset_confirm",
    "wagtailadmin_password_reset_complete",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_sprite",
}


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        if isinstance(item, URLResolver):
            if not item.pattern.regex.pattern.startswith("^static"):
                yield from addresses(item, prefix + example(item))
        else:
            yield prefix + example(item), item


def example(item: URLPattern | URLResolver) -> str:
    route = str(item.pattern)
    for name, converter in item.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", EXAMPLES.get(kind, "1")).replace(f"<{name}>", "x")
    return route.lstrip("^").rstrip("$").rstrip("\\Z")


def is_public(item: URLPattern) -> bool:
    return getattr(item.callback, "is_public", False) or item.name in OPEN_BY_NATURE


def is_keyed(item: URLPattern) -> bool:
    """Tell whether an address is opened by a program's key, and by no session."""
    return getattr(item.callback, "is_keyed", False)


def test_every_view_of_ours_is_closed_or_declared_public() -> None:
    ours = [item for _path, item in addresses(get_resolver()) if item.callback.__module__.startswith("portevoix.")]
    assert len(ours) > 5
    undeclared = [
        item.name or str(item.pattern)
        for item in ours
        if not getattr(item.callback, "login_required", True) and not is_public(item) and not is_keyed(item)
    ]
    assert undeclared == []


def test_a_visitor_without_account_opens_nothing_that_is_closed() -> None:
    client, seen, wrong = Client(), 0, []
    for path, item in addresses(get_resolver()):
        if is_public(item) or "(" in path:
            continue
        response = client.get(path)
        seen += 1
        if is_keyed(item):
            continue  # tests/architecture/test_access_by_key.py
        is_closed = response.status_code in {302, 403, 404, 405}
        if response.status_code == 302:
            is_closed = "login" in response["Location"] or response["Location"].startswith("/gestion/")
        if not is_closed:
            wrong.append(f"{path} {response.status_code}")
    assert seen > 100
    assert wrong == []


def test_a_visitor_is_given_no_cookie_by_a_public_address() -> None:
    client, seen = Client(), 0
    for path, item in addresses(get_resolver()):
        if is_public(item) and item.name not in OPEN_BY_NATURE and "(" not in path:
            response = client.get(path)
            seen += 1
            assert not response.cookies, path
    assert seen >= 3
