"""A visitor joins on a phone, with and without scripts, and changes their mind."""

from __future__ import annotations

import pytest

from portevoix.actions import tasks
from portevoix.delivery.models import Batch
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.rights import links
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose
from tests.browser.conftest import OpenPage


def consents() -> int:
    return Ground.objects.live().filter(purpose=Purpose.NEWSLETTER).count()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_visitor_joins_confirms_and_leaves(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/rejoindre/", phone=True, scripts=scripts)
    page.get_by_label("Adresse e-mail").fill("pas une adresse")
    page.get_by_role("button", name="Je rejoins").click()
    assert "ne ressemble pas à une adresse" in page.locator(".error-summary").inner_text()

    page.get_by_label("Adresse e-mail").fill("maelle@mail.example")
    page.get_by_label("J’accepte de recevoir par e-mail").check()
    page.get_by_role("button", name="Je rejoins").click()
    assert "regardez votre boîte" in page.locator("main").inner_text()
    tasks.ask_to_confirm()
    assert (Batch.objects.count(), consents()) == (1, 0)

    submission = Submission.objects.get()
    page.goto(f"/confirmer/{confirmation_token(submission)}/")
    page.get_by_role("button", name="Je confirme").click()
    assert "confirmé" in page.locator("h1").inner_text()
    assert consents() == 1

    page.goto(f"/preferences/{links.preferences_token(submission.person.ref)}/")
    page.get_by_role("button", name="Tout refuser").click()
    assert "enregistrés" in page.locator("main").inner_text()
    assert consents() == 0
    assert page.context.cookies() == []
