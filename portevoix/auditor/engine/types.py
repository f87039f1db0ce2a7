"""What was seen of a site, and what is said of it. Plain values: written to JSON and read back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """What the visitor did with the banner: nothing, refuse, accept."""

    NONE = "none"
    REFUSE = "refuse"
    ACCEPT = "accept"


class Status(StrEnum):
    """How a criterion stands. UNKNOWN is an answer, with its reason; PASS is never given for want of evidence."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Weight(StrEnum):
    """What a finding does to its criterion: a warning and a note leave it as it is."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WARNING = "warning"
    NOTE = "note"


class Criterion(StrEnum):
    """The five questions."""

    CONSENT = "consent"
    PERSONAL = "personal"
    TRANSFERS = "transfers"
    SOVEREIGNTY = "sovereignty"
    TRANSPARENCY = "transparency"


# ---- what was seen


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the browser. ``body`` is cut; ``hop_of`` is the address that redirected here."""

    url: str
    kind: str = "other"
    method: str = "GET"
    page: str = ""
    frame: str = ""
    at: float = 0.0
    status: int = 0
    initiator: str = ""
    hop_of: str = ""
    body: str = ""
    failure: str = ""
    by_worker: bool = False


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as the browser holds it at the end; ``days`` is None for one that ends with the session."""

    name: str
    value: str
    domain: str
    path: str = "/"
    days: float | None = None
    http_only: bool = False
    secure: bool = False
    same_site: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry of a browser's storage: ``kind`` is local, session, indexeddb, cache or worker."""

    kind: str
    origin: str
    key: str
    value: str = ""
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that a script did: read a canvas, listened to keys, opened a socket…"""

    kind: str
    origin: str
    script: str = ""
    detail: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """Words put on a socket by a page; without words, the socket's opening."""

    url: str
    body: str
    page: str = ""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class FormField:
    name: str
    kind: str
    label: str = ""
    is_required: bool = False
    is_ticked: bool = False
    #: What a list offers.
    options: str = ""
    #: A trap for machines is shown to nobody.
    is_seen: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A form, with the words around it and the links inside."""

    page: str
    action: str
    method: str
    fields: tuple[FormField, ...]
    text: str = ""
    links: tuple[str, ...] = ()
    #: What left when its button was pressed with the wire held; None where that was not tried.
    sent: tuple[Request, ...] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Banner:
    """What was found of a consent banner on its first layer, before anything was clicked."""

    is_there: bool = False
    by: str = ""
    accept: str = ""
    refuse: str = ""
    settings: str = ""
    text: str = ""
    refuse_is_reachable: bool = True
    #: What else can be pressed there, in words that are not known: one of them may refuse.
    others: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A page visited, or the reason why it could not be."""

    url: str
    asked: str
    status: int = 0
    title: str = ""
    text: str = ""
    language: str = ""
    kind: str = ""
    links: tuple[Link, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    tls: dict[str, str] = field(default_factory=dict)
    picture: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """One pass with a fresh profile."""

    phase: Phase
    pages: tuple[Page, ...] = ()
    requests: tuple[Request, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    stored: tuple[Stored, ...] = ()
    probes: tuple[Probe, ...] = ()
    sent: tuple[Sent, ...] = ()
    forms: tuple[Form, ...] = ()
    banner: Banner = field(default_factory=Banner)
    clicked: str = ""
    clicked_by: str = ""
    clicked_at: float = 0.0
    picture: str = ""
    trouble: str = ""
    seconds: float = 0.0
    #: What happened and is not noted, or could not be read: each keeps a criterion from passing.
    gaps: tuple[str, ...] = ()
    #: The hosts dialled in this pass, each with the last time; None where the passes were not told apart.
    dialled: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A name that was asked for on the wire: its aliases, its addresses, or why it was not reached."""

    name: str
    aliases: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Zone:
    """What the name servers say of the site's own domain; None where they were not asked or did not answer."""

    domain: str
    name_servers: tuple[str, ...] | None = None
    mail_servers: tuple[str, ...] | None = None
    senders: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """All that was seen of a site: enough to judge it again without a network."""

    url: str
    began_at: str
    visits: tuple[Visit, ...] = ()
    hosts: tuple[Host, ...] = ()
    zone: Zone | None = None
    browser: str = ""
    seconds: float = 0.0
    trouble: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    def visit(self, phase: Phase) -> Visit | None:
        return next((visit for visit in self.visits if visit.phase is phase), None)


# ---- what is said


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where it was seen, by whom, and how."""

    what: str
    phase: str = ""
    page: str = ""
    source: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule found: its name, its weight, whom it concerns, the evidence."""

    rule: str
    criterion: Criterion
    weight: Weight
    subject: str = ""
    evidence: tuple[Evidence, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    criterion: Criterion
    status: Status
    decided_by: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets something: a host, its company, its country, and whether the law lets data go there."""

    host: str
    aliases: tuple[str, ...] = ()
    address: str = ""
    country: str = ""
    network: str = ""
    company: str = ""
    parent: str = ""
    company_country: str = ""
    category: str = ""
    is_own: bool = False
    adequacy: str = "unknown"
    reach: str = ""
    phases: tuple[str, ...] = ()
    #: From where and when the company, its parent and their country are known; empty: general knowledge, not checked.
    owner_source: str = ""
    #: Of a company of the United States: what is known of its certification under the EU-US framework, and when.
    certification: str = ""
    #: Where and when the company says of itself that it is certified, if that was read: it proves nothing.
    claim: str = ""
    #: Every machine behind the name, where there are several: each may answer, and the worst of them counts.
    machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer on which the site stands: host, names, mail…"""

    layer: str
    what: str
    company: str = ""
    parent: str = ""
    country: str = ""
    place: str = ""
    reach: str = ""
    status: Status = Status.UNKNOWN
    reason: str = ""
    owner_source: str = ""
    certification: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer."""

    url: str
    made_at: str
    engine: str
    overall: Status
    verdicts: tuple[Verdict, ...]
    receivers: tuple[Receiver, ...] = ()
    layers: tuple[Layer, ...] = ()
    lists: dict[str, str] = field(default_factory=dict)
    missing_lists: dict[str, str] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    began_at: str = ""
    browser: str = ""
    seconds: float = 0.0
    #: How much of the table of owners rests on a source: companies, sourced, of the US, looked up in the framework.
    owners: dict[str, int] = field(default_factory=dict)
    #: The EU-US framework on the day: decision, since when, judgments, whether it is in force; empty in older reports.
    framework: dict[str, str] = field(default_factory=dict)

    def verdict(self, criterion: Criterion) -> Verdict:
        return next(verdict for verdict in self.verdicts if verdict.criterion is criterion)
