#!/usr/bin/env python3
"""Take the README's pictures from a running demo: ``make demo`` in one terminal, ``make screenshots`` in another."""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

OUT = Path(__file__).resolve().parents[1] / "docs" / "pictures"
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PASSWORD = "ricochet-demo-2028"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
#: Name, address, size, whether staff must be signed in.
PICTURES = [
    ("site", "/", DESKTOP, False),
    ("site-phone", "/", PHONE, False),
    ("back-office", "/gestion/", DESKTOP, True),
    ("map", "/gestion/segments/carte/", DESKTOP, True),
]


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/gestion/login/")
    page.fill("input[name=username]", "direction")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_load_state("networkidle")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", default="http://localhost:8000")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=options.chromium, args=QUIET)
        for name, path, size, is_staff in PICTURES:
            page = browser.new_context(viewport=size, locale="fr-FR", device_scale_factor=1).new_page()  # type: ignore[arg-type]
            if is_staff:
                sign_in(page, options.address)
            page.goto(options.address + path)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=OUT / f"{name}.png")
            print(OUT / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
