"""Which facts the law wants on the site, and whose word counts for each."""

from __future__ import annotations

from collections.abc import Mapping

from portevoix.rights.types import LegalFacts

#: What the host alone knows for sure: its own word, in the instance's file, wins over the campaign's.
OF_THE_HOST = ("host_name", "host_address", "host_phone")
#: LCEN art. 1-1 (publisher, director of publication, host); GDPR art. 13(1)(a) and (b).
REQUIRED = (
    *("publisher", "publisher_address", "publisher_phone", "director", "data_officer_email"),
    *OF_THE_HOST,
)


def put_together(file: Mapping[str, str], said: Mapping[str, str]) -> LegalFacts:
    """Return the facts: each side's own word wins for what is its own, the other's stands where it says nothing."""
    facts = {name: said.get(name) or file.get(name) or "" for name in LegalFacts.__dataclass_fields__}
    facts |= {name: file.get(name) or said.get(name) or "" for name in OF_THE_HOST}
    # The file has a country even where it names no host.
    countries = (file if file.get("host_name") else said, file)
    facts["host_country"] = next((one["host_country"] for one in countries if one.get("host_country")), "")
    return LegalFacts(**facts)


def missing(facts: LegalFacts) -> list[str]:
    """Return the names of the facts without which the site may not be published."""
    return [name for name in REQUIRED if not getattr(facts, name).strip()]
