"""The demo's people take part in what its site offers, once."""

from __future__ import annotations

from datetime import date

import pytest

from portevoix.actions.models import Attendance, Enquiry, Participation, Proxy, SurveyPage
from portevoix.actions.selectors.results import public_results
from portevoix.actions.types import EnquiryState
from portevoix.operations.demo.actions import build_action_pages, build_actions
from portevoix.people.models import PersonRole
from tests.people.factories import reachable
from tests.territory.factories import election
from tests.website.factories import HomePageFactory

pytestmark = pytest.mark.django_db


def test_some_answer_come_write_and_help_and_a_second_start_adds_nothing() -> None:
    HomePageFactory()
    election(date(2028, 6, 11), second_round_on=date(2028, 6, 18))
    for number in range(40):
        reachable(f"p{number}@mail.example", last_name="Kerguelen")
    assert build_actions() == Participation.objects.counted().count() == 40 + 20 + 9 + 4 + 8
    assert public_results(SurveyPage.objects.get()).answered == 40
    assert Enquiry.objects.filter(state=EnquiryState.ANSWERED).count() == 1
    assert (Attendance.objects.count(), PersonRole.objects.count(), Proxy.objects.count()) == (20, 9, 8)
    assert build_actions() == 0
    assert build_action_pages() == []
