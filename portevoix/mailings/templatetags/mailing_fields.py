"""What screens of letters show from a letter itself: its fields, its hints, where its approval stands."""

from __future__ import annotations

from typing import Any

from django import template

from portevoix.accounts.office import actor_of
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.types import MergeField
from portevoix.mailings import letters, selectors
from portevoix.mailings.models import Mailing
from portevoix.mailings.wording import explain

register = template.Library()


@register.simple_tag
def merge_fields() -> list[tuple[str, MergeField]]:
    """Return the fields that authors may place."""
    return selectors.fields_for_authors()


@register.inclusion_tag("mailings/_hints.html")
def letter_hints(mailing: Mailing) -> dict[str, Any]:
    """Show what an author should look at before a letter leaves."""
    try:
        return {"hints": letters.hints(mailing)}
    except LetterError as error:
        return {"hints": [], "fault": explain(error)}


@register.simple_tag(takes_context=True)
def approval_standing(context: Any, mailing: Mailing) -> selectors.Standing | None:
    """Return where a letter is with its second reader; nothing for a letter that cannot leave anyway."""
    try:
        digest = letters.digest(letters.compose(mailing), mailing)
    except LetterError:
        return None
    return selectors.standing(selectors.approvals_of(mailing), digest, actor_of(context["request"]))


@register.simple_tag
def approval_is_asked() -> bool:
    """Tell whether the campaign asks for a second person."""
    return selectors.is_approval_asked()
