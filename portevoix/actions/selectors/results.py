"""What the answers to an action add up to: for the site, and for those of the team who may see who answered."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext

from portevoix.accounts.types import Actor
from portevoix.actions.models import ActionPage, FormVersion, Participation
from portevoix.actions.rules import results as rules
from portevoix.actions.types import Question

#: Free texts of one question, on one screen.
MOST_TEXTS = 200


@dataclass(frozen=True)
class Results:
    """What a page's answers add up to; ``answered`` is how many of them these figures are of."""

    answered: int
    tallies: list[rules.Tally]


@dataclass(frozen=True)
class Said:
    """One free text, and as much of who wrote it as reading it needs."""

    participation: int
    text: str
    place: str


def public_results(page: ActionPage) -> Results:
    """Return the figures that the site shows: none below ten answers, then of the oldest, by steps of five."""
    taken = Participation.objects.filter(page=page.pk).counted().order_by("confirmed_at", "pk")
    number = rules.shown_number(taken.count())
    answers = list(taken.values_list("answers", flat=True)[:number])
    return Results(number, [one for one in rules.tallies(page.asked, answers) if one.lines])


def seen_by(page: ActionPage, actor: Actor) -> QuerySet[Participation]:
    """Return what counts of a page, of the people whom the actor may see."""
    return Participation.objects.filter(page=page.pk).visible_to(actor).counted()


def office_results(page: ActionPage, actor: Actor) -> Results:
    """Return the figures for the team: of everybody whom the actor may see, at once; small numbers hide there too."""
    answers = list(seen_by(page, actor).values_list("answers", flat=True))
    return Results(len(answers), rules.tallies(every_question(page), answers))


def every_question(page: ActionPage) -> list[Question]:
    """Return what the page asks, and after it what earlier versions asked and this one does not."""
    found = {question.key: question for question in page.asked if question.is_answer}
    for version in FormVersion.objects.filter(page=page.pk).order_by("-id"):
        for question in version.questions:
            if question.is_answer:
                found.setdefault(question.key, question)
    return list(found.values())


def counted(page: ActionPage) -> list[Question]:
    """Return the questions whose answers add up."""
    return [question for question in every_question(page) if question.kind.is_counted]


def written(page: ActionPage) -> list[Question]:
    """Return the questions whose answers are for reading."""
    return [question for question in every_question(page) if not question.kind.is_counted]


def cross(page: ActionPage, question: Question, actor: Actor) -> rules.Cross:
    """Return how a question was answered in each département."""
    taken = seen_by(page, actor).filter(answers__has_key=question.key)
    rows = taken.values_list("person__commune__departement__name", "person__commune__departement", "answers")
    unknown = gettext("Not known")
    pairs = ((f"{name} ({code})" if name else unknown, answers[question.key]) for name, code, answers in rows)
    return rules.crossed(question, pairs)


def texts(page: ActionPage, question: Question, actor: Actor) -> list[Said]:
    """Return what was written in answer to a question, the latest first, without names: a département, or less."""
    taken = seen_by(page, actor).filter(answers__has_key=question.key).order_by("-confirmed_at", "-pk")
    rows = taken.values_list("pk", "answers", "person__commune__departement__name")[:MOST_TEXTS]
    return [Said(pk, str(answers[question.key]), place or "") for pk, answers, place in rows]


#: Before the number of the page and the key of the question, in the name of a field of an export.
FIELD = "answer"


def export_fields(page: ActionPage) -> list[tuple[str, str]]:
    """Return what an export of a page's answers may hold, as choices."""
    return [(f"{FIELD}_{page.pk}_{question.key}", question.label) for question in every_question(page)]


def export_column(field: str) -> tuple[str, Subquery] | None:
    """Return the label of an answer, and how it is read of a person; None for what is no answer."""
    name, _dash, rest = field.partition("_")
    number, _dash, key = rest.partition("_")
    if name != FIELD or not number.isdecimal():
        return None
    label = next((label for known, label in _labels(int(number)) if known == key), None)
    if label is None:
        return None
    theirs = Participation.objects.filter(page=int(number), person=OuterRef("pk")).counted()
    return label, Subquery(theirs.values(said=KeyTransform(key, "answers"))[:1])


def _labels(page: int) -> list[tuple[str, str]]:
    versions = FormVersion.objects.filter(page=page).order_by("-id")
    return [(question.key, question.label) for version in versions for question in version.questions]
