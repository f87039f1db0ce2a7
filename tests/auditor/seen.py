"""Captures made by hand: a site that has nothing wrong, to which a test adds one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portevoix.auditor.engine.types import Capture, Host, Page, Phase, Visit, Zone
from tests.auditor.cases.site import NOTICE, POLICY

SITE = "https://www.elan.example/"
OVH = "213.186.33.5"
HEADERS = {
    "strict-transport-security": "max-age=31536000",
    "content-security-policy": "default-src 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
TLS = {"issuer": "Certigna", "protocol": "TLS 1.3"}
PAGES = (
    Page(SITE, SITE, 200, "Élan commun", "Une campagne", kind="home", headers=HEADERS, tls=TLS),
    Page(f"{SITE}mentions-legales", f"{SITE}mentions-legales", 200, "Mentions légales", NOTICE, kind="legal"),
    Page(f"{SITE}confidentialite", f"{SITE}confidentialite", 200, "Confidentialité", POLICY, kind="privacy"),
)


def visit(phase: Phase, **more: Any) -> Visit:
    return Visit(phase, **{"pages": PAGES, **more})


def capture(
    none: dict[str, Any] | None = None,
    refuse: dict[str, Any] | None = None,
    accept: dict[str, Any] | None = None,
    **more: Any,
) -> Capture:
    """Return a capture of a site at OVH; each phase with what is given."""
    clean = Capture(
        url=SITE,
        began_at="2027-01-15T10:00:00+00:00",
        visits=(
            visit(Phase.NONE, **(none or {})),
            visit(Phase.REFUSE, **(refuse or {})),
            visit(Phase.ACCEPT, **(accept or {})),
        ),
        hosts=(Host("www.elan.example", (), (OVH,)),),
        zone=Zone("elan.example", ("dns10.ovh.net",), ("mx1.mail.ovh.net",), ("mx.ovh.com",)),
        browser="Chromium 156",
    )
    return replace(clean, **more)
