"""The words of a search: without accents, in both genders where the stemmer takes them for two words."""

from __future__ import annotations

import re
import unicodedata

_BETWEEN = re.compile(r"[\s\-'’]+")
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae"})
#: The end of a word without accents, and that of its other gender; the first that fits is taken.
_GENDERS = ((re.compile(r"er(s?)$"), r"ere\1"), (re.compile(r"ere(s?)$"), r"er\1"), (re.compile(r"ee(s?)$"), r"e\1"))
_PARTICIPLE = re.compile(r"é(s?)$")


def telling_words(asked: str) -> list[str]:
    """Return the words that tell something, each once; « à » is also typed « a », and « l’ » says nothing."""
    found = (word for word in _BETWEEN.split(asked) if len(word) > 1 or word.isdecimal())
    return list(dict.fromkeys(found))


def forms_of(word: str) -> list[str]:
    """Return a word as the index may have it: « première » has « premiere » and « premier ».

    The index takes accents off before it looks for stems: of « premiere » it keeps « premier », of « premier »,
    « premi ».
    """
    said = unicodedata.normalize("NFC", word.lower())
    parts = unicodedata.normalize("NFD", said.translate(_LETTERS))
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    if _PARTICIPLE.search(said):
        return [plain, re.sub(r"e(s?)$", r"ee\1", plain)]
    for ending, other in _GENDERS:
        if ending.search(plain):
            return [plain, ending.sub(other, plain)]
    return [plain]
