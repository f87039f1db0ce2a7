"""How a campaign is called where there is little room."""

from __future__ import annotations

#: What the first screens of telephones show under an icon.
ROOM = 12


def short_name(name: str) -> str:
    """Return the whole name, or as many of its first words as there is room for; one long word stays whole."""
    words = name.split()
    kept = words[:1]
    for word in words[1:]:
        if len(" ".join([*kept, word])) > ROOM:
            break
        kept.append(word)
    return " ".join(kept)
