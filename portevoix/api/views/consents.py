"""What people agree to, take back, and say of their opinions: on their own ground, with its proof."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router

from portevoix.api.exceptions import TakenBack, Unfit, VersionPassed
from portevoix.api.views.door import opened_by
from portevoix.api.views.people import held_by, person_seen
from portevoix.api.views.schemas import (
    ConsentSent,
    ConsentsTold,
    ConsentTold,
    OpinionSent,
    OpinionTold,
    PurposeTold,
    WithdrawalSent,
)
from portevoix.disclosure.services import serving
from portevoix.intake.forms import OLDEST
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.models import Ground, Opinion, Wording
from portevoix.rights.purposes import OPTIONAL, WORDINGS, Basis, Purpose
from portevoix.rights.selectors import current_wording, hold, taken_back_since, wait_at_the_entrance
from portevoix.rights.services.opinions import record_opinion
from portevoix.rights.types import Views

router = Router(tags=["rights"])


@router.get("/purposes", response=list[PurposeTold], **opened_by(), operation_id="list_purposes")
def list_purposes(request: HttpRequest) -> list[dict[str, Any]]:
    """What a person can agree to, each on its own, and the very words: their numbers are part of the proof."""
    return [
        {
            "purpose": purpose.value,
            "label": str(purpose.label),
            "channel": channel.value,
            "wordings": _wordings(purpose),
        }
        for purpose, channel in OPTIONAL.items()
    ]


def _wordings(purpose: Purpose) -> list[dict[str, Any]]:
    words = [current_wording(purpose, language) for language in WORDINGS[purpose]]
    return [{"id": one.pk, "language": one.language, "text": one.text} for one in words]


@router.get("/people/{int:pk}/consents", response=ConsentsTold, **opened_by("disclosure.serve_consents"),
            operation_id="list_consents")  # fmt: skip
def list_consents(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What somebody agreed to, refused and took back, the latest first. Each reading is written down."""
    held = held_by(request)
    found = serving.serve_consents(person_seen(pk, held.actor), purpose=held.key.purpose, actor=held.actor)
    return {"consents": [_held(ground) for ground in found]}


def _held(ground: Ground) -> dict[str, Any]:
    names = ("purpose", "channel", "basis", "given_at", "withdrawn_at", "end", "source")
    words = ground.wording
    told = words and {name: getattr(words, name) for name in ("id", "language", "version", "text")}
    return {**{name: getattr(ground, name) for name in names}, "wording": told}


@router.post("/people/{int:pk}/consents", response=ConsentTold, **opened_by("rights.give"), operation_id="give_consent")
def give_consent(request: HttpRequest, pk: int, sent: ConsentSent) -> dict[str, Any]:
    """Record a consent, with its proof. What the person took back since that day stays so."""
    held, purpose = held_by(request), Purpose(sent.purpose)
    person = person_seen(pk, held.actor)
    today = clock.today()
    if not today - OLDEST <= sent.proof.on <= today:
        raise Unfit({"proof.on": [gettext("A consent is of the last twelve months, and not of a day to come.")]})
    if not Wording.objects.filter(pk=sent.wording, purpose=purpose).exists():
        raise Unfit({"wording": [gettext("These are not the words of this purpose.")]})
    evidence = {
        "wording": sent.wording,
        "asked": sent.how,
        "form": sent.proof.where,
        "signed_on": sent.proof.on.isoformat(),
        "entered_by": held.actor.label,
    }
    with transaction.atomic():
        wait_at_the_entrance()
        # Held, so that nobody takes it back between the question and the act.
        hold(person, held.actor)
        if purpose in taken_back_since(person, sent.proof.on):
            raise TakenBack
        rights.give(person, purpose, basis=Basis.CONSENT, evidence=evidence, source=held.source, actor=held.actor)
    return {"agreed_to": _agreed_to(person)}


@router.post("/people/{int:pk}/withdrawals", response=ConsentTold, **opened_by("rights.withdraw"),
             operation_id="withdraw_consent")  # fmt: skip
def withdraw_consent(request: HttpRequest, pk: int, sent: WithdrawalSent) -> dict[str, Any]:
    """Record that somebody takes consents back (RGPD art. 7(3)): nothing more is asked of them."""
    held = held_by(request)
    person = person_seen(pk, held.actor)
    evidence = {"asked": sent.how, "form": sent.where, "entered_by": held.actor.label}
    purposes = [Purpose(name) for name in sent.purposes]
    rights.withdraw(person, purposes, evidence=evidence, source=held.source, actor=held.actor)
    return {"agreed_to": _agreed_to(person)}


def _agreed_to(person: Person) -> list[str]:
    return sorted(Ground.objects.live().filter(person=person).values_list("purpose", flat=True))


@router.get("/people/{int:pk}/opinions", response=OpinionTold, **opened_by("disclosure.serve_opinion"),
            operation_id="read_opinions")  # fmt: skip
def read_opinions(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What somebody agreed to have recorded of their political opinions. Each reading is written down."""
    held = held_by(request)
    views = serving.serve_opinion(person_seen(pk, held.actor), purpose=held.key.purpose, actor=held.actor)
    return _told(views)


@router.put("/people/{int:pk}/opinions", response=OpinionTold, **opened_by("rights.record_opinion"),
            operation_id="record_opinions")  # fmt: skip
def record_opinions(request: HttpRequest, pk: int, sent: OpinionSent) -> dict[str, Any]:
    """Record what the person said of their opinions; refused unless they agreed to that (RGPD art. 9)."""
    held = held_by(request)
    person = person_seen(pk, held.actor)
    views = Views(sent.support_level, tuple(dict.fromkeys(sent.issues)), sent.vote_intention)
    record_opinion(person, views, seen=_seen(person, sent.version), source=held.source, actor=held.actor)
    return _told(views)


def _seen(person: Person, version: str) -> Views:
    """Return what was recorded at that version. Raises VersionPassed where it is not what is recorded now."""
    known = Opinion.objects.filter(person=person).first()
    views = known.views if known else Views()
    if _version(views) != version:
        raise VersionPassed
    return views


#: The version of whoever has said nothing: a program that only writes need read nothing first.
NOTHING = "none"


def _version(views: Views) -> str:
    if views == Views():
        return NOTHING
    said = json.dumps([views.support_level, views.issues, views.vote_intention])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _told(views: Views) -> dict[str, Any]:
    return {**vars(views), "issues": list(views.issues), "version": _version(views)}
