"""The lists, once for all tests of the auditor: without them nothing can be judged, so their absence is an error."""

from __future__ import annotations

import pytest

from portevoix.auditor.engine.knowledge.base import Knowledge
from tests.auditor import rehearsal


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Read the lists that scripts/install_test_tools.sh brings."""
    known = rehearsal.knowledge()
    assert known.missing == {}, "run scripts/install_test_tools.sh"
    return known
