"""What the territory adds to the back office."""

from __future__ import annotations

from django.urls import URLResolver, include, path
from wagtail import hooks


@hooks.register("register_admin_urls")
def addresses() -> list[URLResolver]:
    return [path("territoire/", include("portevoix.territory.urls"))]
