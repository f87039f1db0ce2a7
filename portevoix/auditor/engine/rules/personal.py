"""Criterion 2: no personal data to others before consent, and forms that say what they do (RGPD art. 6, 7, 9, 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus, urlsplit

from portevoix.auditor.engine.domains import registrable
from portevoix.auditor.engine.rules.reading import Read, Reading, evidence_of, of_plain_http
from portevoix.auditor.engine.types import (
    Criterion,
    Evidence,
    Finding,
    Form,
    Phase,
    Request,
    Sent,
    Weight,
)
from portevoix.auditor.engine.words.canary import CANARY, CANARY_SEARCH, typed
from portevoix.auditor.engine.words.forms import asks_for_persons, host_of, is_personal, is_unread
from portevoix.auditor.engine.words.patterns import (
    BASIS,
    CONSENTS,
    JOINS,
    OPINION,
    POLICY,
    POLICY_LINK,
    PURPOSE,
    SIDES,
)

#: The mouse was at these places: two of them in one message are no chance.
PATH = (("417", "293"), ("523", "311"), ("611", "347"), ("389", "402"))
BEFORE = (Phase.NONE, Phase.REFUSE)
#: A key as messages tell it; how many other signs may stand between two; how much of a message is looked through.
KEYS = re.compile(r"(?<![A-Za-z0-9])(?:([A-Za-z0-9])|(?:Key|Digit)([A-Z0-9])|(\d{2,3}))(?![A-Za-z0-9])")
BETWEEN, MESSAGE = 8, 20_000


def find(reading: Reading) -> Iterator[Finding]:
    """Return all that speaks for or against the second criterion."""
    if reading.says_nothing:
        return
    known: set[tuple[str, str]] = set()
    for finding in (*_third_parties(reading), *_sent_on(reading), *_one_by_one(reading), *_webrtc(reading)):
        if (finding.rule, finding.subject) not in known:
            known.add((finding.rule, finding.subject))
            yield finding
    for form in _forms(reading):
        yield from _form(reading, form)
        yield from _sent_by(reading, form)
    yield from _unread(reading)


def _finding(rule: str, weight: Weight, subject: str, *evidence: Evidence, reason: str = "") -> Finding:
    return Finding(rule, Criterion.PERSONAL, weight, subject, evidence[:8], reason)


# ---- others who receive


def _third_parties(reading: Reading) -> Iterator[Finding]:
    """Whoever is asked for something receives at least the address of the visitor."""
    for phase in BEFORE:
        visit = reading.capture.visit(phase)
        since = visit.clicked_at if visit and phase is Phase.REFUSE and visit.clicked else 0.0
        for read in reading.requests(phase):
            if read.request.at < since or not (read.is_third or read.alias):
                continue
            subject = registrable(read.alias or read.host)
            if read.tracks:
                yield _finding("address-to-tracker", Weight.FAIL, subject, evidence_of(read), reason=read.kind)
            elif read.is_third:
                yield _resource(reading, read, subject)


def _resource(reading: Reading, read: Read, subject: str) -> Finding:
    """Fonts, libraries, maps, captchas: the law asks for a legal basis that no machine can see."""
    kind = read.kind or "other"
    if kind == "consent" and not reading.is_strict:
        return _finding("consent-tool-third-party", Weight.NOTE, subject, evidence_of(read), reason=kind)
    rule = (
        f"third-party-{kind}"
        if kind in {"fonts", "captcha", "video", "map", "cdn", "payment", "social"}
        else "third-party-other"
    )
    rule = "consent-tool-third-party" if kind == "consent" else rule
    weight = Weight.FAIL if reading.is_strict or kind == "social" else Weight.UNKNOWN
    return _finding(rule, weight, subject, evidence_of(read), reason=kind)


# ---- words and identifiers that leave


def _sent_on(reading: Reading) -> Iterator[Finding]:
    for phase in BEFORE:
        own = _identifiers(reading, phase)
        for read, body in _messages(reading, phase):
            told = f"{read.request.url}\n{body}"
            if name := typed(told, with_searches=read.is_third or bool(read.alias)):
                yield _finding("keystrokes-sent", Weight.FAIL, read.host, evidence_of(read, f"typed words, {name}"))
            if not (read.is_third or read.alias):
                continue
            if _follows_the_mouse(told) or _holds_the_page(reading, body):
                yield _finding("session-recorded", Weight.FAIL, read.host, evidence_of(read, "the mouse or the page"))
            for key, value in own.items():
                if value in told:
                    yield _finding("identifier-sent", Weight.FAIL, f"{key} → {read.host}", evidence_of(read, key))
                    break


def _one_by_one(reading: Reading) -> Iterator[Finding]:
    """Typed words that leave a letter at a time, each in a message or in a list of events."""
    for phase in BEFORE:
        told: dict[str, list[str]] = {}
        first: dict[str, Read] = {}
        for read, body in _messages(reading, phase):
            first.setdefault(read.host, read)
            told.setdefault(read.host, []).append(f"{urlsplit(read.request.url).query}\n{body}")
        for host, messages in told.items():
            read = first[host]
            words = (CANARY, CANARY_SEARCH) if read.is_third or read.alias else (CANARY,)
            letters = [letter for message in messages for letter in _letters(message)]
            if any(_spells(letters, word) for word in words):
                seen = evidence_of(read, "typed words, letter by letter")
                yield _finding("keystrokes-sent", Weight.FAIL, host, seen)


def _letters(message: str) -> Iterator[str]:
    """Return what may be a key in a message: a sign alone, « KeyP », or a key's number."""
    for sign, key, number in KEYS.findall(unquote_plus(message)[:MESSAGE]):
        letter = (sign or key).lower() or chr(int(number)).lower()
        if letter.isalnum():
            yield letter


def _spells(letters: list[str], word: str) -> bool:
    """Tell whether letters spell a word in order, with little between: eleven in a row are no chance."""
    for start in (at for at, letter in enumerate(letters) if letter == word[0]):
        at = start
        for wanted in word[1:]:
            ahead = letters[at + 1 : at + 1 + BETWEEN]
            if wanted not in ahead:
                break
            at += 1 + ahead.index(wanted)
        else:
            return True
    return False


def _messages(reading: Reading, phase: Phase) -> Iterator[tuple[Read, str]]:
    for read in reading.requests(phase):
        yield read, read.request.body
    visit = reading.capture.visit(phase)
    for sent in visit.sent if visit else ():
        if sent.body:
            yield _as_read(reading, sent, phase), sent.body


def _as_read(reading: Reading, sent: Sent, phase: Phase) -> Read:
    host = urlsplit(sent.url).hostname or ""
    return Read(Request(sent.url, "websocket", page=sent.page, at=sent.at), phase, host, not reading.is_own(host))


def _follows_the_mouse(told: str) -> bool:
    places = sum(bool(re.search(rf"\b{x}(?:\.\d+)?\W{{1,12}}(?:\w{{0,3}}\W{{0,6}})?{y}\b", told)) for x, y in PATH)
    return places >= 2


def _holds_the_page(reading: Reading, body: str) -> bool:
    """A message that carries the page's own words, with its marks: a recording."""
    if len(body) < 300 or not re.search(r"<(?:html|body|div|main|p)\b|\\u003c|%3Cdiv|%3Cbody", body, re.IGNORECASE):
        return False
    words = [word for page in reading.pages for word in page.text.split("\n")[0].split(" ") if len(word) > 6][:12]
    return sum(word in body for word in words) >= min(3, len(words)) > 0


def _identifiers(reading: Reading, phase: Phase) -> dict[str, str]:
    """Return the site's own identifiers: kept, and different in each fresh profile."""
    own = {
        cookie.name: cookie.value
        for cookie in reading.cookies(phase)
        if ("cookie", cookie.name) in reading.changing and reading.is_own(cookie.domain.lstrip("."))
    }
    own |= {
        one.key: one.value
        for one in reading.stored(phase)
        if (one.kind, one.key) in reading.changing and reading.is_own(urlsplit(one.origin).hostname or "")
    }
    return {key: value for key, value in own.items() if len(value) >= 10}


def _webrtc(reading: Reading) -> Iterator[Finding]:
    for phase in BEFORE:
        visit = reading.capture.visit(phase)
        for probe in visit.probes if visit else ():
            hosts = [one.split(":")[1].split("?")[0].strip("/") for one in probe.detail.split() if ":" in one]
            foreign = [host for host in hosts if not reading.is_own(host)]
            if probe.kind == "webrtc" and foreign:
                seen = Evidence(probe.detail, str(phase), probe.page, probe.script, "the address inside the network")
                yield _finding("webrtc-address", Weight.FAIL, foreign[0], seen)


# ---- forms


def _forms(reading: Reading) -> Iterator[Form]:
    """Return the forms that ask for something personal, once each."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for form in reading.none.forms:
        asked = tuple(field.name for field in form.fields)
        key = (form.action.split("?")[0], asked)
        if key not in seen and asks_for_persons(form):
            seen.add(key)
            yield form


def _form(reading: Reading, form: Form) -> Iterator[Finding]:
    names = ", ".join(field.name or field.label or field.kind for field in form.fields if is_personal(field))
    place = Evidence(f"form → {form.action}"[:400], "none", form.page, detail=names[:300])
    target = host_of(form.action)
    wrong = {
        "form-without-policy": not any(POLICY_LINK.search(link) for link in form.links),
        "form-without-purpose": not PURPOSE.search(form.text),
        "form-by-get": form.method == "get",
        "form-opinion-without-consent": _asks_opinion(form) and not _has_consent_box(form),
    }
    for rule, is_so in wrong.items():
        if is_so:
            yield _finding(rule, Weight.FAIL, form.page, place)
    if form.action.startswith("http:"):
        weight, reason = of_plain_http(target)
        yield _finding("form-not-encrypted", weight, form.page, place, reason=reason)
    if not _says_its_basis(form):
        # Said one click away, it is said late; said nowhere, it is not said (art. 13(1)(c)).
        weight = Weight.WARNING if _policy_says_basis(reading) else Weight.FAIL
        yield _finding("form-without-basis", weight, form.page, place)
    if JOINS.search(form.text) and not wrong["form-opinion-without-consent"] and not _has_consent_box(form):
        yield _finding("form-shows-opinion", Weight.WARNING, form.page, place)
    for field in (one for one in form.fields if one.kind == "checkbox" and one.is_ticked):
        subject = f"{form.page} {field.name}"
        yield _finding("form-ticked-box", Weight.FAIL, subject, place, reason=field.label or field.name)
    if target and not reading.is_own(target):
        yield _finding("form-to-third-party", Weight.UNKNOWN, target, place)


def _sent_by(reading: Reading, form: Form) -> Iterator[Finding]:
    """Where a form sends once it is pressed: its own address says little where a script sends."""
    told = {host_of(form.action)}
    for read in reading.sent_by(form):
        how = typed(f"{read.request.url}\n{read.request.body}")
        if read.host in told or not (read.is_third or read.alias):
            continue
        told.add(read.host)
        seen = evidence_of(read, f"typed words, {how}" if how else "sent by a script")
        if read.tracks or read.kind == "social":
            yield _finding("form-to-tracker", Weight.FAIL, read.host, seen, reason=read.kind)
        else:
            yield _finding("form-to-third-party", Weight.UNKNOWN, read.host, seen, reason="sent by a script")
    if not _is_followed(form):
        place = Evidence(f"form → {form.action}"[:400], "none", form.page)
        yield _finding("form-not-followed", Weight.UNKNOWN, form.page, place, reason="nothing was seen to leave")


def _is_followed(form: Form) -> bool:
    """Tell whether what was typed was seen on its way; of one that was not tried only its own address is known."""
    if form.sent is None:
        return form.method != "script"
    return any(one.kind == "document" or typed(f"{one.url}\n{one.body}") for one in form.sent)


def _unread(reading: Reading) -> Iterator[Finding]:
    """A field that is called nothing may ask for anything."""
    for form in reading.none.forms:
        if is_unread(form):
            place = Evidence(f"form → {form.action}"[:400], "none", form.page)
            yield _finding("form-not-read", Weight.UNKNOWN, form.page, place, reason="a field without a name")


def _says_its_basis(form: Form) -> bool:
    """Tell whether the form says on what ground it takes data: in words, or by asking for consent."""
    return bool(BASIS.search(form.text)) or _has_consent_box(form)


def _policy_says_basis(reading: Reading) -> bool:
    return any(POLICY["basis"].search(page.text) for page in reading.pages if page.kind in {"privacy", "legal"})


def _asks_opinion(form: Form) -> bool:
    asked = (field for field in form.fields if field.kind not in {"hidden", "submit", "button"})
    return any(
        OPINION.search(f"{field.name} {field.label}") or SIDES.search(field.options)
        for field in asked
        if not CONSENTS.search(field.label)
    )


def _has_consent_box(form: Form) -> bool:
    return any(
        field.kind == "checkbox" and not field.is_ticked and CONSENTS.search(f"{field.label} {field.name}")
        for field in form.fields
    )
