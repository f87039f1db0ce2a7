"""What organisers wrote on a dozen of the demo's people: roles, ties, notes, a file, opinions, a field of one's own."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.base import ContentFile

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System, Visitor
from portevoix.disclosure.services import answering
from portevoix.kernel import clock
from portevoix.people.interactions import consulted
from portevoix.people.models import Candidate, Person, Relationship
from portevoix.people.services import editing, fields, writing
from portevoix.people.types import CustomKind, Held, RelationKind, RoleKind, Why
from portevoix.rights.purposes import Basis, Purpose
from portevoix.rights.services import grounds, merging, opinions
from portevoix.rights.types import Views

AUTHOR = "organisation"
NOTES = (
    "Propose de prêter sa camionnette pour le matériel, le samedi.",
    "Rencontrée au marché : veut bien tenir une table, pas coller d’affiches.",
    "Préfère qu’on l’appelle après 18 h.",
    "Connaît bien la présidente du club de vélo ; à inviter ensemble.",
)
ROLES = (
    Held(RoleKind.VOLUNTEER, "tractage, porte-à-porte"),
    Held(RoleKind.MEMBER, dues_paid_on=date(2026, 2, 3), dues_until=date(2027, 2, 2)),
    Held(RoleKind.ELECTED, "conseillère municipale", since=date(2026, 3, 22)),
    Held(RoleKind.PRESS, "La Gazette du Barrage"),
    Held(RoleKind.ACTIVIST, "comité de gare"),
)
VIEWS = (
    Views(5, ("train du quotidien", "hôpital"), "Ricochet"),
    Views(4, ("école",), ""),
    Views(2, ("impôts",), "ne sait pas"),
)
SHIRT, GIFT = "Taille de t-shirt", "Sait faire"
GIFTS = ("sonorisation", "couture", "comptabilité", "photographie", "cuisine pour trente")


def build_records() -> int:
    """Write on the first of those who joined by the site; return on how many. Done once, it is left alone."""
    if Relationship.objects.exists():
        return 0
    actor = _author()
    people = list(Person.objects.filter(interactions__kind="confirmed").exclude(last_name="").order_by("pk")[:12])
    shirt = fields.make_field(
        None,
        label=SHIRT,
        kind=CustomKind.CHOICE,
        group="Équipement",
        choices=["S", "M", "L", "XL"],
        actor=System("demo"),
    )
    gift = fields.make_field(
        None, label=GIFT, kind=CustomKind.TEXT, group="Bénévolat", choices=[], is_searched=True, actor=System("demo")
    )
    for number, person in enumerate(people):
        writing.write_note(person, NOTES[number % len(NOTES)], actor=actor)
        writing.give_role(person, ROLES[number % len(ROLES)], actor=actor)
        if number:
            kind = RelationKind.POINT_PERSON if number % 2 else RelationKind.RECRUITED_BY
            writing.tie(person, kind, people[0], actor=actor)
        consulted(person, Why.RECORD, actor=actor)
        Person.objects.filter(pk=person.pk).update(
            custom={**person.custom, shirt.key: "SML"[number % 3], gift.key: GIFTS[number % len(GIFTS)]}
        )
        editing.tag(person, ["tour des gares"], seen=[], actor=actor)
    for person, views in zip(people, VIEWS, strict=False):
        _note_opinion(person, views)
    writing.add_file(people[0], ContentFile("Reçu le 3 février.\n".encode(), "adhesion.txt"), actor=actor)
    with clock.stopped_at(clock.now() - timedelta(days=3)):
        answering.ask_for_copy(people[1], actor=Visitor())
    _merge_one_pair()
    return len(people)


def _author() -> Actor:
    user = User.objects.filter(username=AUTHOR).first()
    return Staff(user) if user else System("demo")


def _note_opinion(person: Person, views: Views) -> None:
    evidence = {"asked": "Au stand de la gare, en lisant la phrase à voix haute."}
    actor = System("demo")
    grounds.give(person, Purpose.OPINION, basis=Basis.CONSENT, evidence=evidence, source="stand", actor=actor)
    opinions.record_opinion(person, views, seen=Views(), actor=actor)


def _merge_one_pair() -> None:
    pair = Candidate.objects.filter(told_apart_at=None).order_by("-score", "pk").first()
    if pair:
        merging.merge(pair.first_id, pair.second_id, actor=System("demo"))
