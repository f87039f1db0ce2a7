"""What comes back: bounces (RFC 3464, and what servers write instead), complaints (RFC 5965), answers by machines.

Nothing in such a message is believed but the signature in the return path that it came to or quotes
(`tokens.returned`): whoever cannot show one changes nothing. Here is only read what it says happened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message

from portevoix.delivery.rules import tokens
from portevoix.delivery.types import Bad

#: No more of a message is looked at; servers quote whole originals, pictures included.
MOST_OCTETS = 256 * 1024
#: More parts than a report has; a bomb of parts within parts has thousands.
MOST_PARTS = 60

STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -])")
FIELD = re.compile(r"^(status|action|diagnostic-code|feedback-type)[ \t]*:[ \t]*((?:.|\n[ \t])*)", re.I | re.M)
#: Where the quoted original begins in reports that are not made of parts.
ORIGINAL = re.compile(
    r"^(?:-{2,}.{0,60}(?:original|copy of|returned|undelivered|message).{0,60}$|return-path:|received:)", re.I | re.M
)

UNKNOWN_USER = re.compile(
    r"user unknown|unknown user|no such (?:user|recipient|mailbox|person|address)|unknown (?:recipient|mailbox|address)"
    r"|(?:user|recipient|mailbox|account|address)[^.\n]{0,40}(?:not found|does(?:n.t| not) exist|unknown|unavailable\b"
    r"|disabled|inactive|has been closed|is closed)|invalid (?:recipient|mailbox|user)|no mailbox here"
    r"|mailbox unavailable|adresse[^.\n]{0,40}(?:inconnue|inexistante|invalide|n.existe)|utilisateur inconnu"
    r"|bo[iî]te[^.\n]{0,40}(?:inexistante|ferm[ée]e|d[ée]sactiv[ée]e)|destinataire inconnu|compte[^.\n]{0,20}ferm[ée]",
    re.I,
)
FULL = re.compile(r"quota|mailbox (?:is )?full|over ?quota|insufficient storage|bo[iî]te[^.\n]{0,30}pleine", re.I)
POLICY = re.compile(
    r"spam|spf|dkim|dmarc|black ?list|block ?list|blocked|reputation|policy|virus|content rejected|rate ?limit|too many"
    r"|greylist|rdns|reverse dns|ofr_?\d|lpn\d|refus[ée] pour|access denied",
    re.I,
)
#: It is who sends that a server refuses.
SENDER = re.compile(
    r"(?:sender (?:address |domain |verify |e-?mail )?|exp[ée]diteur )[^.\n]{0,60}"
    r"(?:reject|refus|fail|not found|unknown|inconnu|does not exist|invalid)|invalid (?:envelope )?sender",
    re.I,
)
#: RFC 3463, 3.2: bad sender's mailbox address syntax, bad sender's system address.
OF_SENDERS = {(1, 7), (1, 8)}
OF_NOBODY = {(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 1)}
#: What says of itself that a server could not deliver.
BOUNCE_SUBJECTS = re.compile(
    r"undeliver|failure notice|delivery (?:status|failure|has failed)|mail delivery (?:failed|system|subsystem)"
    r"|returned mail|non[- ]?remi|[ée]chec de (?:la )?(?:remise|distribution)|non d[ée]livr|non distribu",
    re.I,
)
ROBOTS = re.compile(r"mailer-daemon|postmaster|mail delivery (?:system|subsystem)|<>", re.I)
AUTO_REPLY_SUBJECTS = re.compile(
    r"out of (?:the )?office|auto(?:matic)?[- ]?reply|r[ée]ponse automatique|message d.absence|absence du bureau"
    r"|^(?:re: *)?(?:absen(?:ce|t)|en cong[ée]s?)\b",
    re.I,
)
#: What the library's parser may answer a hostile message with.
UNREADABLE = (MessageError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
#: The parser takes both for messages within the message.
MACHINE, FEEDBACK = "message/delivery-status", "message/feedback-report"
#: How the actions begin by which nothing has gone wrong for good (RFC 3464, 2.3.3).
NOT_LOST = ("delay", "deliver", "relay", "expand")
NO_COMPLAINT = {"not-spam", "virus", "auth-failure", "dmarc"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a message that came back says: which of our messages it is about, by a proof to be verified; what of it."""

    message_id: int
    signature: str
    bad: Bad
    #: RFC 3463, as 5.1.1; empty where the server gave none.
    status: str


def read(raw: bytes, came_to: str = "") -> Report | None:
    """Return what a message reports; None for anything else, answers by people and by machines included."""
    raw = raw[:MOST_OCTETS]
    named = tokens.returned(came_to.encode()) if came_to else None
    named = named or tokens.returned(raw)
    if named is None:
        return None
    bad, status = judged(raw)
    return Report(*named, bad, status) if bad is not None else None


def judged(raw: bytes) -> tuple[Bad | None, str]:
    """Return what happened and the status code, whoever it happened to."""
    if raw.lower().count(b"content-type:") > MOST_PARTS:
        return None, ""
    try:
        message = message_from_bytes(raw)
        parts = [
            part for part in message.walk() if not part.is_multipart() or part.get_content_type() in (MACHINE, FEEDBACK)
        ]
    except UNREADABLE:
        return None, ""
    feedback = _feedback(parts)
    if feedback is not None:
        return (None if feedback in NO_COMPLAINT else Bad.COMPLAINT), ""
    said = _machine_words(parts)
    if said:
        return _by_fields(said, _human_words(parts))
    if _is_automatic_answer(message) or not _is_bounce(message):
        return None, ""
    words = _human_words(parts)
    return verdict(words)


def _feedback(parts: list[Message]) -> str | None:
    for part in parts:
        if part.get_content_type() == FEEDBACK:
            found: dict[str, str] = {name.lower(): value for name, value in FIELD.findall(_words_of(part))}
            return found.get("feedback-type", "abuse").strip().lower()
    return None


def _machine_words(parts: list[Message]) -> str:
    """Return the fields of a delivery status, also where it came under another type or was taken for a message."""
    for part in parts:
        if part.get_content_type() == MACHINE:
            return _words_of(part)
    for part in parts:
        words = _words_of(part) if part.get_content_maintype() in ("text", "application", "message") else ""
        if "final-recipient" in words.lower() and FIELD.search(words):
            return words
    return ""


def _by_fields(said: str, human: str) -> tuple[Bad | None, str]:
    fields: dict[str, list[str]] = {}
    for name, value in FIELD.findall(said):
        fields.setdefault(name.lower(), []).append(" ".join(value.split()))
    actions = [action.strip().lower() for action in fields.get("action", [])]
    # Some write “failure”, or “Failed.”: only what says that all may yet be well is no bounce.
    if actions and all(action.startswith(NOT_LOST) for action in actions):
        return None, ""
    status = next((found[0] for one in fields.get("status", []) if (found := STATUS.search(one))), "")
    diagnosis = " ".join(fields.get("diagnostic-code", []))
    precise = next((found[0] for found in STATUS.finditer(diagnosis) if not found[0].endswith(".0.0")), "")
    # Many servers write 5.0.0 and say what they mean in words.
    if (not status or status.endswith(".0.0")) and precise:
        status = precise
    return verdict(f"{diagnosis} {'' if diagnosis else human}", status)


def verdict(words: str, status: str = "") -> tuple[Bad | None, str]:
    """Judge a server's words and status: is the address no good, is it for now, or was it our message?"""
    status = status or next((found[0] for found in STATUS.finditer(words)), "")
    reply = next(iter(REPLY.findall(words)), "")
    is_final = status.startswith("5") or (not status and not reply.startswith("4"))
    if status[:1] == "2":
        return None, status
    if is_about_the_sender(words):
        return Bad.POLICY, status
    if not is_final:
        return (Bad.POLICY if _is_about_us_for_now(words, status) else Bad.SOFT), status
    _class, subject, detail = (status or "5.0.0").split(".")
    return _final(int(subject), int(detail), words), status


def _is_about_us_for_now(words: str, status: str) -> bool:
    """Tell whether a server takes nothing from us for now: greylisting, rates, reputation say nothing of a mailbox."""
    if status.startswith("4.7."):
        return True
    return POLICY.search(words) is not None and not FULL.search(words)


def is_about_the_sender(words: str) -> bool:
    """Tell whether a server's final refusal is of who sends."""
    found = STATUS.search(words)
    return SENDER.search(words) is not None or (found is not None and (int(found[2]), int(found[3])) in OF_SENDERS)


def _final(subject: int, detail: int, words: str) -> Bad:
    if (subject, detail) in OF_SENDERS:
        return Bad.POLICY
    # Some give 5.1.1 for a mailbox that is full.
    if (subject, detail) in OF_NOBODY and not (detail == 1 and FULL.search(words)):
        # Some give 5.1.1 for what they take for spam.
        return Bad.POLICY if POLICY.search(words) and not UNKNOWN_USER.search(words) else Bad.HARD
    if (subject, detail) == (4, 1) and "recipient address rejected" in words.lower():
        return Bad.HARD  # Exchange Online's words for nobody of that name
    if subject == 7 or (subject, detail) in {(2, 3), (3, 4), (6, 0)}:
        return Bad.HARD if UNKNOWN_USER.search(words) and not POLICY.search(words) else Bad.POLICY
    if subject in (2, 3, 4) and not UNKNOWN_USER.search(words):
        return Bad.SOFT
    if FULL.search(words):
        return Bad.SOFT
    if UNKNOWN_USER.search(words):
        return Bad.HARD
    return Bad.POLICY if POLICY.search(words) else Bad.SOFT


def _is_bounce(message: Message) -> bool:
    if message["X-Failed-Recipients"] is not None:
        return True
    writer = f"{message.get('Return-Path', '')} {message.get('From', '')}"
    return ROBOTS.search(writer) is not None or BOUNCE_SUBJECTS.search(_subject(message)) is not None


def _is_automatic_answer(message: Message) -> bool:
    """Tell an out-of-office answer from a bounce (RFC 3834, 5)."""
    if str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied"):
        # Servers use it for bounces too (RFC 3464 reports by Postfix): those come from a robot.
        return ROBOTS.search(f"{message.get('From', '')}") is None
    names = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    if any(message[name] is not None for name in names) or str(message.get("Precedence", "")).lower() == "auto_reply":
        return True
    return AUTO_REPLY_SUBJECTS.search(_subject(message)) is not None


def _subject(message: Message) -> str:
    try:
        return str(make_header(decode_header(str(message.get("Subject", ""))[:500])))
    except (ValueError, LookupError, MessageError):
        return str(message.get("Subject", ""))[:500]


def _human_words(parts: list[Message]) -> str:
    """Return what a server says before it quotes what it could not deliver."""
    for part in parts:
        if part.get_content_maintype() == "text":
            words = _words_of(part)
            quoted = ORIGINAL.search(words)
            return (words[: quoted.start()] if quoted else words)[:8000]
    return ""


def _words_of(part: Message) -> str:
    if part.is_multipart():
        # The parser takes the blocks of a delivery status for messages with headers alone.
        inner = part.get_payload()
        blocks = inner if isinstance(inner, list) else []
        # Never written anew as headers: the library refuses what a hostile one holds.
        return "\n\n".join(_fields_of(block) for block in blocks if isinstance(block, Message))[:16000]
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        words = octets.decode(charset, "replace")
    except (LookupError, ValueError):
        words = octets.decode("utf-8", "replace")
    return words.replace("\r\n", "\n")[:16000]


def _fields_of(block: Message) -> str:
    fields = "\n".join(f"{name}: {value}" for name, value in block.items())
    rest = block.get_payload()
    return f"{fields}\n\n{rest}" if isinstance(rest, str) and rest else fields
