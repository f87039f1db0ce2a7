"""The words of reports, in French and English."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from portevoix.auditor.engine.types import Criterion, Finding

HERE = Path(__file__).parent
LANGUAGES = ("fr", "en")
ENGLISH_TEXTS = (
    ("Loi I&L", "French Data Protection Act"),
    ("LCEN", "French Digital Economy Act (LCEN)"),
    ("RGPD", "GDPR"),
    ("/CE", "/EC"),
    (" à ", " to "),
    (" et ", " and "),
    (" ; ", "; "),
)
#: Reasons that name a country by its code, and those that are a number of days.
PLACES, LASTS = re.compile(r"(server|owner):([A-Z]{2})"), re.compile(r"(\d+) d")
WHOSE = {
    "fr": {"server": "machine\N{NO-BREAK SPACE}:", "owner": "entreprise\N{NO-BREAK SPACE}:"},
    "en": {"server": "machine:", "owner": "company:"},
}


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in words."""

    title: str
    mend: str
    article: str


@cache
def words(language: str) -> dict[str, str]:
    """Return the words of a language, by key."""
    return tomllib.loads((HERE / f"{language}.toml").read_text("utf-8"))


@cache
def _rules() -> dict[str, Any]:
    return tomllib.loads((HERE / "rules.toml").read_text("utf-8"))


@cache
def _countries() -> dict[str, list[str]]:
    from portevoix.auditor.engine.knowledge.tables import TABLES

    return tomllib.loads((TABLES / "countries.toml").read_text("utf-8"))


@cache
def _things() -> dict[str, str]:
    return tomllib.loads((HERE / "things.toml").read_text("utf-8"))


@cache
def _reasons() -> dict[str, str]:
    return tomllib.loads((HERE / "reasons.toml").read_text("utf-8"))


def reason(text: str, language: str) -> str:
    """Return a reason in a language; what is no reason of ours (a name, an address) stays as it is."""
    if (place := PLACES.fullmatch(text)) is not None:
        return f"{WHOSE[language][place[1]]} {country_name(place[2], language)}"
    if language == "en":
        return text
    if (lasts := LASTS.fullmatch(text)) is not None:
        return f"{lasts[1]} j"
    if text in _reasons():
        return _reasons()[text]
    begins = (key for key in _reasons() if key[-1] in ": " and text.startswith(key))
    key = next(begins, "")
    return _reasons()[key] + text.removeprefix(key) if key else text


def subject(finding: Finding, language: str) -> str:
    """Return whom or what a finding concerns: a thing of ours in a language, a name as it is."""
    if language == "en" or finding.criterion not in {Criterion.TRANSPARENCY, Criterion.SOVEREIGNTY}:
        return finding.subject
    return _things().get(finding.subject, finding.subject)


def said(finding: Finding, language: str) -> Said:
    """Return what a finding's rule says."""
    return of_rule(finding.rule, finding.criterion, language)


def of_rule(rule: str, criterion: Criterion, language: str) -> Said:
    """Return what a rule says; those of sovereignty are made of a layer and a verb."""
    table = _rules()
    if rule in table["general"]["rules"]:
        title, mend = table["general"]["rules"][rule][language]
        return Said(title, mend, article(table[criterion]["article"], language))
    own = table[criterion]
    if criterion is Criterion.SOVEREIGNTY:
        verb, _dash, layer = rule.partition("-")
        title, mend = own["rules"][verb][language]
        return Said(
            f"{layer_name(layer, language)}{words(language)['colon']} {title}",
            mend,
            article(own["article"], language),
        )
    title, mend = own["rules"][rule][language]
    return Said(title, mend, article(own["article"], language))


def article(text: str, language: str) -> str:
    """Return the texts that a rule rests on, called as each language calls them."""
    if language == "fr":
        return text
    for french, english in ENGLISH_TEXTS:
        text = text.replace(french, english)
    return text


def day(text: str, language: str) -> str:
    """Return a day or a month (« 2027-01-15 », « 2027-01 ») as people say it; what is neither stays as it is."""
    parts = text[:10].split("-")
    if not all(part.isdecimal() for part in parts) or len(parts) not in {2, 3}:
        return text
    said = f"{words(language)['months'].split()[int(parts[1]) - 1]} {parts[0]}"
    if len(parts) == 2:
        return said
    return f"{'1er' if language == 'fr' and parts[2] == '01' else int(parts[2])} {said}"


def layer_name(layer: str, language: str) -> str:
    """Return a layer's name."""
    return str(_rules()["sovereignty"]["layers"][layer][language])


def country_name(code: str, language: str) -> str:
    """Return a country's name; an unknown code stays as it is."""
    both = _countries().get(code)
    return both[0 if language == "fr" else 1] if both else code
