"""What providers of text messages call us for: receipts and answers, by GET, form or JSON, under the names they use."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from portevoix.delivery.rules import ovh
from portevoix.delivery.types import SaidReceipt, SaidReply
from portevoix.kernel import clock

#: Names under which the usual gateways say the same.
REFERENCE = ("id", "smsId", "messageId", "message_id", "idMessage", "reference")
NUMBER = ("sender", "from", "number", "msisdn", "phone", "source", "receiver")
WORDS = ("message", "text", "content", "body", "smsText")
MOMENT = ("creationDatetime", "date", "timestamp", "receivedAt", "at")
STATUS = ("status", "state", "descriptionDlr", "dlr")
GOOD, BAD = (
    {"delivered", "success", "ok", "delivrd"},
    {"failed", "undelivered", "rejected", "expired", "undeliv", "error"},
)
NOBODY = {"unknown", "unknown subscriber", "invalid number", "absent subscriber permanently"}


def asked(request: HttpRequest) -> dict[str, Any]:
    """Return what a call says, whichever way it says it."""
    said: dict[str, Any] = {**request.GET.dict(), **request.POST.dict()}
    if "json" in (request.content_type or ""):
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        said |= body if isinstance(body, dict) else {}
    return said


def receipt(said: dict[str, Any]) -> SaidReceipt | None:
    """Read a receipt; None for what is none."""
    reference = _first(said, REFERENCE)
    if not reference:
        return None
    if "ptt" in said:
        ptt, description = str(said["ptt"]), str(said.get("description") or "")
        return SaidReceipt(reference, ovh.verdict(ptt, description), f"ptt {ptt}", ptt in ovh.NOBODY)
    status = _first(said, STATUS).lower()
    is_delivered = True if status in GOOD else False if status in BAD | NOBODY else None
    return SaidReceipt(reference, is_delivered, status[:11], status in NOBODY)


def reply(said: dict[str, Any], *, is_stop: bool) -> SaidReply | None:
    """Read an answer; None for what is none, or only names one."""
    number, words, at = _first(said, NUMBER), _first(said, WORDS), _first(said, MOMENT)
    if number and not number.startswith("+") and number.isdecimal() and not number.startswith("0"):
        number = f"+{number}"
    if not number:
        return None
    named = _first(said, REFERENCE)
    # One without a name of its own is known by what it says.
    reference = named or hashlib.sha256(f"{number} {at} {words}".encode()).hexdigest()[:48]
    return SaidReply(reference, number, words, moment(at), is_stop, is_named=bool(named))


def incoming(raw: dict[str, Any]) -> SaidReply | None:
    """Read an answer as OVHcloud's interface gives it (`sms.Incoming`); None for what is none."""
    number, reference = str(raw.get("sender") or ""), str(raw.get("id") or "")
    if not number or not reference:
        return None
    return SaidReply(reference, number, str(raw.get("message") or ""), moment(raw.get("creationDatetime")))


def moment(told: Any) -> datetime:
    """Return a moment as providers write it, in Paris unless they say otherwise; now where they say nothing."""
    try:
        found = parse_datetime(str(told)) if told else None
    except ValueError:
        found = None
    if found is None:
        return clock.now()
    return min(found if found.tzinfo else found.replace(tzinfo=clock.PARIS), clock.now())


def _first(said: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(said[name]).strip() for name in names if said.get(name) not in (None, "")), "")
