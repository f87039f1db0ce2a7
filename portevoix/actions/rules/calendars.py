"""A meeting as calendars read it (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: A line has at most so many bytes.
LONGEST_LINE = 75


@dataclass(frozen=True)
class Meeting:
    """What a calendar is told."""

    ident: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    place: str
    url: str
    changed_at: datetime
    is_cancelled: bool = False


def calendar(meeting: Meeting) -> str:
    """Return the meeting as a file; one without an end lasts two hours."""
    ends_at = meeting.ends_at or meeting.starts_at + timedelta(hours=2)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Portevoix//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(meeting.ident)}",
        f"DTSTAMP:{_moment(meeting.changed_at)}",
        f"DTSTART:{_moment(meeting.starts_at)}",
        f"DTEND:{_moment(ends_at)}",
        f"SUMMARY:{escaped(meeting.title)}",
        f"LOCATION:{escaped(meeting.place)}",
        f"URL:{meeting.url}",
        *(["STATUS:CANCELLED"] if meeting.is_cancelled else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def escaped(text: str) -> str:
    """Return text as a value may hold it."""
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "")


def folded(line: str) -> str:
    """Return a line cut so that none is too long, never inside a letter."""
    parts, size = [""], 0
    for letter in line:
        weight = len(letter.encode())
        if size + weight > LONGEST_LINE:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += weight
    return "\r\n".join(parts)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
