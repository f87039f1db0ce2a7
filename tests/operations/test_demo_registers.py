"""The demo's registers: something in each, once, and nothing that alarms a visitor for long."""

from __future__ import annotations

import pytest

from portevoix.operations.demo.registers import build_registers
from portevoix.registers.models import Assessment, Edition, Processor
from portevoix.registers.selectors.breaches import cases, running
from portevoix.registers.selectors.processors import processor_lines

pytestmark = pytest.mark.django_db


def test_each_register_has_something_and_a_second_call_adds_nothing() -> None:
    assert build_registers()
    assert not build_registers()
    assert (Processor.objects.count(), Assessment.objects.count(), Edition.objects.count()) == (3, 1, 2)
    (case,) = cases()
    assert case.now.is_closed
    assert not case.was_late
    assert running() == []


def test_only_invented_european_companies_work_for_it_and_one_has_an_owner_abroad() -> None:
    build_registers()
    described = [line for line in processor_lines() if line.processor]
    assert not any(line.is_forbidden for line in described)
    assert sum(bool(line.reached_by) for line in described) == 1
