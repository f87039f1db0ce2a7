"""Work that remembers what it asked of the database, and knows whether it would be answered the same."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from portevoix.kernel.questions import ALL, Columns, Questions, looking_at, noted

pytestmark = pytest.mark.django_db
Kind = ContentType


@pytest.fixture
def kind() -> ContentType:
    return Kind.objects.create(app_label="questions", model="stone")


def read(columns: Columns = ALL) -> Questions:
    with noted(columns) as questions:
        list(Kind.objects.filter(app_label="questions").order_by("pk"))
    return questions


def test_answers_hold_until_a_row_changes(kind: ContentType) -> None:
    questions = read()
    assert questions.still_hold()
    Kind.objects.filter(pk=kind.pk).update(model="wave")
    assert not questions.still_hold()
    Kind.objects.filter(pk=kind.pk).update(model="stone")
    assert questions.still_hold()


def test_a_row_that_comes_or_goes_is_another_answer(kind: ContentType) -> None:
    questions = read()
    other = Kind.objects.create(app_label="questions", model="wave")
    assert not questions.still_hold()
    other.delete()
    assert questions.still_hold()
    kind.delete()
    assert not questions.still_hold()


def test_rows_that_nobody_asked_for_change_nothing(kind: ContentType) -> None:
    questions = read()
    Kind.objects.create(app_label="elsewhere", model="stone")
    assert questions.still_hold()


def test_what_is_ignored_may_change(kind: ContentType) -> None:
    questions = read(Columns(ignored=frozenset({"model"})))
    Kind.objects.filter(pk=kind.pk).update(model="wave")
    assert questions.still_hold()


def test_a_number_may_count_as_some_or_none(kind: ContentType) -> None:
    with noted(Columns(zero_or_not=frozenset({"number"}))) as questions, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) AS number FROM django_content_type WHERE app_label = %s", ["questions"])
    Kind.objects.create(app_label="questions", model="wave")
    assert questions.still_hold()
    Kind.objects.filter(app_label="questions").delete()
    assert not questions.still_hold()


def test_a_block_may_look_at_less(kind: ContentType) -> None:
    with noted() as questions, looking_at(Columns(only=frozenset({"app_label"}))) as is_noted:
        assert is_noted
        list(Kind.objects.filter(pk=kind.pk))
    Kind.objects.filter(pk=kind.pk).update(model="wave")
    assert questions.still_hold()
    Kind.objects.filter(pk=kind.pk).update(app_label="seas")
    assert not questions.still_hold()


def test_the_same_question_in_full_counts_in_full(kind: ContentType) -> None:
    with noted() as questions:
        with looking_at(Columns(only=frozenset({"app_label"}))):
            list(Kind.objects.filter(pk=kind.pk))
        list(Kind.objects.filter(pk=kind.pk))
    Kind.objects.filter(pk=kind.pk).update(model="wave")
    assert not questions.still_hold()


def test_nothing_is_noted_outside(kind: ContentType) -> None:
    with looking_at(Columns()) as is_noted:
        assert not is_noted
    questions = read()
    list(Kind.objects.all())
    assert len(questions.asked) == 1


def test_an_answer_that_changed_meanwhile_never_holds(kind: ContentType) -> None:
    with noted() as questions:
        list(Kind.objects.filter(pk=kind.pk))
        _elsewhere(kind, "wave")
        list(Kind.objects.filter(pk=kind.pk))
    assert not questions.still_hold()


def _elsewhere(kind: ContentType, model: str) -> None:
    """Change a row as another process would: this one does not see itself write."""
    before, connection.execute_wrappers[:] = list(connection.execute_wrappers), []
    Kind.objects.filter(pk=kind.pk).update(model=model)
    connection.execute_wrappers[:] = before


def test_work_that_writes_is_not_asked_again() -> None:
    with noted() as questions:
        Kind.objects.create(app_label="questions", model="sand")
    assert not questions.still_hold()
    assert Kind.objects.filter(model="sand").count() == 1
    with noted() as questions, transaction.atomic():
        pass
    assert not questions.still_hold()


def test_asking_again_can_write_nothing(kind: ContentType) -> None:
    """A question that acts, a function of the database for one, would act a second time."""
    Kind.objects.filter(pk=kind.pk).update(model="0")
    with noted() as questions, connection.cursor() as cursor:
        cursor.execute("UPDATE django_content_type SET model = model || '1' WHERE id = %s RETURNING id", [kind.pk])
    assert not questions.has_acted  # it looks like a question
    assert not questions.still_hold()
    kind.refresh_from_db()
    assert kind.model == "01"


def test_after_asking_again_one_may_write(kind: ContentType) -> None:
    assert read().still_hold()
    kind.delete()


def test_a_question_in_parts_is_not_asked_again(kind: ContentType) -> None:
    with noted() as questions:
        list(Kind.objects.all().iterator(chunk_size=1))
    assert not questions.still_hold()


def test_a_table_that_is_gone_is_another_answer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE stones AS SELECT 1 AS number")
    with noted() as questions, connection.cursor() as cursor:
        cursor.execute("SELECT number FROM stones")
    assert questions.still_hold()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE stones")
    assert not questions.still_hold()
    assert not Kind.objects.filter(app_label="questions").exists()  # the connection still answers
