"""What a name announces that the law protects: of a column, of a field, of a tag (RGPD art. 9 and 10; 2026-11-30).

Political opinions are the reason for this: a campaign keeps them in one place, on the person's ground. A field or a tag
that says one would stand beside it, without a ground. The words are looked for without accents, case or punctuation.
"""

from __future__ import annotations

import re
from functools import lru_cache

from portevoix.kernel import normalise
from portevoix.people.types import Protected

#: What only looks protected: taken out first.
INNOCENT = re.compile(
    r"\b(?:"
    r"(?:bureaux?|lieux?|droits?|salles?|centres?|stations?|jours?|dates?|heures?) de vote"
    r"|vote (?:par|by|place|cent(?:re|er)|location|office|method|date|station)"
    r"|(?:comites?|messages?|lettres?|reunions?|soirees?|concerts?|fonds|dons?|appels?) de soutien"
    r"|soutien (?:technique|scolaire|logistique|materiel|financier|psychologique|informatique|administratif)"
    r"|issue (?:date|number|no|id|de|du)"
    r"|politiques? (?:de |des |d )?(?:confidentialite|cookies|donnees|vie privee)|sciences? politiques?"
    r"|political (?:sub)?(?:district|division)"
    r"|parti (?:le|en)|third party|(?:birthday|garden|launch|dinner|house|christmas) party|party (?:size|room|hall)"
    r"|syndicats? (?:mixte|intercommunal|d initiative|des? coproprie\w*|des eaux|d eau)"
    r"|(?:professionnel(?:le)?s?|metiers?|maisons?|centres?|agents?|cadres?) de (?:la )?sante"
    r"|(?:rue|place|avenue|chemin|impasse) de l eglise"
    r")\b"
)
#: In this order: the first that fits.
WORDS: tuple[tuple[Protected, str], ...] = (
    (Protected.INFERRED, r"inferred|predict\w*|predit\w*|probab\w*|likelihood|vraisembl\w*"),
    (
        Protected.OPINION,
        # How somebody votes.
        r"intentions?\b.*\bvot\w*|vot\w*\b.*\bintentions?|intentions?devotes?|voteintentions?"
        r"|(?:votes?|voted|voting|vot(?:er|era|erait|ant)) (?:for|pour|against|contre)|ballots?"
        # How much they are for us.
        r"|(?:niveaux?|degres?|scores?|notes?|taux|indices?|echelles?|type|statut) (?:de |du |d )?soutiens?"
        r"|niveaux?(?:de)?soutiens?|soutiens?(?: (?:\d+|forte?|faible|moyen|probable|certain|possible|acquis|oui|non))"
        r"|supports? ?(?:levels?|scores?|ratings?|strength|\d+)|(?:levels?|degrees?|scores?) of support"
        r"|(?:strong|weak|lean|leaning|soft|firm) (?:supports?|supporters?|opponents?)"
        r"|opponents?|opposant\w*|indecis\w*|undecided|defavorables?"
        # What they think.
        r"|issues?|enjeux?|opinions?|politi\w*|partis?|party|parties"
        r"|(?:candidate?s?|elue?s?) (?:prefer\w*|favo\w*|soutenu\w*|choisi\w*|supported)"
        r"|(?:preferred|favou?rite|supported) candidates?|(?:extreme|far|hard|ultra) (?:gauche|droite|left|right)"
        r"|(?:sujets?|themes?|causes?|combats?|topics?|priorit\w+)\b.*\b(?:coeur|important\w*|prefer\w*|care)",
    ),
    (
        Protected.UNION,
        r"syndicats?|syndica(?:l\w*|lis\w*)|syndiquee?s?|syndicaux|union (?:member\w*|status)|member of an? union"
        r"|(?:trade|labou?r) unions?|unioni[sz]ed|cgt|cfdt|cftc|unsa",
    ),
    (
        Protected.BELIEF,
        r"relig\w*|church\w*|eglises?|cultes?|paroiss\w*|mosques?|mosquees?|synagog\w*|confession\w*|croyan\w*"
        r"|convictions?|faith|catholi\w*|musulman\w*|muslims?|juifs?|juives?|jewish|protestant\w*|bouddhist\w*"
        r"|halal|casher|kosher",
    ),
    (Protected.ORIGIN, r"ethni\w*|races?|racial\w*|racise\w*|couleur de peau|skin colou?r"),
    (
        Protected.HEALTH,
        r"health\w*|sante|maladies?|malades?|handicap\w*|disabilit\w*|disabled|medical\w*|medica(?:ux|ment\w*)"
        r"|diagnos\w*|allerg\w*|patholog\w*|vaccin\w*|pregnan\w*|grossesse",
    ),
    (Protected.INTIMACY, r"sexual\w*|sexuel\w*|homosex\w*|bisex\w*|heterosex\w*|lgbt\w*|lesbi\w*"),
    (Protected.OFFENCES, r"condamn\w*|criminal\w*|casiers? judiciaires?|infractions?|offen[cs]es?|felon\w*"),
)
#: Names that are the opinion itself: “Soutien”, “Vote 2022”, “Vote Dupont”.
BARE = re.compile(r"^(?:soutiens?|supports?|favorables?|hostiles?|votes?(?: .*)?)$")
_PATTERNS = [(what, re.compile(rf"\b(?:{words})\b")) for what, words in WORDS]
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_DIGITS = re.compile(r"(?<=[a-z])(?=[0-9])")


@lru_cache(maxsize=20_000)
def protection(name: str) -> Protected | None:
    """Tell what a name says of people that may not be kept under it, if anything."""
    spaced = _HUMP.sub(" ", name).replace("_", " ")
    plain = INNOCENT.sub("·", _DIGITS.sub(" ", normalise.sort_key(spaced)))
    found = next((what for what, pattern in _PATTERNS if pattern.search(plain)), None)
    return found or (Protected.OPINION if BARE.match(plain) else None)
