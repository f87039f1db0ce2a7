"""The demo's election, and a political advertisement that left the day before: its notice, its clicks, its report.

Written once, before the letters: an instance that has messages of its own is left as it is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System
from portevoix.delivery import counter, dispatch
from portevoix.delivery import services as delivery
from portevoix.delivery.rules import tokens
from portevoix.delivery.types import Envelope, Outcome, Result
from portevoix.kernel import clock
from portevoix.mailings import letters
from portevoix.mailings.models import Mailing
from portevoix.mailings.services import advertising, composing, measuring, sending
from portevoix.mailings.types import Declaration, Draft, Origin, Place
from portevoix.people.models import Person
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.services import grounds
from portevoix.segments import services as segments
from portevoix.territory.models import Departement, Election
from portevoix.territory.rules import silence
from portevoix.territory.services.elections import keep_election
from portevoix.territory.types import ElectionDraft, ElectionKind

AUTHOR = "communication"
TITLE = "Publicité : la fréquence d’abord"
BRETAGNE = {"match": "all", "parts": [{"criterion": "region", "region": "53"}]}
BODY = [
    ("heading", "Un train toutes les demi-heures, partout"),
    (
        "text",
        "<p>Bonjour {{ first_name|à vous }},</p><p>Dans quelques mois, vous voterez. Voici, en une minute, ce que "
        "Ricochet propose pour les gares : la fréquence d’abord, la vitesse ensuite.</p>",
    ),
    ("button", {"label": "Lire la mesure", "page": None, "address": "/programme/"}),
    ("text", '<p>Une question ? <a href="/rejoindre/">Venez la poser</a> près de chez vous.</p>'),
]
#: How long ago it left.
SINCE = timedelta(hours=30)
AGREED = 12


def build_adverts() -> Mailing | None:
    """Write the election and send the advertisement, unless the instance has one, or messages."""
    election = Election.objects.first() or keep_election(_election(), actor=System("demo"))
    if Mailing.objects.exists():
        return None
    _agree_to_be_measured()
    user = User.objects.filter(username=AUTHOR).first()
    author: Actor = Staff(user) if user else System("demo")
    with clock.stopped_at(clock.now() - SINCE):
        mailing = _sent(election, author)
        dispatch.run(_Received, connections=1)
        if mailing.batch is not None:
            delivery.finish(mailing.batch, actor=System("demo"))
        sending.finish(mailing, actor=System("demo"))
    _readers_follow(mailing)
    return mailing


def _election() -> ElectionDraft:
    """An election of all of France, some five months ahead, on two Sundays."""
    day = clock.today() + timedelta(days=150)
    sunday: date = day + timedelta(days=6 - day.weekday())
    return ElectionDraft(
        kind=ElectionKind.PRESIDENTIAL,
        name="Élection présidentielle (dates de démonstration)",
        first_round_on=sunday,
        second_round_on=sunday + timedelta(days=14),
        early=tuple(Departement.objects.filter(code__in=silence.EARLY).values_list("code", flat=True)),
    )


def _agree_to_be_measured() -> None:
    agreed = Person.objects.filter(grounds__purpose=Purpose.NEWSLETTER, grounds__withdrawn_at=None)
    for person in agreed.filter(commune__departement__region="53").order_by("pk")[:AGREED]:
        evidence = {"page": "preferences"}
        with clock.stopped_at(clock.now() - timedelta(days=20)):
            grounds.give(
                person,
                Purpose.MEASUREMENT,
                basis=Basis.CONSENT,
                evidence=evidence,
                source="preferences",
                actor=System("demo"),
            )


def _sent(election: Election, author: Actor) -> Mailing:
    segment = segments.save(name="En Bretagne", tree=BRETAGNE, actor=author)
    stream = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
    body = stream.to_python([{"type": kind, "value": value} for kind, value in BODY])
    draft = Draft(title=TITLE, subject="Un train toutes les demi-heures, partout", body=body, segment=segment)
    mailing = composing.create(draft, actor=author)
    legal = legal_facts()
    day = clock.today()
    declared = Declaration(
        sponsor=legal.publisher or "Ricochet",
        sponsor_email=legal.publisher_email or "bonjour@ricochet.example",
        sponsor_address=legal.publisher_address or "12 rue des Ricochets, 00000 Villedeau",
        complaints=legal.publisher_email or "bonjour@ricochet.example",
        election=election,
        begins_on=day,
        ends_on=day + timedelta(days=7),
        amount=Decimal("38.40"),
        method="part de la facture annuelle de l’hébergeur, au prorata des lettres envoyées",
        origin=Origin.PRIVATE,
        place=Place.INSIDE,
    )
    advertising.declare_advert(mailing, declared, actor=author)
    measuring.set_measure(mailing, opens=settings.INSTANCE.mail.count_opens, people=True, actor=author)
    return sending.send(mailing, letters.confirmation(mailing, author), actor=author)


class _Received:
    """Stands for a mail server of the day before, which took everything."""

    def deliver(self, envelopes: Iterable[Envelope], *, committing: Callable[[int], bool]) -> Iterator[Result]:
        """Answer as a server does."""
        for envelope in envelopes:
            if committing(envelope.ref):
                yield Result(envelope.ref, Outcome.SENT, 250, "2.0.0 Ok")

    def close(self) -> None:
        """Nothing is open."""


def _readers_follow(mailing: Mailing) -> None:
    """Let readers follow links over the hours: most in the first ones, some of them under their name."""
    if mailing.batch is None:
        return
    chance, began = random.Random(53), clock.now() - SINCE  # noqa: S311 - it draws a demo
    code, numbers = mailing.batch.code, list(mailing.batch.links.values_list("number", flat=True))
    for _click in range(90):
        moment = began + timedelta(hours=min(29.0, chance.expovariate(0.18)))
        with clock.stopped_at(moment):
            counter.follow(code, chance.choice(numbers), counted=True)
    key = tokens.reader_key_from(settings.SECRET_KEY)
    own = mailing.batch.messages.filter(person__grounds__purpose=Purpose.MEASUREMENT).order_by("pk")
    for number, message in enumerate(own.values_list("pk", flat=True)[: AGREED // 2], 1):
        with clock.stopped_at(began + timedelta(hours=number)):
            counter.follow(code, numbers[number % len(numbers)], tokens.token_of(message, key), counted=True)
