"""Words that many local pages share."""

from __future__ import annotations


def filled_in(text: str, *, departement: str, region: str) -> str:
    """Put names in the place of {departement} and {region}; any other brace stays as it was written."""
    return text.replace("{departement}", departement).replace("{region}", region)
