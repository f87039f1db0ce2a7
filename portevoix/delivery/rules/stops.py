"""Whether an answer by text message means: no more. In doubt it does; somebody who is asked to stop does not argue."""

from __future__ import annotations

import re

from portevoix.kernel.normalise import sort_key

#: An answer that begins with one of these, whatever follows.
STOP = re.compile(r"(stop+|stoop|sto|arret\w*|desabonn\w*|desinscri\w*|unsubscribe|cancel|end|quit)\b")
#: Whole answers, and requests said in a sentence.
ASKED = re.compile(
    r"\b(ne plus (me|recevoir|m)\b|plus (recevoir|de sms|de message|de messages)|plus (rien|jamais) recevoir|"
    r"(retir|enlev|supprim|effac)\w* (moi|mon)|stop\b|desabonn\w*|desinscri\w*|"
    r"(arret\w*|cess\w*) (de m|vos|ces|les|tout)|fichez moi|laissez moi|no more|remove me)"
)


def means_stop(text: str) -> bool:
    """Tell whether a reader asks for no more: « Stop », « STOP SMS », « arrêt », « je ne veux plus recevoir »…"""
    said = sort_key(text)
    compact = said.replace(" ", "")
    if compact.startswith("stop") and len(said) <= 40:  # « S.T.O.P », « stop36111 »
        return True
    return bool(STOP.match(said) or ASKED.search(said))
