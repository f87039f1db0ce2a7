"""Breaches as they stand, their clocks, and the notification in the order of the CNIL's form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from portevoix.accounts.models import User
from portevoix.accounts.types import READERS, Actor
from portevoix.disclosure.models import Export
from portevoix.kernel import clock
from portevoix.registers import rules
from portevoix.registers.models import Breach, Notification, Statement
from portevoix.registers.selectors.measures import measures
from portevoix.registers.selectors.record import controller_name
from portevoix.registers.types import (
    Addressee,
    Block,
    Document,
    Held,
    Risk,
    Section,
    named,
    pairs,
    points,
    table,
    words,
)
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.segments.exceptions import InvalidTree
from portevoix.segments.models import Segment
from portevoix.segments.selectors.finding import people_of


@dataclass(frozen=True)
class Case:
    """A breach as it stands: its last statement, who was told, and how much time is left."""

    breach: Breach
    now: Statement
    notifications: list[Notification]

    @property
    def deadline(self) -> datetime:
        return rules.deadline(self.now.aware_at)

    @property
    def told(self) -> set[str]:
        return {one.addressee for one in self.notifications}

    @property
    def is_running(self) -> bool:
        """Whether the 72 hours still matter: nobody told the authority, and no one judged that it need not be."""
        return Addressee.AUTHORITY not in self.told and rules.must_tell_the_authority(self.now.risk)

    @property
    def is_late(self) -> bool:
        return self.is_running and rules.is_late(self.now.aware_at, clock.now())

    @property
    def countdown(self) -> str:
        return rules.countdown(self.now.aware_at, clock.now())

    @property
    def first_told_at(self) -> datetime | None:
        """When the authority was first told."""
        return min((one.made_at for one in self.notifications if one.addressee == Addressee.AUTHORITY), default=None)

    @property
    def was_late(self) -> bool:
        return self.first_told_at is not None and rules.is_late(self.now.aware_at, self.first_told_at)

    @property
    def lacks(self) -> list[str]:
        """What is still to do before it may be closed."""
        return rules.lacks(
            risk=self.now.risk,
            risk_reasons=self.now.risk_reasons,
            measures=self.now.measures,
            spared=self.now.spared,
            told=self.told,
        )


def cases() -> list[Case]:
    """Return every breach with its last statement, the latest first, in three statements whatever their number."""
    last = Statement.objects.filter(breach=OuterRef("breach")).order_by("-version").values("pk")[:1]
    breaches = Breach.objects.prefetch_related(
        Prefetch("statements", Statement.objects.filter(pk=Subquery(last)), to_attr="last"), "notifications"
    )
    return [Case(one, one.last[0], list(one.notifications.all())) for one in breaches if one.last]


def case_of(breach: Breach) -> Case:
    """Return one breach as it stands. Raises Statement.DoesNotExist for one of which nothing was said."""
    return Case(breach, breach.statements.latest("version"), list(breach.notifications.all()))


def running() -> list[Case]:
    """Return the breaches whose 72 hours run or are over, without anybody told."""
    return [case for case in cases() if not case.now.is_closed and case.is_running]


def keepers() -> QuerySet[User]:
    """Return who answers for the data: directors and data officers."""
    mandated = Q(mandates__role__in=READERS) | Q(is_superuser=True)
    return User.objects.filter(mandated, is_active=True).distinct()


@dataclass(frozen=True)
class Amendment:
    """What one statement changed of the one before it."""

    statement: Statement
    changes: list[tuple[str, str, str]]


#: What a statement says, in the order in which it is shown.
SAID = (
    *("title", "aware_at", "began_at", "stopped_at", "nature", "circumstances", "persons", "records", "counted_by"),
    *("person_categories", "data_categories", "consequences", "measures", "risk", "risk_reasons", "spared"),
    *("spared_reasons", "is_closed"),
)


def history(breach: Breach) -> list[Amendment]:
    """Return every statement, the latest first, with what it changed: label, before, after."""
    statements = list(breach.statements.order_by("version"))
    return [Amendment(new, _changes(old, new)) for old, new in zip([None, *statements], statements, strict=False)][::-1]


def _changes(old: Statement | None, new: Statement) -> list[tuple[str, str, str]]:
    if old is None:
        return []
    return [
        (label(name), spoken(old, name), spoken(new, name)) for name in SAID if spoken(old, name) != spoken(new, name)
    ]


def spoken(statement: Statement, name: str) -> str:
    """Return a field of a statement as it is said, in the language now in use."""
    value = getattr(statement, name)
    if name == "nature":
        return ", ".join(statement.natures)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, ""):
        return ""
    show = getattr(statement, f"get_{name}_display", None)
    return str(show() if show else value)


def moment(at: datetime | None) -> str:
    """Say a moment in Paris; in the hour that a change of the clock repeats, with its offset."""
    if at is None:
        return ""
    local = localtime(at, clock.PARIS)
    said = date_format(local, "DATETIME_FORMAT")
    twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{said} ({local:%z})" if twice else said


def counted(source: str, pk: int, actor: Actor) -> tuple[int, str] | None:
    """Count whom a breach concerns by a segment, or by the export that a leak was traced to; None for neither."""
    if source == "segment" and (segment := Segment.objects.filter(pk=pk).first()):
        try:
            number = people_of(segment, actor).count()
        except InvalidTree:
            return None  # it asks about something that is no longer known
        return number, _("segment “%(name)s”, %(day)s") % {
            "name": segment,
            "day": date_format(clock.today(), "DATE_FORMAT"),
        }
    if source == "export" and (export := Export.objects.visible_to(actor).filter(pk=pk).first()):
        return export.people, _("export no. %(number)d, %(day)s") % {
            "number": export.pk,
            "day": date_format(localtime(export.created_at), "DATE_FORMAT"),
        }
    return None


def countable(actor: Actor) -> list[tuple[str, str]]:
    """Return the segments and the last exports by which people may be counted."""
    exports = Export.objects.visible_to(actor).filter(people__gt=0)[:50]
    return [
        *(
            (f"export:{one.pk}", _("Export: %(name)s (no. %(number)d)") % {"name": one, "number": one.pk})
            for one in exports
        ),
        *((f"segment:{one.pk}", _("Segment: %(name)s") % {"name": one}) for one in Segment.objects.all()[:500]),
    ]


def notification_draft(case: Case) -> Document:
    """Return the notification to the authority, in the order of the CNIL's form (RGPD art. 33(3))."""
    with translation.override(settings.LANGUAGE_CODE):
        now, legal = case.now, legal_facts()
        is_complement = Addressee.AUTHORITY in case.told
        return Document(
            title=_("Notification of a data breach"),
            subtitle=_("Draft no. %(number)d.%(version)d, to copy into the CNIL’s form")
            % {"number": case.breach.pk, "version": now.version},
            author=controller_name(),
            language=settings.LANGUAGE_CODE,
            sections=[
                Section(
                    _("Kind of notification"),
                    [
                        pairs(
                            [
                                (
                                    _("This notification is"),
                                    _("a complement to the first one (art. 33(4))")
                                    if is_complement
                                    else _("the first one"),
                                ),
                                (
                                    _("References given so far"),
                                    ", ".join(n.reference for n in case.notifications if n.reference),
                                ),
                            ]
                        )
                    ],
                ),
                Section(
                    _("Controller"),
                    [
                        pairs(
                            [
                                (_("Name"), legal.publisher),
                                (_("Address"), legal.publisher_address),
                                (_("Represented by"), legal.director),
                                (_("Data-protection officer, or contact"), legal.data_officer_email),
                                (_("Telephone"), legal.publisher_phone),
                            ]
                        )
                    ],
                ),
                Section(_("The breach"), [_said(now, "began_at", "stopped_at", "aware_at", "nature", "circumstances")]),
                _delay(case),
                Section(_("The data"), [_said(now, "data_categories", "records")]),
                Section(_("The people"), [_said(now, "person_categories", "persons", "counted_by")]),
                _measures_before(),
                Section(_("Likely consequences"), [_said(now, "consequences", "risk", "risk_reasons")]),
                Section(_("Measures taken"), [_said(now, "measures")]),
                _people_told(case),
                Section(
                    _("Other authorities"),
                    [words(_("To fill in: authorities told elsewhere, people of other countries of the Union."))],
                ),
            ],
        )


def _said(statement: Statement, *names: str) -> Block:
    return pairs((label(name), spoken(statement, name)) for name in names)


def _delay(case: Case) -> Section:
    rows = [(_("To be told before"), moment(case.deadline)), (_("First told"), moment(case.first_told_at))]
    reasons = [one.delay_reason for one in case.notifications if one.delay_reason]
    blocks = [pairs([*rows, (_("Why it is late"), "; ".join(reasons))])]
    if case.is_late:
        blocks.append(words(_("The 72 hours are over: say why (art. 33(1))."), tone="alarm"))
    return Section(_("The 72 hours"), blocks)


def _measures_before() -> Section:
    held = [named(one.label, one.detail) for one in measures() if one.held is Held.YES]
    return Section(_("Measures in place before the breach"), [points(held)])


def _people_told(case: Case) -> Section:
    told = [one for one in case.notifications if one.addressee == Addressee.PERSONS]
    rows = [(moment(one.made_at), one.persons or "", one.told) for one in told]
    blocks: list[Block] = [table([_("Told on"), _("How many"), _("What was told")], rows)] if rows else []
    if case.now.spared:
        blocks.append(_said(case.now, "spared", "spared_reasons"))
    elif not rows:
        said = _("Not told yet; a high risk asks for it (art. 34).") if case.now.risk == Risk.HIGH else _("Not told.")
        blocks.append(words(said))
    return Section(_("Communication to people"), blocks)


def log(found: Iterable[Case]) -> Document:
    """Return the register of breaches (RGPD art. 33(5))."""
    with translation.override(settings.LANGUAGE_CODE):
        return Document(
            title=_("Register of data breaches"),
            subtitle=_("Article 33(5) of the GDPR"),
            author=controller_name(),
            language=settings.LANGUAGE_CODE,
            sections=[_logged(case) for case in found] or [Section(_("Breaches"), [words(_("None is recorded."))])],
        )


def _logged(case: Case) -> Section:
    told = [
        (one.get_addressee_display(), moment(one.made_at), one.reference, one.told, one.delay_reason)
        for one in case.notifications
    ]
    blocks = [_said(case.now, *SAID[1:])]
    if told:
        blocks.append(table([_("Told"), _("Date"), _("Reference"), _("What"), _("Why it is late")], told))
    return Section(f"{case.breach.pk}. {case.now.title}", blocks)


def label(name: str) -> str:
    """Return the label of what a statement says."""
    return str(capfirst(Statement._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
