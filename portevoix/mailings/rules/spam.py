"""Words that filters and readers take for junk, in French and English, each with the reason.

A short list on purpose. Filters of today weigh who sends, how many complain and where the links lead far more than
words; what stands here is what they still count (SpamAssassin's public rules: shouting, money, urgency, false replies)
and what makes readers press the button. One of them is no fault; several together are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

MONEY = _("Promises of money or of gifts are the commonest junk: filters count them.")
HASTE = _("Urgency that nothing explains is how fraud makes people click; readers have learnt it, filters too.")
ORDER = _("Orders to click are weighed by filters, and say nothing to somebody who reads link by link.")
PROOF = _("Who swears to be honest is doubted: say what is true, and from where it comes.")
TRADE = _("Words of advertisements: the letter is sorted with them.")


@dataclass(frozen=True)
class Smell:
    """A turn of phrase, and why it harms."""

    pattern: re.Pattern[str]
    why: Any


def _smell(words: str, why: Any) -> Smell:
    return Smell(re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), why)


SMELLS = (
    _smell(r"cliquez (?:vite |tout de suite )?(?:ici|sur ce lien|là)|click (?:here|now|below)", ORDER),
    _smell(r"gratuit(?:e|s|es|ement)?|100 ?% free|(?:totally|completely|absolutely) free|free gift", MONEY),
    _smell(r"gagn(?:ez|er) (?:de l[’']argent|un|une|des|\d+)|vous avez gagné", MONEY),
    _smell(r"win (?:a|an|cash|\d+)|you(?:[’']ve| have) won", MONEY),
    _smell(r"argent facile|gros lot|cadeaux? offerts?|cash|easy money|jackpot", MONEY),
    _smell(r"promo(?:tion)?s?|soldes|remise|meilleur prix|offre (?:spéciale|exclusive|limitée)", TRADE),
    _smell(r"discount|best price|special offer|buy now|order now", TRADE),
    _smell(r"achetez|commandez (?:maintenant|vite)", TRADE),
    _smell(r"urgent(?:e|s|es)?|agissez (?:vite|maintenant|avant)|dernière chance", HASTE),
    _smell(r"plus que quelques heures|ne (?:tardez|ratez) (?:pas|plus)", HASTE),
    _smell(r"act now|last chance|expires? (?:today|tonight|soon)|final notice", HASTE),
    _smell(r"100 ?%|garanti(?:e|s|es)?|sans (?:risque|engagement|obligation)", PROOF),
    _smell(r"guaranteed?|risk[- ]free|no obligation|this is not spam|trust me", PROOF),
    _smell(r"ceci n[’']est pas (?:un )?(?:spam|arnaque)|croyez[- ]moi", PROOF),
)

#: Beginnings that pretend an exchange which never was.
FALSE_REPLY = re.compile(r"\s*(?:re|ref|tr|fw|fwd)\s*:", re.IGNORECASE)


def smells_in(words: str) -> list[tuple[str, Any]]:
    """Return the turns of phrase found, each once, with the reason."""
    found = []
    for smell in SMELLS:
        if (first := smell.pattern.search(words)) is not None:
            found.append((first[0], smell.why))
    return found
