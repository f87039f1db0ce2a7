"""Writing to the file: people come in, are corrected, tagged; each by the act that the screens use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Status

from portevoix.accounts.types import Fact
from portevoix.api.exceptions import HiddenFact, Unfit, VersionPassed
from portevoix.api.forms import own_values
from portevoix.api.views.door import opened_by
from portevoix.api.views.people import held_by, person_seen, router
from portevoix.api.views.schemas import (
    PersonChange,
    PersonChanged,
    PersonEntered,
    PersonSent,
    TagsChange,
    TagsTold,
)
from portevoix.intake.forms import SheetForm
from portevoix.intake.services.entering import enter
from portevoix.kernel import clock
from portevoix.people import interactions, services
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import Person, Tagging
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import identity_of, version_of
from portevoix.people.types import Gender, Identity, Why
from portevoix.territory.models import Commune

#: The addresses that read people take these acts too, by other methods: one router has both.
__all__ = ["router"]

#: Fields of which nothing is known where nothing is there; the others are empty.
NONE = ("born_on", "commune_id")
#: What the form for papers calls otherwise.
PLACES = {"purposes": "agreed_to", "where": "proof.where", "signed_on": "proof.on", "__all__": ""}


@router.post("/people", response={201: PersonEntered, 200: PersonEntered}, **opened_by("intake.enter"),
             operation_id="enter_person")  # fmt: skip
def enter_person(request: HttpRequest, sent: PersonSent) -> Status[dict[str, Any]]:
    """Bring somebody in: found by their address, or new. Only blanks are filled; what they took back stays so."""
    held = held_by(request)
    said = sent.model_dump()
    proof = said.pop("proof")
    form = SheetForm(
        {**said, "commune": "", "purposes": said["agreed_to"], "where": proof["where"], "signed_on": proof["on"]}
    )
    if not form.is_valid():
        raise Unfit(_in_our_words(form.errors))
    sheet = replace(form.sheet, commune=_commune(sent.commune) or "", source=held.source)
    entered = enter(sheet, actor=held.actor)
    told = {"id": entered.person.pk, "is_new": entered.is_new, "taken_back": list(entered.taken_back)}
    return Status(201 if entered.is_new else 200, told)


def _in_our_words(errors: Any) -> dict[str, list[str]]:
    return {PLACES.get(field, field): [str(said) for said in faults] for field, faults in errors.items()}


@router.patch("/people/{int:pk}", response=PersonChanged, **opened_by("people.edit"), operation_id="edit_person")
def edit_person(request: HttpRequest, pk: int, sent: PersonChange) -> dict[str, Any]:
    """Correct who somebody is. Nothing is written where somebody else changed the record since `version`."""
    held = held_by(request)
    person = person_seen(pk, held.actor)
    if version_of(person) != sent.version:
        raise VersionPassed
    was = identity_of(person)
    changed = services.edit(person, _changed(person, was, sent), seen=was, source=held.source, actor=held.actor)
    try:
        version = version_of(person_seen(pk, held.actor))
    except OutOfSight:
        version = ""  # they were moved out of the territory of this key
    return {"id": pk, "version": version, "changed": changed}


def _changed(person: Person, was: Identity, sent: PersonChange) -> Identity:
    """Return who the person is said to be. Raises HiddenFact, Unfit, ProtectedName."""
    said = sent.model_dump(exclude_unset=True)
    said.pop("version")
    custom = own_values(person, said.pop("custom", {}))
    if "born_on" in said and Fact.BIRTH in person.hidden:
        raise HiddenFact(str(Fact.BIRTH.label))
    if (day := said.get("born_on")) and not (day.year >= 1890 and day <= clock.today()):
        raise Unfit({"born_on": [gettext("Nobody alive was born then.")]})
    if "commune" in said:
        said["commune_id"] = _commune(said.pop("commune") or "")
    if "gender" in said:
        said["gender"] = Gender.meant(said["gender"] or "")
    named: dict[str, Any] = {name: "" if value is None and name not in NONE else value for name, value in said.items()}
    named["language"] = named.get("language") or was.language
    others = named.get("other_languages", was.other_languages) or ()
    named["other_languages"] = tuple(code for code in dict.fromkeys(others) if code != named["language"])
    return replace(was, **named, custom={**was.custom, **custom})


def _commune(code: str) -> str | None:
    """Return the INSEE code of a commune. Raises Unfit for one that there is not."""
    if code and not Commune.objects.filter(pk=code).exists():
        raise Unfit({"commune": [gettext("No commune has this INSEE code.")]})
    return code or None


@router.post("/people/{int:pk}/tags", response=TagsTold, **opened_by("people.tag"), operation_id="tag_person")
def tag_person(request: HttpRequest, pk: int, sent: TagsChange) -> dict[str, Any]:
    """Put tags on, and take tags off; what others do meanwhile stays."""
    held = held_by(request)
    person = person_seen(pk, held.actor)
    seen = set(_tags(person))
    services.tag(person, (seen - set(sent.remove)) | set(sent.add), seen=seen, source=held.source, actor=held.actor)
    interactions.consulted(person, Why.EDIT, actor=held.actor)
    # A tag that says an opinion, from former times, is told to no program.
    return {"tags": sorted(name for name in _tags(person) if not protection(name))}


def _tags(person: Person) -> list[str]:
    return list(Tagging.objects.filter(person=person).values_list("tag__name", flat=True))
