"""The errors of the doors' keeper."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class NotFromTheGate(TypeError):
    """An audience or a disclosure was made by hand; only ``rights.gate`` makes them."""


class LinkUnusable(Exception):
    """A signed link was altered, has expired, or names nobody any more."""


class Masked(PermissionDenied):
    """A field holds what the actor has no need to know; the text names it."""
