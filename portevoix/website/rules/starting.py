"""Starting words: what a campaign replaces by its own carries a mark, and what carries one is not for visitors."""

from __future__ import annotations

import json
from collections.abc import Mapping

#: How a passage to complete begins, in each language of the product; blocks are kept as JSON, which writes é otherwise.
MARKS = ("[À compléter", "[To complete")
WRITTEN = (*MARKS, *(json.dumps(mark)[1:-1] for mark in MARKS))


def holds_a_mark(content: Mapping[str, object]) -> bool:
    """Tell whether a page still has words to complete."""
    return any(mark in str(value) for value in content.values() for mark in WRITTEN)
