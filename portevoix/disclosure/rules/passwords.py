"""The password of an export: long enough for any guesser, readable aloud, stored nowhere.

It is a function of the instance's secret and of a seed in the export's row; once the file is written and the
password was shown, or when the export ends, the seed goes and nobody can make the password again.
"""

from __future__ import annotations

from django.utils.crypto import salted_hmac

#: Thirty-two signs that are not taken for one another: five bits each.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
#: Five groups of five signs: 125 bits. ZIP's own key stretching is weak, so the password is what protects.
GROUPS, GROUP = 5, 5
SALT = "portevoix.disclosure.export"


def password(seed: str) -> str:
    """Return the password that belongs to a seed."""
    number = int.from_bytes(salted_hmac(SALT, seed, algorithm="sha256").digest())
    signs = [ALPHABET[(number >> (5 * place)) % 32] for place in range(GROUPS * GROUP)]
    return "-".join("".join(signs[start : start + GROUP]) for start in range(0, len(signs), GROUP))
