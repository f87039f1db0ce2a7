"""What a visitor's hand does with a banner, as it is kept: a picture of what was pressed, whoever knew where."""

from __future__ import annotations

from pathlib import Path

import pytest

from portevoix.auditor.engine.types import Phase
from tests.auditor import rehearsal
from tests.auditor.cases.consent import FOREIGN
from tests.auditor.cases.site import banner, good
from tests.auditor.town import built

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
CASES = (good("pictured-by-words", home=banner()), good("pictured-by-rules", home=FOREIGN))


def test_a_banner_is_pictured_before_it_is_pressed_by_words_or_by_rules(tmp_path: Path) -> None:
    with built(tmp_path) as town:
        seen = rehearsal.captures(CASES, town, rehearsal.options_for(town, pictures=True))
    for name, by in (("pictured-by-words", "words"), ("pictured-by-rules", "autoconsent")):
        for phase in (Phase.REFUSE, Phase.ACCEPT):
            visit = seen[name].visit(phase)
            assert visit is not None
            assert (visit.clicked_by, visit.picture) == (by, f"{phase}-choice")
            assert visit.picture in seen[name].pictures
