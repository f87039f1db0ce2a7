"""What is known of persons by which somebody erased is known again, when a file names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set

from portevoix.kernel import normalise
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.rights.rules.likeness import Known, looked_for, name_key
from portevoix.rights.selectors import suppressions_of


def numbers_of(person_ids: list[int], *, beside: list[int]) -> tuple[set[str], set[str]]:
    """Return the numbers of persons, and those among them that are not theirs alone.

    Those are what somebody else has who is not ``beside`` them, and every landline: it rings in a home, whoever of it
    is in the file. Only where there is no name to go with it is a landline all that somebody is known by.
    """
    held = list(PhoneNumber.objects.filter(person__in=person_ids).values_list("number", "person__sort_key"))
    numbers = {number for number, _name in held}
    others = PhoneNumber.objects.filter(number__in=numbers).exclude(person__in=beside)
    homes = {number for number, name in held if name_key(name) and not normalise.is_mobile(number)}
    return numbers, homes | set(others.values_list("number", flat=True))


def known_of(person_ids: list[int], *, shared: Set[str] | None) -> Iterator[Known]:
    """Yield what is known of each person; without ``shared``, any number of theirs may have been somebody else's."""
    emailed = set(EmailAddress.objects.filter(person__in=person_ids).values_list("person", flat=True))
    numbers, homes = defaultdict(list), defaultdict(list)
    for person, number in PhoneNumber.objects.filter(person__in=person_ids).values_list("person", "number"):
        numbers[person].append(number)
    addresses = PostalAddress.objects.filter(person__in=person_ids)
    for person, *home in addresses.values_list("person", "line1", "postcode"):
        homes[person].append((home[0], home[1]))
    people = Person.objects.filter(pk__in=person_ids).values_list("pk", "sort_key", "born_on", "postcode")
    for person, sort_key, born_on, postcode in people:
        common = [number for number in numbers[person] if shared is None or number in shared]
        own = len(common) < len(numbers[person])
        yield Known(sort_key, born_on, postcode, tuple(homes[person]), tuple(common), person in emailed or own)


def is_brought_back(known: Known, *, was: Known | None = None) -> bool:
    """Tell whether somebody erased would be known again by what is said of a person, and was not by what was said."""
    told = looked_for(known) - (looked_for(was) if was else set())
    return bool(told) and suppressions_of(told).exists()
