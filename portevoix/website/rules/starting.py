"""Starting words: what a campaign replaces by its own carries a mark, and what carries one is not for visitors."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from django.utils.text import slugify

#: How a passage to complete begins, in each language of the product; blocks are kept as JSON, which writes é otherwise.
MARKS = ("[À compléter", "[To complete")
WRITTEN = (*MARKS, *(json.dumps(mark)[1:-1] for mark in MARKS))
#: The addresses of the pages whose title the campaign has yet to write.
ADDRESSES = {"theme": "theme-1", "measure": "mesure-1", "candidate": "candidature", "article": "premiere-actualite"}


def address_after(title: str, *, slug: str, taken: Collection[str]) -> str:
    """Return the address of a page that was never published: its title's, if nobody chose another."""
    own = slugify(title)
    if slug not in ADDRESSES.values() or title.startswith(MARKS) or not own:
        return slug
    free = (own, *(f"{own}-{number}" for number in range(2, len(taken) + 3)))
    return next(address for address in free if address not in taken)


def holds_a_mark(content: Mapping[str, object]) -> bool:
    """Tell whether a page still has words to complete."""
    return any(mark in str(value) for value in content.values() for mark in WRITTEN)
