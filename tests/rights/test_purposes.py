from __future__ import annotations

import pytest

from portevoix.rights.purposes import OPTIONAL, TERMS, WORDINGS, Channel, Purpose


def test_every_purpose_but_service_can_be_chosen_and_has_its_terms() -> None:
    assert set(TERMS) == set(Purpose) - {Purpose.SERVICE} == set(OPTIONAL)


@pytest.mark.parametrize("purpose", TERMS)
def test_every_choice_has_words_in_both_languages_explicit_on_political_opinions(purpose: Purpose) -> None:
    """RGPD art. 9(2)(a): the consent that lifts the prohibition is explicit."""
    assert "opinions politiques" in WORDINGS[purpose]["fr"]
    assert "political opinions" in WORDINGS[purpose]["en"]
    assert WORDINGS[purpose]["fr"].startswith("J’accepte ")


@pytest.mark.parametrize("purpose", TERMS)
def test_every_choice_has_its_articles_and_an_end(purpose: Purpose) -> None:
    terms = TERMS[purpose]
    assert "9(2)(a)" in terms.article
    assert 0 < terms.retention.months <= 36
    assert "art. 5(1)(e)" in terms.retention.article


def test_what_is_only_noted_reaches_nobody() -> None:
    noted = {purpose for purpose, channel in OPTIONAL.items() if channel == Channel.RECORD}
    assert noted == {Purpose.MEASUREMENT, Purpose.OPINION, Purpose.PARTICIPATION, Purpose.TARGETING}
