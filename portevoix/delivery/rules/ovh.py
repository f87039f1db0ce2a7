"""How OVHcloud's interface is spoken to: signatures, codes of delivery. Pure, so that the simulator checks with it too.

https://eu.api.ovh.com/console/ (sms), looked up on 2026-11-30.
"""

from __future__ import annotations

import hashlib
import hmac

#: Said in the callback's `description`: settled well, or badly; whatever else is on its way.
DELIVERED = {"1"}
UNDELIVERED = {"2", "16"}
#: Said in `ptt`: the number is invalid, barred for good, or on the operator's black list.
NOBODY = {"23"}
#: Errors about who asks, not about what is asked.
ABOUT_KEYS = {
    *("INVALID_KEY", "INVALID_CREDENTIAL", "INVALID_SIGNATURE", "NOT_CREDENTIAL", "NOT_GRANTED_CALL"),
    *("QUERY_TIME_OUT", "FORBIDDEN"),
}


def signature(keys: tuple[str, str], method: str, url: str, body: str, timestamp: str) -> str:
    """Sign a call with the application's secret and the consumer's key."""
    secret, consumer = keys
    said = "+".join((secret, consumer, method, url, body, timestamp))
    return "$1$" + hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()


def is_signed(shown: str, expected: str) -> bool:
    """Compare two signatures without telling how far they agree."""
    return hmac.compare_digest(shown.encode(), expected.encode())


def verdict(ptt: str, description: str) -> bool | None:
    """Tell from a receipt whether the message arrived; None as long as it is not known."""
    if description in DELIVERED or (not description and ptt == "4"):
        return True
    if description in UNDELIVERED or (not description and ptt not in {"", "0", "1", "2", "3", "6"}):
        return False
    return None
