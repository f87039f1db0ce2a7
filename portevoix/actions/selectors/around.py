"""All that stands around the form of an action page, by whichever door it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portevoix.actions.models import ActionPage
from portevoix.actions.selectors import shown_by
from portevoix.actions.selectors.besides import shown_besides
from portevoix.actions.selectors.sharing import passed_on


def around(page: ActionPage, sought: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page and what it shows; ``sought`` is what a visitor looks for on it, which is not kept."""
    return {"page": page, **passed_on(page), **shown_by(page), **shown_besides(page, sought)}
