"""What the tests of automations stand on: a campaign that says who publishes."""

from __future__ import annotations

from tests.mailings.conftest import *  # noqa: F403
