"""Bars, worked out without a page."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template

from portevoix.kernel.charts import Bar, Chart


@pytest.mark.parametrize(
    ("values", "ceiling"),
    [([], 1), ([0, 0], 1), ([1], 1), ([2], 2), ([3], 5), ([7], 10), ([11], 20), ([499, 3], 500), ([501], 1000)],
)
def test_the_ceiling_is_the_least_round_number_that_no_bar_passes(values: list[int], ceiling: int) -> None:
    assert Chart([Bar(str(value), value) for value in values]).ceiling == ceiling


@pytest.mark.parametrize(
    ("values", "ceiling"),
    [
        (["0.00"], "1"),
        (["0.01"], "0.01"),
        (["0.04", "0.00"], "0.1"),
        (["0.21"], "1"),
        (["1.93"], "2"),
        (["78.05"], "100"),
    ],
)
def test_rates_have_a_round_ceiling_too_though_all_are_below_one(values: list[str], ceiling: str) -> None:
    assert Chart([Bar(value, Decimal(value)) for value in values]).ceiling == Decimal(ceiling)


def test_bars_stand_on_the_ground_and_what_is_not_nothing_is_seen() -> None:
    drawn = Chart([Bar("a", 1000), Bar("b", 0), Bar("c", 1)]).drawn
    assert [(bar.y, bar.height) for bar in drawn] == [("0.00", "100.00"), ("100.00", "0.00"), ("99.00", "1.00")]
    assert [bar.x for bar in drawn] == [1, 11, 21]


def test_a_chart_is_drawn_without_script_or_style_and_tells_its_figures_in_a_table() -> None:
    template = Template(
        '{% load charts %}{% bar_chart bars caption="Visites" label="Jour" value="Visites" others="Vues" %}'
    )
    drawn = template.render(Context({"bars": [Bar("1 mai", 12345, (20000,)), Bar("<2 mai>", 0, (0,))]}))
    assert "style=" not in drawn
    assert "<script" not in drawn
    assert "&lt;2 mai&gt;" in drawn
    assert drawn.count("<rect") == 2
    assert "<table" in drawn


def test_no_bar_at_all_is_still_a_chart() -> None:
    template = Template('{% load charts %}{% bar_chart bars caption="Rien" label="Jour" value="Visites" %}')
    assert "<svg" in template.render(Context({"bars": []}))
