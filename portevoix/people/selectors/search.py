"""Search as one types: by name, mail, number or a field of one's own, typos and accents apart, the likeliest first.

A million persons are never read one by one: each look-up goes by an index, and stops at the first few hundred.
Nobody is found by what is hidden from who asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.postgres.search import TrigramStrictWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext

from portevoix.accounts.types import Fact
from portevoix.kernel import normalise
from portevoix.people.exceptions import Impossible
from portevoix.people.models import CustomField, EmailAddress, FieldText, Person, PersonQuerySet, PhoneNumber

#: More found persons than these are left in the order of their names: nobody reads on, and ranking reads them all.
MOST_RANKED = 200
#: Names that are offered where several persons are meant.
OFFERED = 6
#: Words of a search that are looked at: enough for any name.
MOST_WORDS = 6
#: Shorter, a word is only looked for where names begin: it is in too many of them.
SHORTEST_INSIDE = 3
#: Of several words, one that more mails begin with leads nowhere: « marie » beside a name.
MOST_LED_TO = 200
#: More found persons than those ranked, and not more than these, are put in order by themselves: to walk the whole
#: list in its order until fifty of them have come by reads a hundred thousand names.
MOST_SORTED = 3_000
#: The order of names as no index has it, so that PostgreSQL looks the found up and sorts them.
UNINDEXED = Concat("sort_key", Value(""))
#: How like a word must be at least: PostgreSQL's own 0.6 forgives no slip in a short word, « nomie » for Noémie …
LEAST_ALIKE, MOST_ASKED = 0.44, 0.6
#: … and a slip of the fingers breaks at most this many of a word's trigrams, two letters changed over.
BROKEN = 4
LENIENT = "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)"


class Word(NamedTuple):
    """A word of a search: as mails have it, and as names have it, without accents or case."""

    typed: str
    key: str

    @property
    def in_name(self) -> Q:
        if len(self.key) < SHORTEST_INSIDE:
            return Q(sort_key__startswith=self.key) | Q(sort_key__contains=f" {self.key}")
        return Q(sort_key__contains=self.key)


def found(people: PersonQuerySet, text: str, *, forgives: bool = True) -> PersonQuerySet:
    """Keep whom ``text`` means: those it names, or, where it names nobody, those whose name is almost it.

    Without ``forgives``, slips find nobody. What is begun like a number finds numbers. Mails and the searched
    fields of one's own are looked through where names alone do not find too many.
    """
    words = words_of(text)
    if (numbered := _numbered(people, text)) is not None:
        return numbered if len(idents := _some(numbered)) > MOST_RANKED else _ranked(people, idents, text)
    named = people.filter(*(word.in_name for word in words))
    idents = _some(named)
    if len(idents) > MOST_RANKED:
        return named if len(_some(named, MOST_SORTED)) > MOST_SORTED else named.order_by(UNINDEXED, "pk")
    if idents and len(words) > 1:
        return _ranked(people, idents, text)
    elsewhere = _elsewhere(people, words)
    idents = list({*idents, *_some(elsewhere)})
    if len(idents) > MOST_RANKED:
        return people.filter(pk__in=named.order_by().values("pk").union(elsewhere.order_by().values("pk")))
    if not idents and forgives:
        idents = _resembling(people, words)
    return _ranked(people, idents, text)


def one_named(people: PersonQuerySet, words: str) -> Person:
    """Return the one of ``people`` whom words name, as the list would. Raises Impossible for none, or several."""
    ones = list(found(people, words, forgives=False).order_by("sort_key", "pk")[: OFFERED + 1])
    if not ones:
        raise Impossible(gettext("Nobody is found by these words."))
    if len(ones) > 1:
        names = ", ".join(str(one) for one in ones[:OFFERED])
        raise Impossible(gettext("Several persons are: %(names)s. Say it by e-mail or number.") % {"names": names})
    return ones[0]


def words_of(text: str) -> list[Word]:
    """Return what is looked for, the first words of ``text``."""
    return [Word(word.lower(), normalise.sort_key(word) or word.lower()) for word in text.split()[:MOST_WORDS]]


def _ranked(people: PersonQuerySet, idents: Sequence[int], text: str) -> PersonQuerySet:
    key = normalise.sort_key(text)
    begins = Case(When(sort_key__startswith=key, then=Value(1)), default=Value(0))
    # Of whole words: « nomie » is nearer to noemie than to the end of one word and the beginning of the next.
    likeness = TrigramStrictWordSimilarity(key, "sort_key")
    return people.filter(pk__in=idents).order_by(begins.desc(), likeness.desc(), "sort_key", "pk")


def _some(people: PersonQuerySet, most: int = MOST_RANKED) -> list[int]:
    return list(people.order_by().values_list("pk", flat=True)[: most + 1])


def _numbered(people: PersonQuerySet, text: str) -> PersonQuerySet | None:
    """Keep whose number begins so, in the order of the numbers; None when ``text`` is no number."""
    if Fact.PHONE in people.hidden or not (beginning := normalise.phone_beginning(text)):
        return None
    # Read from the numbers on, in their order, a person once: the first fifty of a hundred thousand cost fifty.
    lower = PhoneNumber.objects.filter(
        person=OuterRef("pk"), number__startswith=beginning, number__lt=OuterRef("phones__number")
    )
    return people.filter(~Exists(lower), phones__number__startswith=beginning).order_by("phones__number", "pk")


def _elsewhere(people: PersonQuerySet, words: Sequence[Word]) -> PersonQuerySet:
    """Keep whom one word leads to by a mail that it begins or a searched field, the others being in the name or so."""
    ways: list[QuerySet[Any, Any]] = []
    for word in words:
        rest = [_anywhere(people, other) for other in words if other != word]
        for rows in _holding(people, word):
            ids = rows.order_by().values("person")
            # Not those of `people`: their filters are asked once, of whoever is left.
            ways.append(Person.objects.filter(*rest, pk__in=ids[:MOST_LED_TO]).order_by().values("pk") if rest else ids)
    return people.filter(pk__in=ways[0].union(*ways[1:])) if ways else people.none()


def _holding(people: PersonQuerySet, word: Word) -> list[QuerySet[Any, Any]]:
    """Return the mails and the searched fields that hold a word, of those that are not hidden from who asks."""
    if len(word.key) < SHORTEST_INSIDE:
        return []
    texts = FieldText.objects.filter(
        text__contains=word.key, field__in=CustomField.objects.in_use().seen_by(people.read_by)
    )
    if Fact.EMAIL in people.hidden:
        return [texts]
    return [texts, EmailAddress.objects.filter(address__startswith=word.typed)]


def _anywhere(people: PersonQuerySet, word: Word) -> Q:
    found = word.in_name
    for rows in _holding(people, word):
        found |= Q(Exists(rows.filter(person=OuterRef("pk"))))
    return found


def _resembling(people: PersonQuerySet, words: Sequence[Word]) -> list[int]:
    """Return whose name, or the end of whose mail, is written almost like ``words``: typos.

    Of several words one is mistyped more often than two: the others, looked up as they are, lead to it quickly.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LENIENT, [str(_likeness_asked(words))])
        if len(words) > 1:
            slips = [
                people.filter(_alike(people, word), *(other.in_name for other in words if other != word))
                for word in words
            ]
            first, *others = (slip.order_by().values("pk") for slip in slips)
            if idents := [row["pk"] for row in first.union(*others)[: MOST_RANKED + 1]]:
                return idents
        return _some(people.filter(*(_alike(people, word) for word in words)))


def _likeness_asked(words: Sequence[Word]) -> float:
    """Return what share of the shortest word's trigrams one slip leaves whole: to ask for less is to read for more."""
    trigrams = min(len(word.key) for word in words) + 1
    return min(max((trigrams - BROKEN) / trigrams, LEAST_ALIKE), MOST_ASKED)


def _alike(people: PersonQuerySet, word: Word) -> Q:
    """Return what is almost ``word``: written as a mail, among mails only, and nowhere where they are hidden."""
    if "@" not in word.typed:
        return Q(sort_key__trigram_word_similar=word.key)
    if Fact.EMAIL in people.hidden:
        return Q(pk__in=[])
    begun = EmailAddress.objects.filter(address__startswith=word.typed[: len(word.typed) // 2])
    return Q(pk__in=begun.filter(address__trigram_similar=word.typed).order_by().values("person"))
