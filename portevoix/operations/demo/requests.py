"""Requests of a few of the demo's people, at each stage: one nearly late, one that the campaign has let slip."""

from __future__ import annotations

from datetime import timedelta

from portevoix.accounts.types import System, Visitor
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.people.types import ContactStatus
from portevoix.rights.models import Request
from portevoix.rights.purposes import Purpose
from portevoix.rights.services import answers, requesters, requests, restricting
from portevoix.rights.types import Asked, RequestKind, RequestWay, RestrictionGround


def build_requests() -> int:
    """Make the requests; return how many. Done once, it is left alone."""
    if Request.objects.exists():
        return 0
    confirmed = Person.objects.filter(emails__is_primary=True, emails__status=ContactStatus.VERIFIED)
    people = list(confirmed.exclude(last_name="").order_by("-pk")[:8])
    actor = System("demo")
    for person, (days, asked) in zip(people, _by_hand(), strict=False):
        moment = clock.now() - timedelta(days=days)
        with clock.stopped_at(moment):
            requests.enter_request(person, asked, actor=actor)
    made = list(Request.objects.order_by("pk"))
    if len(made) >= 5:
        requests.extend_request(
            made[2].pk, "Vos échanges sont dans trois boîtes aux lettres à dépouiller.", actor=actor
        )
        answers.answer_request(made[3].pk, "", actor=actor)
        answers.answer_request(made[4].pk, "", actor=actor)
    if len(people) > len(made):
        _on_the_site(people[-1])
    _to_be_told_by_post(actor)
    return Request.objects.count()


def _by_hand() -> list[tuple[int, Asked]]:
    today = clock.today()

    def asked(days: int, kind: RequestKind, way: RequestWay, words: str, **more: object) -> tuple[int, Asked]:
        return days, Asked(kind=kind, way=way, received_on=today - timedelta(days=days), words=words, **more)  # type: ignore[arg-type]

    return [
        asked(36, RequestKind.ACCESS, RequestWay.LETTER, "Je souhaite savoir tout ce que vous avez sur moi."),
        asked(28, RequestKind.ERASURE, RequestWay.EMAIL, "Merci de supprimer mes données, j’ai déménagé."),
        asked(12, RequestKind.ACCESS, RequestWay.EMAIL, "Copie de mes données, et de qui les a reçues."),
        asked(
            6,
            RequestKind.RESTRICTION,
            RequestWay.LETTER,
            "Mon adresse est fausse : ne vous en servez plus avant de l’avoir vérifiée.",
            restriction=RestrictionGround.ACCURACY,
        ),
        asked(
            5,
            RequestKind.OBJECTION,
            RequestWay.DOOR,
            "Ne plus sonner chez elle.",
            purposes=(Purpose.VISITS.value,),
        ),
        asked(2, RequestKind.RECTIFICATION, RequestWay.PHONE, "Son prénom s’écrit avec un y."),
    ]


def _to_be_told_by_post(actor: System) -> None:
    """Somebody whose restriction will end, and whom no e-mail reaches: the worker finds that out a minute later."""
    person = Person.objects.filter(emails=None, phones__isnull=False).exclude(last_name="").order_by("pk").first()
    if person is None:
        return
    words = "Mon nom est mal écrit : ne vous servez plus de ma fiche avant de l’avoir corrigé."
    asked = Asked(kind=RequestKind.RESTRICTION, way=RequestWay.DOOR, received_on=clock.today(), words=words)
    restriction = answers.answer_request(requests.enter_request(person, asked, actor=actor).pk, "", actor=actor)
    restricting.announce_lifting(restriction.pk, "Le nom est corrigé.", actor=actor)


def _on_the_site(person: Person) -> None:
    address = person.emails.filter(is_primary=True).values_list("address", flat=True).first()
    if address is None:
        return
    requesters.ask(address, RequestKind.RECTIFICATION, language="fr", actor=Visitor())
    requesters.find_requesters(actor=System("demo"))
    waiting = Request.objects.filter(person=person).latest("pk")
    requesters.verify_request(
        waiting.pk, corrections={"occupation": "institutrice", "postcode": "35000"}, actor=Visitor()
    )
