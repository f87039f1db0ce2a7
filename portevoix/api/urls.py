"""The addresses for programs, each behind the door; screens of keys are in `wagtail_hooks`."""

from __future__ import annotations

from typing import TypeGuard

from django.urls import URLPattern, URLResolver, path

from portevoix.api.views.door import behind_the_door, nothing_here
from portevoix.api.views.interface import interface, openapi

app_name = "api"


def is_of_the_interface(found: URLPattern | URLResolver) -> TypeGuard[URLPattern]:
    """Leave out the library's own root, which would lead to its pages."""
    return isinstance(found, URLPattern) and found.name != "api-root"


def _behind_the_door(found: URLPattern) -> URLPattern:
    return path(str(found.pattern), behind_the_door(found.callback), name=found.name)


urlpatterns = [
    path("openapi.json", openapi, name="openapi"),
    *(_behind_the_door(found) for found in interface.urls[0] if is_of_the_interface(found)),
    path("", behind_the_door(nothing_here), {"rest": ""}, name="root"),
    path("<path:rest>", behind_the_door(nothing_here), name="nothing"),
]
