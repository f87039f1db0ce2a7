"""What came of the visits to an action: forms sent and confirmed, by where they came from. Nobody is in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from wagtail.models import Page

from portevoix.actions.models import OriginMark
from portevoix.actions.types import Stage
from portevoix.audience.models import DailyCount
from portevoix.audience.rules import origin_of
from portevoix.disclosure.types import Totals
from portevoix.kernel import clock
from portevoix.kernel.charts import Bar

SENT = Count("pk", filter=Q(stage=Stage.SENT))
CONFIRMED = Count("pk", filter=Q(stage=Stage.CONFIRMED))
#: Lines of a table.
MOST = 30


@dataclass(frozen=True)
class Came:
    """A way by which people came; ``visits`` is None where visits are not told apart by it."""

    name: str
    visits: int | None
    sent: int
    confirmed: int

    @property
    def rate(self) -> str:
        """How many confirmed a hundred visits, where visits are known."""
        return share(self.confirmed, self.visits or 0)


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
    """Return a share in hundredths, or a dash where there is nothing to share."""
    return f"{number_format(100 * part / whole, 1)} %" if whole else "–"


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
        links=_links(marks),
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
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for origin, visits in seen.values_list("origin").annotate(total=Sum("visits")):
        counts[origin][0] += visits
    for host, sent, sure in marks.values_list("referrer").annotate(sent=SENT, sure=CONFIRMED):
        line = counts[origin_of(f"https://{host}/", "") or "" if host else ""]
        line[1] += sent
        line[2] += sure
    lines = [Came(origin_in_words(origin), *numbers) for origin, numbers in counts.items()]
    return sorted(lines, key=lambda line: (-line.confirmed, -(line.visits or 0), line.name))[:MOST]


def _sources(marks: QuerySet[OriginMark], seen: QuerySet[DailyCount]) -> list[Came]:
    """Put visits and forms side by side by the word that the link had: both are counted by the same words."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for word, visits in seen.exclude(source="").values_list("source").annotate(total=Sum("visits")):
        counts[word][0] += visits
    for word, sent, sure in marks.exclude(source="").values_list("source").annotate(sent=SENT, sure=CONFIRMED):
        counts[word][1] += sent
        counts[word][2] += sure
    lines = [Came(word, *numbers) for word, numbers in counts.items()]
    return sorted(lines, key=lambda line: (-line.confirmed, -(line.visits or 0), line.name))[:MOST]


def origin_in_words(origin: str) -> str:
    """Return an origin of visits as it is said."""
    said = {"": gettext("directly"), "search": gettext("search engines"), "social": gettext("social networks")}
    return said.get(origin, origin)


def _links(marks: QuerySet[OriginMark]) -> list[Came]:
    named = marks.exclude(source="", medium="", campaign="").values_list("source", "medium", "campaign")
    found: Iterable[tuple[str, str, str, int, int]] = named.annotate(sent=SENT, sure=CONFIRMED)
    lines = [Came(" · ".join(filter(None, words)), None, sent, sure) for *words, sent, sure in found]
    return sorted(lines, key=lambda line: (-line.confirmed, -line.sent, line.name))[:MOST]


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
