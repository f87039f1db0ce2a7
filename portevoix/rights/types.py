"""Personal-data handlers: what each table that leads to a person owes to that person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

from django.db import connection, models, transaction
from django.db.models.lookups import IsNull
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks

from portevoix.accounts.types import Actor, Role
from portevoix.kernel.registry import Registry

#: Held while a chunk of a file is merged, and while a person is erased: a database's advisory lock. Two files that
#: hold the same person see each other, and nobody slips back in between the question and the answer.
ENTRANCE_LOCK = 7_305_001


class LegalForm(models.TextChoices):
    """What a publisher is in law."""

    CANDIDATE = "candidate", _("candidate, in their own name")
    ASSOCIATION = "association", _("association (law of 1901)")
    FINANCING = "financing", _("financing association of a candidate")
    PARTY = "party", _("party or political group")
    COMPANY = "company", _("company")
    OTHER = "other", _("another form")


@dataclass(frozen=True)
class LegalFacts:
    """What the law has the campaign and its host say (LCEN, art. 1-1; GDPR, art. 13)."""

    publisher: str = ""
    publisher_form: str = ""
    publisher_number: str = ""
    publisher_address: str = ""
    publisher_phone: str = ""
    publisher_email: str = ""
    director: str = ""
    data_officer_email: str = ""
    candidate: str = ""
    election: str = ""
    host_name: str = ""
    host_address: str = ""
    host_phone: str = ""
    host_country: str = ""

    @property
    def publisher_form_label(self) -> str:
        return str(LegalForm(self.publisher_form).label) if self.publisher_form else ""


@dataclass
class Trace:
    """What merging did to one table: rows that moved, whole rows that were dropped, changed rows as they were."""

    moved: list[int] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Handler:
    """How one table is exported, erased and merged (RGPD art. 15, 17, 20).

    ``path`` leads from the table to the person's id. ``exported`` names the fields given to the person.
    ``erasure`` says whether a row goes ("delete") or loses its ``blanked`` fields ("blank") because the law or the
    counts need the rest. ``merging`` says what becomes of rows of the absorbed person: moved, or dropped when the
    kept person has the same by ``same``; ``changing`` names the columns that merging may write otherwise.
    """

    model: type[models.Model]
    exported: Sequence[str]
    path: str = "person_id"
    erasure: Literal["delete", "blank"] = "delete"
    blanked: Sequence[tuple[str, Any]] = ()
    same: Sequence[str] = ()
    changing: Sequence[str] = ()

    def rows(self, person_id: int) -> models.QuerySet[models.Model]:
        """Return the rows of one person."""
        return self.model._default_manager.filter(**{self.path: person_id})

    def export(self, person_id: int) -> list[dict[str, Any]]:
        """Return the person's rows, in order, with the exported fields."""
        return list(self.rows(person_id).order_by("pk").values(*self.exported))

    def erase(self, person_id: int) -> int:
        """Erase the person from this table; return the number of rows touched."""
        if self.erasure == "blank":
            return self.rows(person_id).update(**dict(self.blanked))
        self._erase_files(person_id)
        return self.rows(person_id).delete()[0]

    def halt(self, person_id: int, kind: RequestKind) -> int:
        """Take back what is under way with the person where they restrict or object; return how much that was."""
        return 0

    def before_merge(self, kept_id: int, absorbed_id: int) -> None:
        """Prepare what is under way with either of two persons for their merge, before anybody's row is held."""

    def erase_all(self, person_ids: Sequence[int]) -> int:
        """Erase many persons; return the number of rows touched.

        A table whose rows are found by its ``path`` is done at once; one that has a way of its own, person by person.
        """
        own = type(self)
        if own.erase is not Handler.erase or own.rows is not Handler.rows:
            return sum(self.erase(person_id) for person_id in person_ids)
        rows = self.model._default_manager.filter(**{f"{self.path}__in": person_ids})
        if self.erasure == "blank":
            return rows.update(**dict(self.blanked))
        if any(isinstance(column, models.FileField) for column in self.model._meta.concrete_fields):
            for person_id in person_ids:
                self._erase_files(person_id)
        return rows.delete()[0]

    def _erase_files(self, person_id: int) -> None:
        """Remove the files that the rows name, once it is certain that the rows go."""
        for column in self.model._meta.concrete_fields:
            if isinstance(column, models.FileField):
                for name in self.rows(person_id).exclude(**{column.name: ""}).values_list(column.name, flat=True):
                    transaction.on_commit(partial(column.storage.delete, name))

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Give the rows of the absorbed person to the kept one, dropping what the latter has already."""
        trace = Trace()
        if self.same:
            twins = self.rows(absorbed_id).filter(models.Exists(self.rows(kept_id).filter(self.is_twin())))
            trace.dropped = as_rows(twins)
            twins.delete()
        trace.moved = list(self.rows(absorbed_id).order_by("pk").values_list("pk", flat=True))
        self.rows(absorbed_id).update(**{self.path: kept_id})
        return trace

    def is_twin(self) -> models.Q:
        """Return what a row has in common with the outer query's, by ``same``; nothing said twice is the same too."""
        found = models.Q()
        for name in self.same:
            said = models.Q(**{name: models.OuterRef(name)})
            if self.model._meta.get_field(name).null:
                is_blank = models.Q(**{f"{name}__isnull": True})
                said |= is_blank & models.Q(IsNull(models.OuterRef(name), True))
            found &= said
        return found

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Undo a merge: rows that are still the kept person's go back, those dropped come back.

        What was changed since by somebody is theirs.
        """
        self.rows(kept_id).filter(pk__in=trace.moved).update(**{self.path: absorbed_id})
        bring_back(self.model, trace.dropped)
        put_back(self.model, trace.changed, self.changing)


class Follower(Handler):
    """How a table is treated whose rows follow others by themselves: merging and parting leave it alone."""

    def merge(self, kept_id: int, absorbed_id: int) -> Trace:
        """Leave the rows to what they follow."""
        return Trace()

    def part(self, trace: Trace, kept_id: int, absorbed_id: int) -> None:
        """Leave the rows to what they follow."""


def as_rows(rows: models.QuerySet[Any]) -> list[dict[str, Any]]:
    """Return whole rows as PostgreSQL writes them, so that it can read them again exactly."""
    table = connection.ops.quote_name(rows.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(kept)::text FROM {table} AS kept WHERE id = ANY(%s) ORDER BY id",  # noqa: S608
            [list(rows.order_by("pk").values_list("pk", flat=True))],
        )
        return [json.loads(row) for (row,) in cursor.fetchall()]


def bring_back(model: type[models.Model], rows: list[dict[str, Any]]) -> None:
    """Write rows of ``as_rows`` again, but for what is there already, or led to what was removed since."""
    for column in model._meta.concrete_fields:
        if isinstance(column, models.ForeignKey):
            ids = {row[column.column] for row in rows}
            known = {None, *column.related_model._base_manager.filter(pk__in=ids).values_list("pk", flat=True)}
            if column.null:
                rows = [row if row[column.column] in known else row | {column.column: None} for row in rows]
            rows = [row for row in rows if row[column.column] in known]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            [json.dumps(rows)],
        )


def put_back(model: type[models.Model], rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    """Give columns the values that they have in rows of ``as_rows``."""
    if not (rows and columns):
        return
    table = connection.ops.quote_name(model._meta.db_table)
    named = [connection.ops.quote_name(column) for column in columns]
    values = ", ".join(f"{column} = former.{column}" for column in named)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} AS now SET {values}"  # noqa: S608
            f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS former WHERE now.id = former.id",
            [json.dumps(rows)],
        )


class Standing(models.TextChoices):
    """Whether a person may be reached for a purpose by a channel, or why not: the law first, then the address."""

    ADMITTED = "admitted", _("can be reached")
    NO_GROUND = "no_ground", _("never agreed")
    WITHDRAWN = "withdrawn", _("withdrew their consent")
    LAPSED = "lapsed", _("had agreed, for a time that is over")
    RESTRICTED = "restricted", _("had their data restricted (GDPR art. 18)")
    NO_POINT = "no_point", _("agreed, but no address or number is known")
    BOUNCING = "bouncing", _("agreed, but the address or number does not work")
    REFUSED = "refused", _("agreed, but refused this address or number")


@dataclass(frozen=True)
class Views:
    """What a person said of their political opinions: support from 1 (against) to 5 (firm), issues, intention."""

    support_level: int | None = None
    issues: tuple[str, ...] = ()
    vote_intention: str = ""


class OpinionPlace(models.TextChoices):
    """Where what a field or a tag said of somebody's opinions is put."""

    ISSUES = "issues", _("issues cared about")
    INTENTION = "intention", _("voting intention")
    SUPPORT = "support", _("support level, where 5 is the firmest")
    SUPPORT_REVERSED = "support_reversed", _("support level, where 1 is the firmest (NationBuilder)")
    LEVEL_5 = "level_5", _("support level 5: firm")
    LEVEL_4 = "level_4", _("support level 4")
    LEVEL_3 = "level_3", _("support level 3: undecided")
    LEVEL_2 = "level_2", _("support level 2")
    LEVEL_1 = "level_1", _("support level 1: against")


#: One handler a table; filled by each app's ``personal_data`` module from ``AppConfig.ready()``.
HANDLERS: Registry[Handler] = Registry("personal data")


def register(handler: Handler) -> Handler:
    """Declare how a table treats the persons in it."""
    return HANDLERS.add(handler.model._meta.label_lower, handler)


def halt(person_id: int, kind: RequestKind) -> int:
    """Have every table take back what is under way with a person who restricts or objects."""
    return sum(handler.halt(person_id, kind) for _label, handler in HANDLERS.items())


def tell_of_change() -> None:
    """Have whoever keeps pages made of people make them anew: no name stays on one (RGPD art. 7(3), 17, 18)."""
    for changed in hooks.get_hooks("people_are_shown_otherwise"):
        changed()


class Fault(models.TextChoices):
    """What is wrong with the ledger at an entry."""

    MISSING = "missing", _("the entry is missing")
    ALTERED = "altered", _("the entry is not the one that was written here")
    CUT = "cut", _("the entries from here on were removed")
    STRAY = "stray", _("the entry was added by another hand than the database’s")
    HEADLESS = "headless", _("the end of the ledger is missing")
    OTHER_RECEIPT = "other_receipt", _("the entry is not the one that the receipt was given for")
    STRAYED = "strayed", _("it is not what the ledger says")
    REWORDED = "reworded", _("these words, or some before, are not those that were verified last")


@dataclass(frozen=True)
class Break:
    """The first entry, consent or wording that is not as it was written, and why it cannot be."""

    number: int
    fault: Fault

    def __str__(self) -> str:
        what = {
            Fault.STRAYED: _("Consent %(number)d: %(fault)s."),
            Fault.REWORDED: _("Wording %(number)d: %(fault)s."),
        }.get(Fault(self.fault), _("Entry %(number)d: %(fault)s."))
        return what % {"number": self.number, "fault": Fault(self.fault).label}


@dataclass(frozen=True)
class Verification:
    """What a walk through the ledger found; ``receipt`` is for the host to keep elsewhere.

    ``words`` is what the next verification holds the wordings against; ``strayed`` counts grounds in use that are not
    what a whole ledger says.
    """

    entries: int
    receipt: str
    broken: Break | None
    words: str = ""
    strayed: int = 0


@dataclass(frozen=True)
class Difference:
    """A ground that is not what the ledger says, and which of its fields."""

    ground: int
    fate: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rebuilding:
    """What a rebuilding changed, or would change, and the first of the differences."""

    counts: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class PreferenceLink:
    """What else a person can do from their preference page; rooms above add theirs by ``construct_preferences``."""

    label: str
    url: str
    #: What it does, in a sentence.
    help: str


@dataclass(frozen=True)
class Kept:
    """How long tables are kept, why, and by which periodic job; rooms add theirs by ``construct_kept``.

    ``tables`` are the models' labels. Without ``job``, rows go with the record of their person, or stay.
    ``destroy`` ends, with the campaign, what no person leads to; it returns how many things went.
    """

    tables: tuple[str, ...]
    term: str | Promise
    article: str = ""
    job: str = ""
    destroy: Callable[[Actor], int] | None = None


class RequestKind(models.TextChoices):
    """What a person asks for (RGPD art. 15 to 22). Never renamed: proofs name it."""

    ACCESS = "access", _("copy of one’s data")
    RECTIFICATION = "rectification", _("correction")
    OBJECTION = "objection", _("objection")
    WITHDRAWAL = "withdrawal", _("withdrawal of a consent")
    RESTRICTION = "restriction", _("restriction")
    ERASURE = "erasure", _("erasure")


class RequestWay(models.TextChoices):
    """By which way a request came."""

    SITE = "site", _("the site")
    EMAIL = "email", _("e-mail")
    LETTER = "letter", _("letter")
    PHONE = "phone", _("telephone")
    DOOR = "door", _("on the doorstep")


#: What nobody may refuse, nor put off: the person decides (RGPD art. 7(3), 21(3)).
UNREFUSABLE = frozenset({RequestKind.OBJECTION, RequestKind.WITHDRAWAL})
#: Who answers what persons ask.
DESK = frozenset({Role.DIRECTOR, Role.DATA_OFFICER})


class RequestState(models.TextChoices):
    """Where a request is."""

    TO_VERIFY = "to_verify", _("to verify")
    OPEN = "open", _("to answer")
    PAUSED = "paused", _("waiting for a proof of identity")
    EXTENDED = "extended", _("extended by two months")
    ANSWERED = "answered", _("answered")
    REFUSED = "refused", _("refused")


#: States in which an answer is owed.
OWED = (RequestState.OPEN, RequestState.PAUSED, RequestState.EXTENDED)


class RestrictionGround(models.TextChoices):
    """Why data is kept and not used (RGPD art. 18(1))."""

    ACCURACY = "accuracy", _("what you hold is wrong, until it is checked (a)")
    UNLAWFUL = "unlawful", _("you should not hold it, and I want it kept all the same (b)")
    CLAIMS = "claims", _("you no longer need it, and I do, for a legal claim (c)")
    OBJECTED = "objected", _("I objected, until that is decided (d)")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came to a member of staff; without purposes, an objection is to all of them."""

    kind: RequestKind
    way: RequestWay
    received_on: date
    words: str = ""
    purposes: tuple[str, ...] = ()
    restriction: str = ""


class RequestLetterKind(models.TextChoices):
    """What a person is written about their request."""

    VERIFY = "verify", _("asks to verify")
    RECEIVED = "received", _("says that it came")
    MORE = "more", _("asks who they are")
    EXTENDED = "extended", _("says that it takes longer")
    ANSWERED = "answered", pgettext_lazy("a person", "answers")
    REFUSED = "refused", _("refuses")
    LIFTING = "lifting", _("says that the restriction will end")


@dataclass(frozen=True)
class ProofKept:
    """How long the proof of an answer is kept, without a name, and by which texts."""

    months: int
    article: str


#: RGPD art. 5(2) has the campaign prove that it answered, art. 17(3)(e) lets it keep what that takes. Processing in
#: spite of an objection or an erasure is an offence (code pénal, art. 226-18-1), which lapses after six years (code
#: de procédure pénale, art. 8); for the rest, civil claims lapse after five (code civil, art. 2224).
_OFFENCE = ProofKept(72, "RGPD art. 5(2), 17(3)(e) ; code pénal art. 226-18-1 ; code de procédure pénale art. 8")
_CLAIM = ProofKept(60, "RGPD art. 5(2), 17(3)(e) ; code civil art. 2224")
PROOFS: dict[RequestKind, ProofKept] = {
    RequestKind.ACCESS: _CLAIM,
    RequestKind.RECTIFICATION: _CLAIM,
    RequestKind.OBJECTION: _OFFENCE,
    RequestKind.WITHDRAWAL: _OFFENCE,
    RequestKind.RESTRICTION: _CLAIM,
    RequestKind.ERASURE: _OFFENCE,
}
