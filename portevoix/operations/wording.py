"""Sentences for the host, before Django exists: French, or English where the machine's language is English.

Reads the same compiled catalogue as Django does, so that there is one place to translate.
"""

from __future__ import annotations

import gettext as catalogues
import os
from functools import cache
from pathlib import Path

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """Return "en" where the environment asks for English, else "fr": French first."""
    for variable in VARIABLES:
        if value := os.environ.get(variable):
            return "en" if value.lower().startswith("en") else "fr"
    return "fr"


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    return catalogues.translation("django", Path(__file__).parent / "locale", [code], fallback=True)


def gettext(sentence: str) -> str:
    """Return the sentence in the host's language."""
    return _catalogue(language()).gettext(sentence)
