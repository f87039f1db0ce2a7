"""Search as one types: by name, mail or number, typos and accents apart, the likeliest first."""

from __future__ import annotations

from django.contrib.postgres.search import TrigramStrictWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, Value, When

from portevoix.kernel import normalise
from portevoix.people.models import PersonQuerySet

#: More found persons than these are left in the order of their names: nobody reads on, and ranking reads them all.
MOST_RANKED = 200
#: PostgreSQL's own 0.6 forgives no slip in a short word: « nomie » for Noémie.
LENIENT = "SET LOCAL pg_trgm.word_similarity_threshold = 0.44"


def found(people: PersonQuerySet, text: str) -> PersonQuerySet:
    """Keep whom ``text`` means: those it names, or, where it names nobody, those whose name is almost it."""
    named = people.matching(text)
    idents = _some(named)
    if not idents:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LENIENT)
            idents = _some(people.resembling(text))
    elif len(idents) > MOST_RANKED:
        return named
    key = normalise.sort_key(text)
    begins = Case(When(sort_key__startswith=key, then=Value(1)), default=Value(0))
    # Of whole words: « nomie » is nearer to noemie than to the end of one word and the beginning of the next.
    likeness = TrigramStrictWordSimilarity(key, "sort_key")
    return people.filter(pk__in=idents).order_by(begins.desc(), likeness.desc(), "sort_key", "pk")


def _some(people: PersonQuerySet) -> list[int]:
    return list(people.order_by().values_list("pk", flat=True)[: MOST_RANKED + 1])
