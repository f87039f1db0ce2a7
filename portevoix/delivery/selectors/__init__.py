"""Reads of the outbox: results of a batch, a sample of a letter, the links that readers follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from django.conf import settings
from django.db.models import CharField, Count, Exists, F, Func, Min, OuterRef, Q, QuerySet, Sum, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portevoix.delivery.exceptions import LinkUnusable
from portevoix.delivery.models import UNSETTLED, Batch, Bounce, LinkTotal, Message, Run, Setback, State, Tally
from portevoix.delivery.rules import merge, pace, reports, tokens
from portevoix.delivery.rules.mime import CompiledLetter
from portevoix.delivery.types import MERGE_FIELDS, Bad, Found, Letter, MergeField, Recipient
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress
from portevoix.people.types import ContactStatus
from portevoix.rights import links
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose


@dataclass(frozen=True)
class Results:
    """What became of a batch, in totals: nothing here says who."""

    queued: int
    sending: int
    paused: int
    sent: int
    failed: int
    suppressed: int
    uncertain: int
    unsubscribed: int
    clicks: int
    links: tuple[tuple[str, int], ...]
    #: Of what was sent or refused: addresses that do not work, for good or for now; servers that want nothing of it;
    #: readers who called it spam.
    bounced: int = 0
    unwanted: int = 0
    complained: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.sent + self.failed + self.suppressed + self.uncertain

    @property
    def waiting(self) -> int:
        return self.queued + self.sending + self.paused


def results(batch: Batch) -> Results:
    """Count a batch's messages by state, its clicks by link and how many left through it."""
    messages = Message.objects.filter(batch=batch)
    states = dict(messages.order_by().values_list("state").annotate(Count("pk")))
    bad = dict(Bounce.objects.filter(batch=batch).order_by().values_list("bad").annotate(Count("pk")))
    followed = tuple(LinkTotal.objects.filter(batch=batch).order_by("number").values_list("target", "clicks"))
    return Results(
        **{state.value: states.get(state.value, 0) for state in State},
        unsubscribed=messages.filter(unsubscribed_at__isnull=False).count(),
        clicks=sum(clicks for _target, clicks in followed),
        links=followed,
        bounced=bad.get(Bad.HARD, 0) + bad.get(Bad.SOFT, 0),
        unwanted=bad.get(Bad.POLICY, 0),
        complained=bad.get(Bad.COMPLAINT, 0),
    )


@dataclass(frozen=True)
class Outset:
    """How far the first sending of some batches is."""

    #: Messages that nobody has tried to send yet. One that a server puts off has been.
    untried: int
    left: int
    #: Of what left, what did so since a moment.
    left_lately: int


def outset(batches: Collection[Batch], since: datetime) -> Outset:
    """Return how far batches are, and how much of them left since a moment."""
    found = Message.objects.filter(batch__in=batches).aggregate(
        untried=Count("pk", filter=Q(state__in=UNSETTLED, attempts=0)),
        left=Count("pk", filter=Q(state=State.SENT)),
        left_lately=Count("pk", filter=Q(state=State.SENT, done_at__gt=since)),
    )
    return Outset(**found)


def pace_set() -> pace.Pace:
    """Return the limits that the host has set."""
    mail = settings.INSTANCE.mail
    return pace.Pace(mail.per_hour, pace.domains(mail.per_hour_to), tuple(mail.warm_up), mail.warm_up_from)


@dataclass(frozen=True)
class DomainPace:
    """A mail domain with a limit of its own."""

    domain: str
    most: int
    in_hour: int
    waiting: int


@dataclass(frozen=True)
class PaceNow:
    """How fast messages leave, how fast they may, and when those that wait will have left."""

    limits: pace.Pace
    in_hour: int
    in_day: int
    #: The most of today, by the warm-up plan.
    ceiling: int | None
    waiting: int
    #: Messages a minute, lately; 0 when none left or it is too early to say.
    rate: float
    domains: list[DomainPace]
    #: Each step of the last day, the oldest first.
    steps: list[tuple[datetime, int]]
    #: Why no server took anything, in the last run.
    fault: str

    def finish(self, waiting: int | None = None) -> datetime | None:
        """Return about when what waits, or so many of it, will have left."""
        number = self.waiting if waiting is None else waiting
        now = clock.now().astimezone(clock.PARIS)
        if not number:
            return None
        found = self.limits.finish(number, now=now, in_day=self.in_day, rate=self.rate / 60)
        slow = [now + pace.HOUR * ((one.waiting + one.in_hour) / one.most) for one in self.domains if one.waiting]
        return max([*slow, found]) if found else None


def pace_now() -> PaceNow:
    """Return the present pace."""
    limits, now = pace_set(), clock.now()
    since = pace.step_of(now) - 144 * pace.STEP
    counted: dict[str, dict[datetime, int]] = {}
    for at, domain, count in Tally.objects.filter(at__gt=since).values_list("at", "domain", "count"):
        counted.setdefault(domain, {})[at] = count
    steps = [since + pace.STEP * number for number in range(1, 145)]
    everything = counted.get("", {})
    midnight = datetime.combine(clock.today(), time.min, clock.PARIS)
    last = Run.objects.filter(channel=Channel.EMAIL).order_by("-pk").first()
    return PaceNow(
        limits=limits,
        in_hour=_since(everything, pace.step_of(now) - pace.HOUR),
        in_day=_since(everything, midnight - pace.STEP),
        ceiling=limits.ceiling(clock.today()),
        waiting=letters_waiting().count(),
        rate=_rate(everything, now),
        domains=_domains(limits, counted, now),
        steps=[(at, everything.get(at, 0)) for at in steps],
        fault=last.fault if last else "",
    )


def letters_waiting() -> QuerySet[Message]:
    """Return the letters that wait, for their turn or for their hour."""
    return Message.objects.filter(state=State.QUEUED, channel=Channel.EMAIL)


def _since(counts: dict[datetime, int], moment: datetime) -> int:
    return sum(count for at, count in counts.items() if at > moment)


def _rate(counts: dict[datetime, int], now: datetime) -> float:
    """Return the messages a minute since the oldest batch that waits began, or within twenty minutes."""
    step = pace.step_of(now)
    oldest = Batch.objects.unfinished().aggregate(at=Min("created_at"))["at"]
    began = max(step - pace.STEP, oldest or step - pace.STEP)
    minutes = (now - began).total_seconds() / 60
    return _since(counts, step - 2 * pace.STEP) / minutes if minutes > 0 else 0.0


def _domains(limits: pace.Pace, counted: dict[str, dict[datetime, int]], now: datetime) -> list[DomainPace]:
    if not limits.per_hour_to:
        return []
    queued = (
        letters_waiting()
        .filter(person__emails__is_primary=True)
        .annotate(domain=_mail_domain("person__emails__address"))
    )
    named = queued.filter(domain__in=list(limits.per_hour_to)).order_by()
    waiting = dict(named.values_list("domain").annotate(Count("pk")))
    hour = pace.step_of(now) - pace.HOUR
    return [
        DomainPace(domain, most, _since(counted.get(domain, {}), hour), waiting.get(domain, 0))
        for domain, most in limits.per_hour_to.items()
    ]


@dataclass(frozen=True)
class CameBack:
    """What came back from one mail domain, or from all the small ones together (no domain), by what it says."""

    domain: str
    addresses: int
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Returns:
    """What came back within a period, in totals."""

    since: datetime
    counts: dict[str, int]
    domains: list[CameBack]
    #: How many messages left within the period.
    sent: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


#: What may come back, in words.
SETBACKS: dict[str, Any] = dict(Setback.choices)
#: Fewer addresses than that at one mail domain may be one family's: they are counted together.
FEW_ADDRESSES = 5


def _mail_domain(address: str) -> Func:
    return Func(F(address), Value("@"), Value(2), function="split_part", output_field=CharField())


def returns(since: datetime) -> Returns:
    """Count what came back since a moment, by kind and by mail domain."""
    found = Bounce.objects.filter(at__gte=since).order_by()
    rows = found.annotate(domain=_mail_domain("email__address")).values_list("domain", "bad").annotate(Count("pk"))
    by_domain: dict[str, Counter[str]] = {}
    for domain, bad, count in rows:
        by_domain.setdefault(domain, Counter())[bad] += count
    addresses = dict(
        found.annotate(domain=_mail_domain("email__address"))
        .values_list("domain")
        .annotate(Count("email", distinct=True))
    )
    small = CameBack("", 0, {})
    domains = []
    for domain, counts in by_domain.items():
        if addresses[domain] >= FEW_ADDRESSES:
            domains.append(CameBack(domain, addresses[domain], dict(counts)))
        else:
            small = CameBack("", small.addresses + addresses[domain], dict(Counter(small.counts) + counts))
    domains.sort(key=lambda one: (-one.total, one.domain))
    totals = sum(by_domain.values(), Counter())
    sent = Tally.objects.filter(domain="", at__gte=since).aggregate(all=Sum("count"))["all"] or 0
    return Returns(since, dict(totals), [*domains, small] if small.addresses else domains, sent)


def address_states() -> list[tuple[str, int]]:
    """Count e-mail addresses by what is known of them, in the order of the states."""
    counted = dict(EmailAddress.objects.order_by().values_list("status").annotate(Count("pk")))
    return [(str(state.label), counted.get(state.value, 0)) for state in ContactStatus]


def last_returns(people: QuerySet[Any], most: int) -> list[Bounce]:
    """Return the last things that came back from some people's addresses."""
    found = Bounce.objects.filter(person__in=people.order_by().values("pk"))
    return list(found.select_related("email", "person", "batch").order_by("-at", "-pk")[:most])


def whom_not_reached(batches: Collection[int], *, undelivered: bool, uncertain: bool) -> QuerySet[Any, Any]:
    """Return the ids of those whom batches did not reach: their servers refused, it came back, or nobody knows."""
    meant: Any = Q(pk__in=[])
    if undelivered:
        meant |= Q(state=State.FAILED) | Q(state=State.SENT) & Exists(_came_back())
    if uncertain:
        meant |= Q(state=State.UNCERTAIN)
    return _of(batches).filter(meant).order_by().values("person")


def who_has(batches: Collection[int], *, uncertain: bool) -> QuerySet[Any, Any]:
    """Return the ids of those who have a letter of these batches, or will: nobody writes to them again.

    With ``uncertain``, also those of whom nobody knows.
    """
    will: Any = Q(state__in=UNSETTLED) | Q(state=State.SENT) & ~Exists(_came_back())
    return _of(batches).filter(will | Q(state=State.UNCERTAIN) if uncertain else will).order_by().values("person")


def who_was_written(batches: Collection[int]) -> QuerySet[Any, Any]:
    """Return the ids of those to whom these batches were not held back."""
    return _of(batches).exclude(state=State.SUPPRESSED).order_by().values("person")


def _of(batches: Collection[int]) -> QuerySet[Message]:
    return Message.objects.filter(batch__in=batches, person__isnull=False)


def _came_back() -> QuerySet[Bounce]:
    return Bounce.objects.filter(message=OuterRef("pk"), bad__in=[Bad.HARD, Bad.SOFT, Bad.POLICY])


def samples(*, is_known: bool = True) -> dict[str, str]:
    """Return what merge fields say of an invented reader; of one who gave no more than an address, if so asked."""
    return {
        name: str(field.sample) if is_known or field.is_always_known else "" for name, field in MERGE_FIELDS.items()
    }


def sample(letter: Letter, *, is_known: bool = True) -> Letter:
    """Return the letter as an invented reader would see it. Raises LetterError, as sending would."""
    CompiledLetter(letter, known=MERGE_FIELDS)
    return _filled(letter, samples(is_known=is_known))


def of_nobody(letter: Letter) -> Letter:
    """Return the letter with the words that stand for a reader of whom nothing is known. Raises LetterError."""
    return _filled(letter, dict.fromkeys(MERGE_FIELDS, ""))


def _filled(letter: Letter, values: dict[str, str]) -> Letter:
    return replace(
        letter,
        subject=merge.filled(merge.cut(letter.subject, known=MERGE_FIELDS), values),
        text=merge.filled(merge.cut(letter.text, known=MERGE_FIELDS), values),
        html=merge.filled(merge.cut(letter.html, known=MERGE_FIELDS), values, escape=merge.escaped),
    )


def link_address(code: str, number: int) -> str:
    """Return the counted address of a batch's link."""
    return settings.BASE_URL + reverse("delivery:link", args=[code, number])


def picture_address(code: str) -> str:
    """Return the address of the picture by which a batch's openings are counted, the same for every reader."""
    return settings.BASE_URL + reverse("delivery:picture", args=[code])


def readers_own(recipients: Sequence[Recipient]) -> list[str]:
    """Return what stands behind the links of each recipient: a word of their own if they agree now, or nothing.

    Loi 78-17, art. 82: the consent that counts is the one that lives when the letter leaves.
    """
    people = [one.person_id for one in recipients]
    agree = set(Ground.objects.in_use(Purpose.MEASUREMENT).filter(person__in=people).values_list("person", flat=True))
    key = tokens.reader_key_from(settings.SECRET_KEY)
    return ["/" + tokens.token_of(one.message_id, key) if one.person_id in agree else "" for one in recipients]


def message_named_by(token: str) -> Message:
    """Return the message of an unsubscribe link, however old. Raises LinkUnusable."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    message_id = tokens.message_in(token, [tokens.key_from(secret) for secret in secrets])
    if message_id is None:
        raise LinkUnusable
    try:
        return Message.objects.select_related("batch", "person").get(pk=message_id)
    except Message.DoesNotExist as error:
        raise LinkUnusable from error


def proved(said: Sequence[reports.Report]) -> list[Found]:
    """Keep the reports that prove which message, and which of its reader's addresses, they are about."""
    keys = [tokens.return_key_from(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    rows = Message.objects.filter(pk__in={one.message_id for one in said}, person__emails__isnull=False)
    addresses: dict[int, dict[str, int]] = {}
    for pk, email, known_as in rows.values_list("pk", "person__emails", "person__emails__address"):
        addresses.setdefault(pk, {})[known_as] = email
    found = []
    for one in said:
        known = addresses.get(one.message_id, {})
        address = tokens.went_to(one.message_id, one.signature, list(known), keys)
        if address is not None:
            found.append(Found(one.message_id, known[address], one.bad, one.status))
    return found


def unsubscribe_urls(recipients: Sequence[Recipient]) -> list[str]:
    """Return each message's own unsubscribe address."""
    key = tokens.key_from(settings.SECRET_KEY)
    before, after = _around_token("delivery:unsubscribe")
    return [before + tokens.token_of(recipient.message_id, key) + after for recipient in recipients]


def _preferences_urls(recipients: Sequence[Recipient]) -> list[str]:
    before, after = _around_token("rights:preferences")
    return [before + links.preferences_token(recipient.person_ref) + after for recipient in recipients]


def _around_token(view: str) -> tuple[str, str]:
    """Work an address out once; readers' own differ by their token only."""
    before, after = reverse(view, args=["-"]).rsplit("-", 1)
    return settings.BASE_URL + before, after


MERGE_FIELDS.add("first_name", MergeField(_("first name"), "Camille", lambda to: [one.first_name for one in to]))
MERGE_FIELDS.add("last_name", MergeField(_("last name"), "Martin", lambda to: [one.last_name for one in to]))
MERGE_FIELDS.add(
    "full_name",
    MergeField(
        _("full name"), "Camille Martin", lambda to: [f"{one.first_name} {one.last_name}".strip() for one in to]
    ),
)
MERGE_FIELDS.add("commune", MergeField(_("commune"), "Rennes", lambda to: [one.commune for one in to]))
MERGE_FIELDS.add("unsubscribe_url", MergeField(_("link to unsubscribe"), "#", unsubscribe_urls, is_always_known=True))
MERGE_FIELDS.add(
    "preferences_url", MergeField(_("link to one's preferences"), "#", _preferences_urls, is_always_known=True)
)


def lost_about(kind: str, *, since: datetime) -> set[int]:
    """Return about which objects of a kind letters of since a moment were refused, held back or bounced."""
    about = Message.objects.filter(batch__about_kind=kind, batch__created_at__gte=since)
    bounced = Exists(Bounce.objects.filter(message=OuterRef("pk"), bad=Bad.HARD))
    lost = about.filter(Q(state__in=[State.FAILED, State.SUPPRESSED]) | bounced)
    return {pk for pk in lost.order_by().values_list("batch__about_id", flat=True) if pk is not None}
