"""The merge fields, for the editor's help."""

from __future__ import annotations

from django import template

from portevoix.delivery.types import MergeField
from portevoix.mailings import selectors

register = template.Library()


@register.simple_tag
def merge_fields() -> list[tuple[str, MergeField]]:
    """Return the fields that authors may place."""
    return selectors.fields_for_authors()
