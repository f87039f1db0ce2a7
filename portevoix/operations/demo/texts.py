"""The demo's text messages, really sent by its own operator, with what people answered; and what volunteers did.

Written once: a campaign that has text messages of its own is left as it is.
"""

from __future__ import annotations

from datetime import timedelta

from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System
from portevoix.delivery.selectors.contacting import has_any
from portevoix.delivery.services import contacting
from portevoix.delivery.services.texting import take_in_replies
from portevoix.delivery.types import ContactResult, MadeContact, SaidReply
from portevoix.kernel import clock
from portevoix.mailings.models import ShortMessage
from portevoix.mailings.selectors import texts
from portevoix.mailings.services import texting
from portevoix.mailings.types import TextDraft
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights import services as rights
from portevoix.rights.purposes import Basis, Channel, Purpose
from portevoix.segments import services as segments
from portevoix.segments.models import Segment

ACTOR = System("demo")
SEGMENT = "Nouvelles par SMS"
TREE = {"match": "all", "parts": [{"criterion": "ground", "purpose": "texts"}]}
SENT = (
    "Réunion publique jeudi",
    "Ricochet : {{ first_name|bonjour }}, réunion publique jeudi à 19h, salle des Ondes à Villedeau. "
    "Répondez OUI si vous venez. https://ricochet.example/agenda",
)
DRAFTS = (
    (
        "Rappel du porte-à-porte",
        "Ricochet : rendez-vous samedi à 10h devant la mairie pour le porte-à-porte. "
        "Fête des bénévoles ensuite ! Dites-nous si vous êtes des nôtres.",
    ),
)
#: What people write back, in this order.
ANSWERS = (
    "Oui, je viens avec ma soeur",
    "STOP",
    "A quelle heure finit la réunion ?",
    "OUI",
    "Je ne peux pas jeudi, mais je veux bien aider samedi",
    "Arrêtez de m'envoyer des sms svp",
)
CALLS = (
    (Channel.PHONE, ContactResult.TALKED, "Prête à tenir le stand du marché un samedi sur deux.", "Aïcha B."),
    (Channel.PHONE, ContactResult.CALL_BACK, "Rappeler après 18 h.", "Aïcha B."),
    (Channel.PHONE, ContactResult.NO_ANSWER, "", "Hugo L."),
    (Channel.POST, ContactResult.SENT, "Invitation à la réunion du 12.", ""),
    (Channel.DOOR, ContactResult.TALKED, "Souhaite un panneau devant chez elle.", "Hugo L."),
    (Channel.DOOR, ContactResult.MESSAGE_LEFT, "Tract dans la boîte aux lettres.", "Hugo L."),
)


def build_texts(*, send: bool = True) -> list[ShortMessage]:
    """Write the demo's text messages and send the first, then let some people answer; return those made.

    It leaves when the worker runs, at an hour at which texts may arrive, to the demo's own telephones.
    """
    if ShortMessage.objects.exists():
        return []
    author, segment = _author(), _segment()
    made = [
        texting.write_text(TextDraft(title=title, words=words, segment=segment), actor=author)
        for title, words in (SENT, *DRAFTS)
    ]
    if send:
        confirmed = texts.confirmation(made[0], author)
        if confirmed.count and not texts.provider_fault():
            texting.send_text(made[0], confirmed, actor=author)
        _answer()
    return made


def _segment() -> Segment:
    return Segment.objects.filter(name=SEGMENT).first() or segments.save(name=SEGMENT, tree=TREE, actor=ACTOR)


def _answer() -> None:
    """Let some of the first readers write back, as the operator tells it."""
    audience = gate.admit(Person.objects.all(), purpose=Purpose.TEXTS, channel=Channel.SMS)
    people = Person.objects.filter(
        pk__in=list(audience.grounds.order_by("person").values_list("person", flat=True)[:40])
    )
    now = clock.now()
    for number, (person, words) in enumerate(zip(people.order_by("pk"), ANSWERS, strict=False)):
        phone = person.phones.filter(kind="mobile").order_by("-is_primary", "pk").first()
        if phone is not None:
            at = now - timedelta(minutes=7 * (len(ANSWERS) - number))
            take_in_replies([SaidReply(f"demo-{number}", phone.number, words, at)], actor=ACTOR)


def build_contacts() -> int:
    """Let some people agree to be contacted, and write down what volunteers did; return how many times."""
    if has_any():
        return 0
    actor, made = _caller(), 0
    used: set[int] = set()
    for number, (channel, result, said, volunteer) in enumerate(CALLS):
        purpose = contacting.PURPOSES[channel]
        points = gate.contact_points(channel).filter(person__restricted_at=None).exclude(person__in=used)
        ids = points.order_by("person").values_list("person", flat=True)[7 * number : 7 * number + 1]
        person = Person.objects.filter(pk__in=list(ids)).first()
        if person is None:
            continue
        # They agreed on their own page of preferences.
        evidence = {"page": "preferences"}
        rights.give(person, purpose, basis=Basis.CONSENT, evidence=evidence, source="preferences", actor=ACTOR)
        used.add(person.pk)
        at = clock.now() - timedelta(days=1 + number, hours=2)
        contact = MadeContact(channel=channel, result=result, at=at, note=said, volunteer=volunteer)
        contacting.record_contact(person, contact, actor=actor)
        made += 1
    return made


def _author() -> Actor:
    user = User.objects.filter(username="communication").first()
    return Staff(user) if user else ACTOR


def _caller() -> Actor:
    user = User.objects.filter(username="organisation").first()
    return Staff(user) if user else ACTOR
