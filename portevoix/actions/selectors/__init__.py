"""What action pages show of who took part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext
from wagtail.models import Page

from portevoix.actions.models import ActionPage, Enquiry, MembershipApplication, Participation, SignedPage
from portevoix.actions.selectors.signatures import shown_of
from portevoix.actions.types import AnswerKind
from portevoix.intake.models import Submission
from portevoix.kernel import clock


def page_of(submission: Submission) -> Page | None:
    """Return the page on which a form was sent, as it is now."""
    taken = Participation.objects.filter(submission=submission).select_related("page").first()
    return taken.page.specific if taken else None


def shown_by(page: ActionPage) -> dict[str, Any]:
    """Return what a page shows of its participants: how many, and the names of who agreed to it."""
    return shown_of(page) if isinstance(page, SignedPage) else {}


@dataclass(frozen=True)
class Line:
    """One page on which citizens act, and what came of it; ``lately`` is of the last thirty days."""

    page: Page
    confirmed: int
    waiting: int
    lately: int
    last_at: datetime | None

    @property
    def kind(self) -> str:
        return str(self.page.specific_class._meta.verbose_name)


def action_pages() -> QuerySet[Page]:
    """Return every page on which citizens act, drafts too."""
    kinds = [model for model in apps.get_models() if issubclass(model, ActionPage)]
    found: QuerySet[Page] = Page.objects.type(*kinds)
    return found


def overview() -> list[Line]:
    """Return the pages on which citizens act with their figures, in two queries: those that move first."""
    pages = list(action_pages().select_related("locale", "content_type"))
    figures = _figures([page.pk for page in pages])
    lines = [_line(page, figures.get(page.pk, {})) for page in pages]
    return sorted(lines, key=lambda line: (not line.page.live, -line.lately, line.page.title))


def line_of(page: Page) -> Line:
    """Return one page's figures."""
    return _line(page, _figures([page.pk]).get(page.pk, {}))


def _line(page: Page, said: dict[str, Any]) -> Line:
    return Line(page, said.get("sure", 0), said.get("waiting", 0), said.get("lately", 0), said.get("last_at"))


def _figures(pages: list[int]) -> dict[int, dict[str, Any]]:
    since = clock.now() - timedelta(days=30)
    taken = Participation.objects.filter(page__in=pages)
    counted = (
        taken.counted()
        .values("page")
        .annotate(sure=Count("pk"), lately=Count("pk", filter=Q(confirmed_at__gte=since)), last_at=Max("confirmed_at"))
    )
    waiting = taken.filter(confirmed_at=None).values("page").annotate(waiting=Count("pk"))
    figures: dict[int, dict[str, Any]] = {}
    for row in (*counted, *waiting):
        figures.setdefault(row["page"], {}).update(row)
    return figures


def taken_by(person_id: int) -> QuerySet[Participation]:
    """Return what a person took part in, as far as it counts, the latest first."""
    return Participation.objects.filter(person=person_id).counted().select_related("page").order_by("-confirmed_at")


def answers_of(taken: Participation) -> list[tuple[str, str]]:
    """Return each question that was answered, in the words that it had, with the answer."""
    words = {"yes": gettext("yes"), "no": gettext("no")}
    said = []
    for question in taken.version.questions:
        if question.key in taken.answers:
            answer = taken.answers[question.key]
            shown = ", ".join(answer) if isinstance(answer, list) else str(answer)
            said.append((question.label, words.get(shown, shown) if question.kind == AnswerKind.YES_NO else shown))
    return said


def is_taken_part_in(pages: Iterable[Page]) -> bool:
    """Tell whether anybody's part in an action hangs on one of these pages, or on one below."""
    below = [Q(page__path__startswith=page.path) for page in pages]
    held = (Participation, Enquiry, MembershipApplication)
    return bool(below) and any(model._default_manager.filter(reduce(or_, below)).exists() for model in held)
