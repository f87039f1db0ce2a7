"""``{% bar_chart bars caption=… label=… value=… %}``: a drawing, and the same figures in a table under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template

from portevoix.kernel.charts import HEIGHT, Bar, Chart

register = template.Library()


@register.inclusion_tag("kernel/components/_bar_chart.html")
def bar_chart(bars: Sequence[Bar], *, caption: str, label: str, value: str, others: str = "") -> dict[str, Any]:
    """Draw ``bars``; ``label``, ``value`` and ``others`` (separated by « | ») are the headings of the table."""
    return {
        "chart": Chart(bars),
        "height": HEIGHT,
        "caption": caption,
        "label": label,
        "value": value,
        "others": others.split("|") if others else [],
    }
