"""What a sending domain publishes: SPF (RFC 7208), DKIM (RFC 6376, 8463), DMARC (RFC 7489)."""

from __future__ import annotations

import base64
from collections.abc import Sequence


def dkim_record(kind: str, public: bytes) -> str:
    """Return the TXT record of a public key."""
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"


def tags_of(record: str) -> dict[str, str]:
    """Read a record of `name=value;` pairs."""
    pairs = (pair.partition("=") for pair in record.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, sign, value in pairs if sign}


def has_spf(records: Sequence[str]) -> bool:
    """Tell whether exactly one policy stands there: two are an error (RFC 7208, 4.5)."""
    policies = [one for one in records if one.lower().split(" ", 1)[0] == "v=spf1"]
    return len(policies) == 1 and "+all" not in policies[0].lower()


def has_dmarc(records: Sequence[str]) -> bool:
    """Tell whether exactly one policy stands there."""
    policies = [tags for one in records if (tags := tags_of(one)).get("v", "").upper() == "DMARC1"]
    return len(policies) == 1 and policies[0].get("p", "").lower() in {"none", "quarantine", "reject"}


def has_key(records: Sequence[str], expected: str) -> bool:
    """Tell whether the expected key is the one published."""
    wanted = tags_of(expected).get("p")
    return any(tags_of(one).get("p") == wanted for one in records)
