"""Reads about grounds: the words in use, and everything held about a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.accounts.types import Actor, Fact
from portevoix.journal.models import Entry
from portevoix.journal.types import Outcome
from portevoix.kernel import clock
from portevoix.people.exceptions import OutOfSight
from portevoix.people.models import EmailAddress, Person, PhoneNumber, PostalAddress
from portevoix.people.types import USABLE, PhoneKind
from portevoix.rights.models import Ground, Suppression, Wording
from portevoix.rights.purposes import OPTIONAL, WORDINGS, Basis, Channel, End, Purpose
from portevoix.rights.rules import Receipt, SuppressionKey
from portevoix.rights.types import ENTRANCE_LOCK, HANDLERS, Break, Fault


def words_in_use(purpose: Purpose, language: str) -> str:
    """Return the words by which a purpose is agreed to now, to be shown: nothing is asked of the database."""
    texts = WORDINGS[purpose]
    return texts.get(language) or texts["fr"]


def current_wording(purpose: Purpose, language: str) -> Wording:
    """Return the words now in use for a purpose, making a new version when the text has changed."""
    text = words_in_use(purpose, language)
    language = language if language in WORDINGS[purpose] else "fr"
    latest = Wording.objects.filter(purpose=purpose, language=language).order_by("-version").first()
    if latest is not None and latest.text == text:
        return latest
    wording, _made = Wording.objects.get_or_create(
        purpose=purpose,
        language=language,
        version=latest.version + 1 if latest else 1,
        defaults={"text": text},
    )
    return wording


@dataclass(frozen=True)
class Means:
    """One thing that may, or may not, be done with a person: why, and where it would go."""

    label: str
    channel: Channel
    is_allowed: bool
    reason: str


def means_of(person: Person, grounds: Iterable[Ground]) -> list[Means]:
    """Return, for each purpose that reaches people, whether it may be used with this person now, and why."""
    latest: dict[str, Ground] = {}
    for ground in sorted(grounds, key=lambda one: (one.is_live, one.given_at)):
        latest[ground.purpose] = ground
    return [
        _means(person, purpose, channel, latest.get(purpose))
        for purpose, channel in OPTIONAL.items()
        if channel != Channel.RECORD
    ]


def _means(person: Person, purpose: Purpose, channel: Channel, ground: Ground | None) -> Means:
    def told(is_allowed: bool, reason: str) -> Means:
        return Means(str(purpose.label), channel, is_allowed, reason)

    if person.restricted_at is not None:
        day = date_format(localtime(person.restricted_at), "DATE_FORMAT")
        return told(False, _("No: their data is restricted since %(day)s (GDPR art. 18).") % {"day": day})
    if ground is None:
        return told(False, _("No: the person did not agree to it."))
    if ground.withdrawn_at is not None:
        day = date_format(localtime(ground.withdrawn_at), "DATE_FORMAT")
        if "retention" in ground.withdrawal:
            return told(False, _("No: it came to its end on %(day)s.") % {"day": day})
        return told(False, _("No: withdrawn on %(day)s.") % {"day": day})
    if not _is_reachable(person, channel):
        return told(False, _("No: no address or number that works."))
    day = date_format(localtime(ground.given_at), "DATE_FORMAT")
    return told(True, _("Yes: %(basis)s, %(day)s.") % {"basis": ground.get_basis_display(), "day": day})


def _is_reachable(person: Person, channel: Channel) -> bool:
    """Whether a contact point of the channel works; what is hidden from the reader is only asked for, not read."""
    if channel == Channel.EMAIL:
        if Fact.EMAIL in person.hidden:
            return EmailAddress.objects.usable().filter(person=person, is_primary=True).exists()
        return any(email.is_primary and email.is_usable for email in person.emails.all())
    if channel in {Channel.SMS, Channel.PHONE}:
        kinds = [PhoneKind.MOBILE] if channel == Channel.SMS else list(PhoneKind)
        if Fact.PHONE in person.hidden:
            return PhoneNumber.objects.filter(person=person, status__in=USABLE, kind__in=kinds).exists()
        return any(phone.is_usable and phone.kind in kinds for phone in person.phones.all())
    if channel in {Channel.POST, Channel.DOOR}:
        if Fact.ADDRESS in person.hidden:
            return PostalAddress.objects.filter(person=person, status__in=USABLE).exclude(line1="").exists()
        return any(address.is_usable and address.line1 for address in person.addresses.all())
    return True  # the local group has ways of its own


def everything_about(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return what the campaign holds on a person, by table (RGPD art. 15)."""
    return {name: handler.export(person.pk) for name, handler in HANDLERS.items()}


def counts_about(person: Person) -> list[tuple[str, int]]:
    """Return how many rows the campaign holds on a person, by the name of the table, empty tables apart."""
    counts = [
        (str(handler.model._meta.verbose_name_plural), handler.rows(person.pk).count())
        for _label, handler in HANDLERS.items()
    ]
    return [(name, count) for name, count in counts if count]


def last_verification() -> Entry | None:
    """Return the journal's line of the last verification of the ledger."""
    return Entry.objects.filter(command="rights.verify", outcome=Outcome.DONE).order_by("-id").first()


def break_of(verification: Entry) -> Break | None:
    """Return the break that a verification found."""
    told = verification.detail
    return Break(told["broken"], Fault(told["why"])) if "broken" in told else None


def last_receipt() -> Receipt | None:
    """Return the last receipt that a verification found whole: the journal keeps them apart from the ledger."""
    return _kept("receipt")


def last_words() -> Receipt | None:
    """Return the hash over all wordings that the last verification of whole ones kept, in the same place."""
    return _kept("words")


def _kept(name: str) -> Receipt | None:
    lines = Entry.objects.filter(command="rights.verify", outcome=Outcome.DONE, detail__has_key=name)
    line = lines.exclude(detail__has_key="broken").order_by("-id").first()
    return Receipt.read(line.detail[name]) if line else None


@dataclass(frozen=True)
class Choice:
    """Something a person chose, as they are told of it."""

    at: datetime
    purpose: str
    said: str
    is_given: bool
    wording: str


def choices_of(person: Person) -> list[Choice]:
    """Return what a person gave, refused and took back, the latest first (RGPD art. 15)."""
    found: list[Choice] = []
    for ground in Ground.objects.filter(person=person, purpose__in=OPTIONAL).select_related("wording"):
        if "page" in ground.evidence and ground.end == End.REFUSED:
            continue  # a box that they left empty, as it stands above
        name = ground.get_purpose_display()
        if ground.given_at != ground.withdrawn_at:
            words = ground.wording.text if ground.wording else ""
            found.append(Choice(ground.given_at, name, ground.get_basis_display(), is_given=True, wording=words))
        if ground.withdrawn_at is not None:
            said = _("refused") if ground.given_at == ground.withdrawn_at else _("withdrawn")
            said = _("came to its end") if "retention" in ground.withdrawal else said
            found.append(Choice(ground.withdrawn_at, name, said, is_given=False, wording=""))
    return sorted(found, key=lambda choice: choice.at, reverse=True)


#: Ends of grounds that are nobody's refusal.
NO_REFUSAL = ("retention", "replaced_by", "merge")


def taken_back_since(person: Person, day: date) -> set[Purpose]:
    """Return what the person refused, here or by a file, on a day or later: the last word counts."""
    ended = Ground.objects.filter(person=person, withdrawn_at__date__gte=day)
    own = ended.exclude(withdrawal__has_any_keys=NO_REFUSAL)
    return {Purpose(purpose) for purpose in own.values_list("purpose", flat=True)}


def refusals_of(person: Person, purposes: Iterable[Purpose], *, proof: dict[str, Any], source: str) -> list[Ground]:
    """Return what keeps that the person refuses what is not in force: grounds that end as they begin, to be written.

    Imports make no live ground of one, a paper of before does not overcome it, and a merge ends the other record's
    (RGPD art. 21(3)): only the person changes it, by a choice of their own. One a day is enough to be the last word.
    """
    now = clock.now()
    said = taken_back_since(person, clock.today())
    live = set(Ground.objects.live().filter(person=person).values_list("purpose", flat=True))
    return [
        Ground(
            person=person,
            purpose=purpose,
            channel=OPTIONAL[purpose],
            basis=Basis.REQUEST,
            wording=current_wording(purpose, person.language),
            given_at=now,
            withdrawn_at=now,
            evidence=proof,
            withdrawal=proof,
            source=source,
        )
        for purpose in dict.fromkeys(purposes)
        if purpose in OPTIONAL and purpose not in said and purpose not in live
    ]


def suppression_keys() -> list[SuppressionKey]:
    """Return the key in use, then those of former secrets, which the hashes of then were made with."""
    return [SuppressionKey.of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def orphaned_suppressions() -> int:
    """Return how many fingerprints no configured key can find again: whoever they are of may be brought back."""
    known = [key.name for key in suppression_keys()]
    return Suppression.objects.exclude(key__in=[*known, ""]).count()


def unnamed_suppressions() -> int:
    """Return how many fingerprints are from before their key was noted: nothing tells whether it is still there."""
    return Suppression.objects.filter(key="").count()


def suppressions_of(contacts: Iterable[tuple[str, str]]) -> QuerySet[Suppression]:
    """Return what keeps these contacts, pairs of a kind and a value, from coming back."""
    told = list(contacts)
    digests = [key.digest(kind, value) for key in suppression_keys() for kind, value in told]
    return Suppression.objects.filter(digest__in=digests)


def wording_read(evidence: dict[str, Any]) -> Wording | None:
    """Return the words that an evidence names as those a person read."""
    return Wording.objects.filter(pk__in=[evidence.get("wording")]).first()


def wait_at_the_entrance() -> None:
    """Take what imports and erasures take first of all, before the persons: one order, no deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ENTRANCE_LOCK])


def hold(person: Person, actor: Actor) -> None:
    """Take the person before their rows, and those before the head of the ledger: one order, no deadlock.

    Timelines may still be written to. Raises OutOfSight for whom the mandate of ``actor`` does not cover; a visitor
    has none, and comes by a link of the person's own.
    """
    people = Person.objects.all() if actor.kind == "visitor" else Person.objects.visible_to(actor)
    held = people.select_for_update(of=("self",), no_key=True).order_by().filter(pk=person.pk)
    if not held.values_list("pk", flat=True) and actor.kind == "staff":
        raise OutOfSight
