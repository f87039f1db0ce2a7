"""What the territory adds to the back office."""

from __future__ import annotations

from django.urls import URLResolver, include, path
from wagtail import hooks

from portevoix.territory.models import Departement


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("territoire/", include("portevoix.territory.urls"))]


@hooks.register("construct_territories")
def departements(found: list[tuple[str, str]]) -> None:
    """Tell the team's screens what a mandate may be over."""
    found += [(one.code, f"{one.code} – {one.name}") for one in Departement.objects.all()]
