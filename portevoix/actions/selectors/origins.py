"""What came of the visits to an action: forms sent and confirmed, by where they came from. Nobody is in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from wagtail.models import Page

from portevoix.accounts.types import Actor
from portevoix.actions.models import OriginMark, Participation, ShareCode
from portevoix.actions.selectors.sharing import FEWEST_SAID
from portevoix.actions.types import Stage
from portevoix.audience.models import DailyCount
from portevoix.audience.rules import origin_of
from portevoix.disclosure.types import Totals
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar
from portevoix.people.models import Person

SENT = Count("pk", filter=Q(stage=Stage.SENT))
CONFIRMED = Count("pk", filter=Q(stage=Stage.CONFIRMED))
#: Lines of a table.
MOST = 30


@dataclass(frozen=True)
class Came:
    """A way by which people came; ``visits`` is None where visits are not told apart by it.

    ``person`` is whose link it was, where whoever asks may know.
    """

    name: str
    visits: int | None
    sent: int
    confirmed: int
    person: Person | None = None

    @property
    def rate(self) -> str:
        """How many confirmed a hundred visits; of those who sent the form, where visits are not known."""
        return share(self.confirmed, self.sent if self.visits is None else self.visits)


@dataclass
class _Numbers:
    visits: int = 0
    sent: int = 0
    confirmed: int = 0


@dataclass(frozen=True)
class Conversion:
    """What became of the visits to one page over some days, today included."""

    visits: int
    sent: int
    confirmed: int
    days: list[Bar]
    sites: list[Came]
    sources: list[Came]
    links: list[Came]
    recruited: Came

    @property
    def rate(self) -> str:
        return share(self.confirmed, self.visits)

    @property
    def confirming(self) -> str:
        """How many confirm of those who send the form."""
        return share(self.confirmed, self.sent)


def share(part: int, whole: int) -> str:
    """Return a share in hundredths; a dash where there is nothing to share, or not all of the whole was counted."""
    return f"{number_format(100 * part / whole, 1)} %" if whole and whole >= part else "–"


def conversion(page: Page, number: int) -> Conversion:
    """Return what came of the visits of the last days."""
    since = clock.today() - timedelta(days=number - 1)
    marks = OriginMark.objects.filter(page=page.pk, day__gte=since).order_by()
    seen = DailyCount.objects.filter(path=path_of(page), day__gte=since).order_by()
    totals = marks.aggregate(sent=SENT, confirmed=CONFIRMED)
    own = marks.filter(is_recruited=True).aggregate(sent=SENT, confirmed=CONFIRMED)
    led = seen.filter(is_by_personal_link=True).aggregate(total=Sum("visits"))["total"] or 0
    return Conversion(
        visits=seen.aggregate(total=Sum("visits"))["total"] or 0,
        sent=totals["sent"],
        confirmed=totals["confirmed"],
        days=_days(marks, seen, since, number),
        sites=_sites(marks, seen),
        sources=_sources(marks, seen),
        links=_links(marks, seen),
        recruited=Came(gettext("a participant’s own link"), led, own["sent"], own["confirmed"]),
    )


def path_of(page: Page) -> str:
    """Return the address under which visits to a page are counted."""
    return urlsplit(page.url or "").path[:300]


def _days(marks: QuerySet[OriginMark], seen: QuerySet[DailyCount], since: date, number: int) -> list[Bar]:
    visits = dict(seen.values_list("day").annotate(total=Sum("visits")))
    found = {day: (sent, sure) for day, sent, sure in marks.values_list("day").annotate(sent=SENT, sure=CONFIRMED)}
    days = [since + timedelta(days=step) for step in range(number)]
    return [
        Bar(date_format(day, "j F"), sure, (sent, visits.get(day, 0)))
        for day in days
        for sent, sure in [found.get(day, (0, 0))]
    ]


def _sites(marks: QuerySet[OriginMark], seen: QuerySet[DailyCount]) -> list[Came]:
    """Put visits and forms of one origin side by side, in the words of the audience counter."""
    counts: dict[str, _Numbers] = defaultdict(_Numbers)
    for origin, visits in seen.values_list("origin").annotate(total=Sum("visits")):
        counts[origin].visits += visits
    for host, sent, sure in marks.values_list("referrer").annotate(sent=SENT, sure=CONFIRMED):
        line = counts[origin_of(f"https://{host}/", "") or "" if host else ""]
        line.sent += sent
        line.confirmed += sure
    return _ordered(
        Came(origin_in_words(origin), numbers.visits, numbers.sent, numbers.confirmed)
        for origin, numbers in counts.items()
    )


def _ordered(lines: Iterable[Came]) -> list[Came]:
    return sorted(lines, key=lambda line: (-line.confirmed, -(line.visits or 0), -line.sent, line.name))[:MOST]


def _sources(marks: QuerySet[OriginMark], seen: QuerySet[DailyCount]) -> list[Came]:
    """Put visits and forms side by side by the word that the link had: both are counted by the same words."""
    counts: dict[str, _Numbers] = defaultdict(_Numbers)
    for word, visits in seen.exclude(source="").values_list("source").annotate(total=Sum("visits")):
        counts[word].visits += visits
    for word, sent, sure in marks.exclude(source="").values_list("source").annotate(sent=SENT, sure=CONFIRMED):
        counts[word].sent += sent
        counts[word].confirmed += sure
    return _ordered(Came(word, numbers.visits, numbers.sent, numbers.confirmed) for word, numbers in counts.items())


def origin_in_words(origin: str) -> str:
    """Return an origin of visits as it is said."""
    said = {"": gettext("directly"), "search": gettext("search engines"), "social": gettext("social networks")}
    return said.get(origin, origin)


def _links(marks: QuerySet[OriginMark], seen: QuerySet[DailyCount]) -> list[Came]:
    """Put visits and forms side by side by all that the link said, which both are counted by."""
    words = ("source", "medium", "campaign")
    counts: dict[tuple[str, ...], _Numbers] = defaultdict(_Numbers)
    for *said, visits in seen.values_list(*words).annotate(total=Sum("visits")):
        counts[tuple(said)].visits += visits
    for *said, sent, sure in marks.values_list(*words).annotate(sent=SENT, sure=CONFIRMED):
        counts[tuple(said)].sent += sent
        counts[tuple(said)].confirmed += sure
    return _ordered(
        Came(" · ".join(filter(None, said)), numbers.visits, numbers.sent, numbers.confirmed)
        for said, numbers in counts.items()
        if any(said)
    )


def recruiters(page: Page, number: int, actor: Actor) -> list[Came]:
    """Return what came by the links of participants in the last days, by whose they were.

    Nobody stands there for fewer than some: a small number beside a name says who of one's friends signed (RGPD art.
    9). Neither does who took their own part back. All of these are one line, without a name. Visits are not told apart
    by whose link began them: nothing that visitors do is kept beside a person.
    """
    since = clock.today() - timedelta(days=number - 1)
    parts = Participation.objects.filter(page=page.pk, created_at__date__gte=since).order_by()
    brought = Counter(dict(parts.counted().exclude(recruiter=None).values_list("recruiter").annotate(n=Count("pk"))))
    unsure = parts.filter(confirmed_at=None).exclude(share_code="").values_list("share_code", "person")
    codes = ShareCode.objects.in_force().filter(page=page.pk)
    own = dict(
        codes.filter(Q(person__in=brought) | Q(code__in={code for code, _sender in unsure})).values_list(
            "code", "person"
        )
    )
    waiting = Counter(own[code] for code, sender in unsure if own.get(code, sender) != sender)
    told = {pk for pk, sure in brought.items() if sure >= FEWEST_SAID and pk in own.values()}
    people = Person.objects.visible_to(actor).in_bulk(told)
    somebody = gettext("somebody whom you may not see")
    lines = [
        Came(str(people.get(pk, somebody)), None, brought[pk] + waiting[pk], brought[pk], people.get(pk)) for pk in told
    ]
    sure = sum(brought.values()) - sum(brought[pk] for pk in told)
    sent = sure + sum(waiting.values()) - sum(waiting[pk] for pk in told)
    others = [Came(gettext("others, fewer than three each"), None, sent, sure)] if sure >= FEWEST_SAID else []
    return [*_ordered(lines), *others]


def as_totals(page: Page, found: Conversion) -> list[Totals]:
    """Return the same as tables to download."""
    columns = ("", gettext("visits"), gettext("sent"), gettext("confirmed"))

    def table(name: str, lines: Iterable[Came]) -> Totals:
        return Totals(name, columns, tuple((one.name, one.visits, one.sent, one.confirmed) for one in lines))

    days = tuple((bar.label, bar.others[1], bar.others[0], bar.value) for bar in found.days)
    return [
        table(gettext("page"), [Came(page.title, found.visits, found.sent, found.confirmed)]),
        table(gettext("site"), found.sites),
        table(gettext("word of the link"), [found.recruited, *found.sources]),
        table(gettext("link"), found.links),
        Totals(gettext("day"), columns, days),
    ]
