"""Telling rooms above that who may be shown or counted has changed: no name stays on a page for want of knowing."""

from __future__ import annotations

from wagtail import hooks


def tell_of_change() -> None:
    """Have whoever keeps pages made of people make them anew (RGPD art. 7(3), 17, 18)."""
    for changed in hooks.get_hooks("people_are_shown_otherwise"):
        changed()
