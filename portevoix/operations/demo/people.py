"""The demo's people: most came by a file, as NationBuilder exports it; the others by the site, day after day.

Both ways are the product's own: the file is generated, read and let in like any other, the forms are received and
confirmed. Nobody is invented twice: done once, it is left alone.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain, islice, pairwise

from portevoix.accounts.models import User
from portevoix.accounts.types import Staff, System, Visitor
from portevoix.exchange import services as exchange
from portevoix.exchange import tasks
from portevoix.intake.links import confirmation_token
from portevoix.intake.services import receiving
from portevoix.intake.types import SignUp
from portevoix.kernel import clock, normalise
from portevoix.operations.generation.people import Order, people, write
from portevoix.people.models import HouseholdMember, Person, PostalAddress, SavedView
from portevoix.people.services import duplicates, households, lists
from portevoix.people.tasks import look_for_duplicates
from portevoix.rights.purposes import Purpose
from portevoix.segments import services as segments
from portevoix.segments.models import Segment
from portevoix.territory import services as territory
from portevoix.territory.models import Commune
from portevoix.territory.selectors import commune_at

ACTOR = System("demo")
SEED = 2028
ROWS = 4_000
FILE = "export-nationbuilder-2028.csv"
DAYS = 60
#: Persons who come in by both ways, under two addresses.
TWICE = 8
#: Persons whom the next night erases: their term is over.
AT_THEIR_TERM = 18
#: How many households there are at most, twice over.
HOUSEHOLDS = 30
#: Part of those who fill the form in and also click on the link of the letter.
CONFIRM = 0.88
#: Name, how the parts are put together, parts.
SEGMENTS: tuple[tuple[str, str, list[dict[str, object]]], ...] = (
    ("Nouveaux depuis un mois", "all", [{"criterion": "known_within", "days": 30}]),
    (
        "Bretagne, d’accord pour les nouvelles",
        "all",
        [{"criterion": "region", "region": "53"}, {"criterion": "ground", "purpose": "newsletter"}],
    ),
    (
        "Autour de Saint-Étienne, à appeler",
        "all",
        [
            {"criterion": "near", "commune": "42218", "km": 40},
            {"criterion": "phone", "kind": "mobile"},
            {"match": "none", "parts": [{"criterion": "age", "least": 0, "most": 17}]},
        ],
    ),
)

#: Name, filters, columns, order.
VIEWS: tuple[tuple[str, dict[str, str], list[str], str], ...] = (
    ("Loire, à rappeler", {"departement": "42"}, ["phone", "commune", "tags", "point_person", "last_event"], ""),
    (
        "Derniers arrivés, d’accord pour les nouvelles",
        {"consent": "newsletter"},
        ["email", "departement", "source", "created_at"],
        "-created_at",
    ),
)


def build_people() -> int:
    """Bring the demo's people in; return how many there are."""
    if Person.objects.exists():
        return 0
    if not Commune.objects.exists():
        territory.import_communes(actor=ACTOR)
    _by_file()
    _by_the_site()
    _some_live_together()
    _at_their_term()
    look_for_duplicates(duplicates.search_duplicates(by_worker=False, actor=ACTOR).pk)
    return Person.objects.count()


def build_segments() -> int:
    """Save the demo's segments that are not there yet; return how many."""
    known = set(Segment.objects.values_list("name", flat=True))
    new = [entry for entry in SEGMENTS if entry[0] not in known]
    for name, match, parts in new:
        segments.save(name=name, tree={"match": match, "parts": parts}, actor=ACTOR)
    return len(new)


def build_views() -> int:
    """Save the demo's shared views of the list that are not there yet, as its director would; return how many."""
    director = User.objects.filter(username="direction").first()
    if director is None:
        return 0
    actor = Staff(director)
    known = set(SavedView.objects.filter(owner=director).values_list("name", flat=True))
    new = [entry for entry in VIEWS if entry[0] not in known]
    for name, filters, columns, ordering in new:
        made = lists.save_view(None, name=name, filters=filters, columns=columns, ordering=ordering, actor=actor)
        lists.share_view(made, is_shared=True, actor=actor)
    return len(new)


def _by_file() -> None:
    # Before the first visitor, and just short of the two months after which who agreed to nothing has to go.
    long_ago = clock.now().astimezone(clock.PARIS).replace(hour=6) - timedelta(days=DAYS)
    with clock.stopped_at(long_ago), tempfile.TemporaryFile() as file:
        for _summary in write(Order(ROWS, SEED), file):
            continue
        file.seek(0)
        run = exchange.receive_file(FILE, iter(lambda: file.read(1 << 20), b""), by_worker=False, actor=ACTOR)
        _advance(run.pk)
        exchange.start_import(run.pk, declares_grounds=True, by_worker=False, actor=ACTOR)
        _advance(run.pk)


def _advance(run_id: int) -> None:
    for _step in tasks.steps(run_id):
        continue


def _some_live_together() -> None:
    """Give a few people somebody to live with: of those who have a street, whoever follows in the same town."""
    housed = PostalAddress.objects.exclude(line1="").order_by("postcode", "pk").select_related("person")
    for one, other in pairwise(housed[: 4 * HOUSEHOLDS]):
        is_free = not HouseholdMember.objects.filter(person__in=[one.person, other.person]).exists()
        if is_free and one.postcode == other.postcode and one.person != other.person:
            households.house_together(one.person, other.person, actor=ACTOR)


def _by_the_site() -> None:
    chance = random.Random(SEED)  # noqa: S311  # a demo, not a secret
    for number, (row, moment) in enumerate(zip(_visitors(), _moments(chance), strict=False)):
        purposes = {Purpose.NEWSLETTER} | ({Purpose.TEXTS} if number % 4 == 0 else set())
        commune = commune_at(row["primary_zip"], row["primary_city"])
        form = SignUp(
            email=row["email"],
            source="/rejoindre/",
            first_name=row["first_name"],
            last_name=row["last_name"],
            postcode=row["primary_zip"],
            commune=commune.pk if commune else "",
            phone=normalise.phone(row.get("phone", "")) or "",
            purposes=frozenset(purposes),
        )
        with clock.stopped_at(moment):
            submission = receiving.receive(form, actor=Visitor())
        if chance.random() < CONFIRM:
            with clock.stopped_at(moment + timedelta(minutes=chance.randint(1, 300))):
                receiving.confirm(confirmation_token(submission), actor=Visitor())


def _at_their_term() -> None:
    """People who came once, long ago, and said nothing since: what the next night ends."""
    rows = (row for row, _flaw in people(Order(60, SEED, first=ROWS + 2_001, dirt=0)) if row["email"])
    for number, row in enumerate(islice(rows, AT_THEIR_TERM)):
        is_occasional = number % 3 == 0
        moment = clock.now() - timedelta(days=100 + number if is_occasional else 3 * 366 + number)
        form = SignUp(
            email=row["email"],
            source="/rejoindre/",
            first_name=row["first_name"],
            last_name=row["last_name"],
            postcode=row["primary_zip"],
            purposes=frozenset() if is_occasional else frozenset({Purpose.NEWSLETTER}),
        )
        with clock.stopped_at(moment):
            receiving.confirm(confirmation_token(receiving.receive(form, actor=Visitor())), actor=Visitor())


def _visitors() -> Iterator[dict[str, str]]:
    return chain(islice(_known_already(), TWICE), _newcomers())


def _known_already() -> Iterator[dict[str, str]]:
    """People of the file who fill the form in with another address: two records of one person."""
    for row, flaw in people(Order(ROWS, SEED)):
        if row["email"] and row["mobile_number"] and row["last_name"] and not flaw:
            yield {**row, "email": f"perso.{row['email']}", "phone": row["mobile_number"]}


def _newcomers() -> Iterator[dict[str, str]]:
    for row, _flaw in people(Order(1_000, SEED, first=ROWS + 1, dirt=0)):
        if row["email"]:
            yield row


def _moments(chance: random.Random) -> Iterator[datetime]:
    """More each week, and a rush after a meeting."""
    for ago in range(DAYS, 0, -1):
        usual = 1.5 + (DAYS - ago) / 18
        rush = 3.0 if ago in {33, 12, 3} else 1.0
        for _one in range(round(usual * rush * chance.uniform(0.6, 1.4))):
            morning = clock.now().astimezone(clock.PARIS).replace(hour=8, minute=0) - timedelta(days=ago)
            yield morning + timedelta(minutes=chance.randint(0, 13 * 60))
