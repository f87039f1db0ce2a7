"""Audits in a real browser: readable on a phone, evidence by keyboard, nothing asked of anybody."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portevoix.accounts.models import User
from tests.accounts.factories import somebody_with_a_password
from tests.auditor.factories import NO_HSTS, TRACKER, AuditedSiteFactory, audited, report
from tests.browser.conftest import OpenPage


@pytest.fixture
def director(transactional_db: None) -> User:
    return somebody_with_a_password()


@pytest.mark.parametrize("phone", [False, True])
def test_the_page_of_a_site_fits_and_its_evidence_opens_without_scripts(
    open_page: OpenPage, director: User, phone: bool
) -> None:
    site = AuditedSiteFactory(own=True)
    audited(site, report())
    audited(site, report(TRACKER, NO_HSTS))
    page = open_page(reverse("auditor:site", args=[site.pk]), phone=phone, user=director, scripts=False)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    light = page.locator("details.audit-light")
    assert not light.locator(".audit-finding").is_visible()
    light.locator("> summary").press("Enter")
    assert light.locator(".audit-finding").first.is_visible()
    page.get_by_role("link", name="Accord avant les cookies et traceurs").first.press("Enter")
    assert page.url.endswith("#consent")
    assert page.locator("#consent").is_visible()
