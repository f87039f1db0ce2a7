"""Where data may go, whose law reaches whom, and who owns whom: three dated tables, read from files."""

from __future__ import annotations

import fnmatch
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from portevoix.auditor.engine.domains import registrable
from portevoix.auditor.engine.knowledge.tables import TABLES

ADEQUATE, RESERVED, INADEQUATE, UNKNOWN = "adequate", "adequate with reservation", "inadequate", "unknown"
#: The graver first: of several machines or companies, the worst counts.
GRAVITY = (INADEQUATE, UNKNOWN, RESERVED, ADEQUATE)
#: A certification is renewed every year, or lapses: a list read longer ago says nothing of today, in days.
CERTIFIED_DAYS = 366


@dataclass(frozen=True, slots=True)
class Owner:
    """A company as the table says it.

    ``seen_on`` is the day when somebody read in ``source`` who the parent is and where; ``dpf_seen_on`` the day when
    somebody read the official list of the EU-US framework. Without a day it is general knowledge.
    """

    key: str
    name: str
    parent: str
    country: str
    dpf: str = ""
    dpf_seen_on: str = ""
    dpf_claim: str = ""
    dpf_claimed_on: str = ""
    source: str = ""
    seen_on: str = ""
    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()

    @property
    def known_from(self) -> str:
        """From where and when the parent and its country are known; empty: from nowhere that can be shown."""
        return f"{self.source}, {self.seen_on}" if self.source and self.seen_on else ""

    @property
    def certification(self) -> str:
        """What is known of a US company's certification: an answer with its day, else that nobody looked."""
        if self.country != "US":
            return ""
        sign = {"listed": "dpf", "absent": "no dpf"}.get(self.dpf)
        return f"{sign}:{self.dpf_seen_on}" if sign and self.dpf_seen_on else "dpf:not checked"

    @property
    def claim(self) -> str:
        """Where and when the company was read to say of itself that it is certified: told, and never believed."""
        return f"{self.dpf_claim}, {self.dpf_claimed_on}" if self.dpf_claim and self.dpf_claimed_on else ""


@dataclass(frozen=True)
class Law:
    """The tables, and what they say of a country or a company."""

    adequacy: dict[str, Any]
    owners: tuple[Owner, ...]
    cookies: dict[str, Any]
    receivers: dict[str, Any]
    today: date = field(default_factory=date.today)

    @classmethod
    def read(cls, folder: Path | None = None) -> Law:
        """Read the tables; a file in ``folder`` stands in for ours of the same name."""

        def table(name: str) -> dict[str, Any]:
            own = (folder or TABLES) / name
            return tomllib.loads((own if own.is_file() else TABLES / name).read_text("utf-8"))

        rows = table("owners.toml")["owners"]
        owners = tuple(
            Owner(key=key, **{name: _frozen(value) for name, value in row.items()}) for key, row in rows.items()
        )
        return cls(table("adequacy.toml"), owners, table("cookies.toml"), table("receivers.toml"))

    # ---- countries

    def adequacy_of(self, country: str) -> str:
        """Return what the law says of a country by itself; the United States need more than themselves."""
        if not country:
            return UNKNOWN
        if country in self.adequacy["eea"]:
            return ADEQUATE
        row = self.adequacy["adequate"].get(country)
        if row is None or _is_over(row.get("until"), self.today) or not _has_begun(row.get("since"), self.today):
            return INADEQUATE
        return RESERVED if row.get("only") else ADEQUATE

    def of_receiver(self, country: str, owner: Owner | None) -> tuple[str, str]:
        """Judge a receiver by where its machine is and where its company is; return the graver, and why."""
        judged = [(self._of_place(country, owner), f"server:{country or '?'}")]
        if owner is not None:
            judged.append(self.of_owner(owner))
        else:
            judged.append((UNKNOWN, "owner:?"))
        worst = min(judged, key=lambda one: GRAVITY.index(one[0]))
        return judged[-1] if worst[0] == ADEQUATE else worst

    def of_owner(self, owner: Owner) -> tuple[str, str]:
        """Judge a company by its country, and one of the United States by its certification; say why.

        A certification is worth what the decision is worth on which it rests.
        """
        if owner.country != "US" or self.adequacy_of("US") == INADEQUATE:
            return self.adequacy_of(owner.country), f"owner:{owner.country}"
        said = owner.certification
        if said == "dpf:not checked":
            return UNKNOWN, said
        if (self.today - date.fromisoformat(owner.dpf_seen_on)).days > CERTIFIED_DAYS:
            return UNKNOWN, f"dpf:lapsed:{owner.dpf_seen_on}"
        return INADEQUATE if said.startswith("no ") else RESERVED, said

    def _of_place(self, country: str, owner: Owner | None) -> str:
        """Judge a machine's country; in the United States only a certified company is adequate, so hers decides."""
        adequacy = self.adequacy_of(country)
        if country != "US" or adequacy != RESERVED:
            return adequacy
        return ADEQUATE if owner is not None and owner.country == "US" else UNKNOWN

    @property
    def framework(self) -> dict[str, str]:
        """Return the state of the EU-US framework as the table says it, with the day the table was checked."""
        told = {name: str(value) for name, value in self.adequacy.get("framework", {}).items()}
        until = self.adequacy["adequate"].get("US", {}).get("until", "")
        in_force = "US" in self.adequacy["adequate"] and self.adequacy_of("US") != INADEQUATE
        return told and {
            **told,
            "until": str(until),
            "in_force": str(in_force),
            "checked_on": str(self.adequacy["checked_on"]),
        }

    def is_european(self, country: str) -> bool:
        """Tell whether a company stands under the law of the European Economic Area."""
        return country in self.adequacy["eea"]

    def reach_of(self, country: str) -> str:
        """Return the law by which a country may ask its companies for data held elsewhere."""
        return str(self.adequacy["reach"].get(country, {}).get("law", ""))

    # ---- companies

    @cached_property
    def owners_counted(self) -> dict[str, int]:
        """Count the companies, those with a source and a day, those of the US, those looked up in the framework."""
        american = [one for one in self.owners if one.country == "US"]
        return {
            "companies": len(self.owners),
            "sourced": sum(bool(one.known_from) for one in self.owners),
            "american": len(american),
            "looked_up": sum(one.certification != "dpf:not checked" for one in american),
        }

    @cached_property
    def _by_domain(self) -> dict[str, Owner]:
        return {domain: owner for owner in self.owners for domain in owner.domains}

    @cached_property
    def _by_asn(self) -> dict[int, Owner]:
        return {asn: owner for owner in self.owners for asn in owner.asns}

    def owner_of_host(self, host: str) -> Owner | None:
        """Return who owns a name: the longest domain of the table that it ends with."""
        parts = host.lower().rstrip(".").split(".")
        for at in range(len(parts) - 1):
            if (found := self._by_domain.get(".".join(parts[at:]))) is not None:
                return found
        # awsdns-12.org, googledomains… : families of names
        main = registrable(host)
        if fnmatch.fnmatch(main, "awsdns-*"):
            return self._by_domain.get("amazonaws.com")
        return None

    def owner_of_network(self, asn: int) -> Owner | None:
        return self._by_asn.get(asn)

    def owner_called(self, name: str) -> Owner | None:
        """Return the owner that a list calls so: its name, or one that begins with one of its names."""
        low = name.lower()
        return next(
            (
                owner
                for owner in self.owners
                if low == owner.name.lower()
                or any(low == one or low.startswith(f"{one} ") or low.startswith(f"{one}/") for one in owner.names)
            ),
            None,
        )

    def issuer(self, name: str) -> Owner | None:
        """Return who stands behind a certificate, by its issuer."""
        low = name.lower()
        found = (owner for owner in self.owners if any(one.lower() in low for one in owner.issuers))
        return next(found, None) or self._issuer_by_mark(name)

    def _issuer_by_mark(self, name: str) -> Owner | None:
        """Let's Encrypt signs with intermediates that bear only a letter and a number (R10, E5)."""
        is_mark = len(name) in {2, 3} and name[0] in "RE" and name[1:].isdigit()
        return next((one for one in self.owners if one.key == "letsencrypt"), None) if is_mark else None

    # ---- cookies and hosts

    def cookie_class(self, name: str, *, is_own: bool = False) -> tuple[str, str]:
        """Return (necessary | audience | tracker | "", whose) of a cookie or storage key by its name.

        A name that a service gives only on a domain of its own says nothing on a site's (``is_own``): « fr » may be
        the language there.
        """
        if is_own and any(fnmatch.fnmatchcase(name, pattern) for pattern in self.cookies["elsewhere"]["names"]):
            return "", ""
        for kind in ("necessary", "audience", "tracker"):
            for family, patterns in self.cookies[kind].items():
                if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                    return kind, family
        return "", ""

    def host_kind(self, host: str, path: str = "") -> str:
        """Return what a host is for: fonts, captcha, video…"""
        place = f"{host}{path}".removeprefix("www.")
        for kind, names in self.receivers["kinds"].items():
            for name in names:
                domain, _slash, under = name.partition("/")
                if under:
                    if place.startswith(name) or f".{name}" in place:
                        return str(kind)
                elif host == domain or host.endswith(f".{domain}"):
                    return str(kind)
        return ""


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value.isoformat() if isinstance(value, date) else value


def _is_over(until: date | None, today: date) -> bool:
    return until is not None and until < today


def _has_begun(since: date | None, today: date) -> bool:
    return since is None or since <= today
