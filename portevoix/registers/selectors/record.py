"""The record of processing (RGPD art. 30(1)), generated: purposes, tables, roles, masks, processors, measures.

What a treatment uses is walked, not typed: a new purpose, table, field or role is in the next version by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portevoix.accounts.commands import COMMANDS, every
from portevoix.accounts.models import User
from portevoix.accounts.rules import MASKS
from portevoix.accounts.types import READERS, Fact, Role
from portevoix.disclosure.models import Export
from portevoix.intake.services.receiving import UNCONFIRMED_LIFETIME
from portevoix.people.models import CustomField, Person
from portevoix.people.types import RoleKind
from portevoix.registers import rules
from portevoix.registers.selectors.measures import measures
from portevoix.registers.selectors.processors import Line, processor_lines, processors_section
from portevoix.registers.selectors.programs import programs
from portevoix.registers.types import (
    Block,
    Document,
    Held,
    Section,
    Service,
    Verdict,
    named,
    pairs,
    points,
    table,
    words,
)
from portevoix.rights.gate import FACTS, POINTS
from portevoix.rights.models import Ground, LedgerEntry, Proof, Suppression
from portevoix.rights.purposes import TERMS, Channel, Purpose, Status
from portevoix.rights.selectors.closing import kept, told
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.selectors.retention import terms_in_force
from portevoix.rights.types import HANDLERS

#: Columns of a person that are for machines.
TECHNICAL = {"id", "ref", "sort_key", "custom"}
#: Channels that the outbox serves.
SENT = {Channel.EMAIL, Channel.SMS}

Told = tuple[str, str]


@dataclass(frozen=True)
class Activity:
    """One treatment of the record."""

    title: str
    aim: str
    basis: str
    people: str
    recipients: str
    kept: str
    data: list[Told]
    services: tuple[Service, ...] = ()
    purpose: Purpose | None = None
    #: How many people today.
    count: int | None = None


def record() -> Document:
    """Return the record as it is now, in the campaign's language."""
    with translation.override(settings.LANGUAGE_CODE):
        lines = processor_lines()
        return Document(
            title=_("Record of processing activities"),
            subtitle=_("Article 30(1) of the GDPR, generated from what is configured"),
            author=controller_name(),
            language=settings.LANGUAGE_CODE,
            sections=[
                controller_section(),
                *(_section(activity, lines) for activity in activities()),
                limits_section(),
                sight_section(),
                processors_section(lines),
                measures_section(),
            ],
        )


def controller_name() -> str:
    return legal_facts().publisher or settings.INSTANCE.site.name


def controller_section() -> Section:
    """Say who answers for the processing, and what nobody has said of it yet."""
    legal = legal_facts()
    facts = [
        (_("Controller"), legal.publisher),
        (_("Address"), legal.publisher_address),
        (_("Telephone"), legal.publisher_phone),
        (_("E-mail"), legal.publisher_email),
        (_("Represented by"), legal.director),
        (_("Data-protection officer"), legal.data_officer_email),
    ]
    missing = [
        _("Not said yet (Settings, Setting up): %(fact)s.") % {"fact": label} for label, fact in facts if not fact
    ]
    blocks: list[Block] = [pairs(facts)]
    if missing:
        blocks.append(points(missing, tone="alarm"))
    return Section(_("Who answers for it"), blocks)


def activities() -> list[Activity]:
    """Return every treatment: one a purpose, then the files that serve them all, then the campaign's own."""
    every()  # so that the acts of every room are known
    counts = dict(
        Ground.objects.live().order_by().values_list("purpose").annotate(people=Count("person", distinct=True))
    )
    return [
        *(_of_purpose(purpose, counts.get(purpose, 0)) for purpose in Purpose),
        _file(),
        _rights(),
        _exports(),
        _programs(),
        _team(),
        _security(),
        _audience(),
    ]


def _of_purpose(purpose: Purpose, count: int) -> Activity:
    terms = TERMS.get(purpose)
    if terms is None:
        channel, article = Channel.EMAIL, "RGPD art. 6(1)(b)"
        people = _("people who asked the campaign for something")
        kept = _("until it is done, at most %(months)d months; %(days)d days where an address is not confirmed") % {
            "months": terms_in_force()[purpose],
            "days": UNCONFIRMED_LIFETIME.days,
        }
    else:
        channel, article = terms.channel, terms.article
        people = _("people who agreed to it")
        kept = _("until the person withdraws, at most %(months)d months after the last exchange (%(article)s)") % {
            "months": terms_in_force()[purpose],
            "article": terms.retention.article,
        }
    return Activity(
        title=str(capfirst(purpose.label)),
        aim=_("%(purpose)s; channel: %(channel)s")
        % {"purpose": capfirst(purpose.label), "channel": Channel(channel).label},
        basis=article,
        people=people,
        recipients=_recipients(channel, purpose),
        kept=kept,
        data=_data_of(channel, purpose),
        services=(Service.MAIL,) if channel == Channel.EMAIL else (),
        purpose=purpose,
        count=count,
    )


def _recipients(channel: Channel, purpose: Purpose) -> str:
    """Say who receives the data, outside too (RGPD art. 30(1)(d)): signatures go to whom they are for."""
    said = _roles(_who_sees(channel, purpose))
    if purpose != Purpose.PARTICIPATION:
        return said
    outside = _("the addressee of a petition or letter, for the names of who agreed to it")
    return f"{said}; {outside}"


def _data_of(channel: Channel, purpose: Purpose) -> list[Told]:
    """Walk the tables that a purpose uses: the channel's points, those made for this purpose alone, the grounds."""
    told = [_fields_of_persons()]
    if channel in POINTS:
        told.append(told_of(POINTS[channel].model))
    return told + [told_of(one.model) for _name, one in HANDLERS.items() if _serves(one.model, channel, purpose)]


def _serves(model: type[models.Model], channel: Channel, purpose: Purpose) -> bool:
    """Tell whether a table is used for a purpose: made for it alone, or grounds, or messages where some are sent."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    if not {"purpose", "channel"} <= set(fields):
        return False
    if fields["purpose"].has_default():
        return bool(fields["purpose"].get_default() == purpose)
    return model is Ground or channel in SENT


def _who_sees(channel: Channel, purpose: Purpose) -> Iterable[Role]:
    """Return the roles that see what a purpose uses, by the masks; opinions, by who may record them."""
    if purpose == Purpose.OPINION:
        return COMMANDS["rights.record_opinion"].roles
    fact = fact_of(POINTS[channel].model) if channel in POINTS else None
    return [role for role, hidden in MASKS.items() if fact not in hidden]


def fact_of(model: type[models.Model]) -> Fact | None:
    """Return which masked fact a table of contact points holds, by the name under which people have it."""
    return FACTS.get(model._meta.get_field("person").remote_field.related_name or "")  # type: ignore[union-attr]


def _roles(roles: Iterable[Role]) -> str:
    kept = set(roles)
    return ", ".join(str(role.label) for role in Role if role in kept)


def told_of(model: type[models.Model]) -> Told:
    """Return a table's name for people, with the fields that are given to the person on request."""
    handler = HANDLERS.get(model._meta.label_lower)
    names = list(handler.exported) if handler else [field.name for field in _own_fields(model)]
    return str(capfirst(model._meta.verbose_name_plural)), ", ".join(dict.fromkeys(_label(model, n) for n in names))


def _label(model: type[models.Model], path: str) -> str:
    first, _step, rest = path.partition("__")
    field = model._meta.get_field(first)
    if rest:
        return _label(field.related_model, rest)  # type: ignore[arg-type]
    return str(getattr(field, "verbose_name", first))


def _own_fields(model: type[models.Model]) -> list[models.Field[object, object]]:
    """Return a table's columns but keys and what machines keep; those named for people, where there are any."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.editable and not field.is_relation and not field.primary_key
    ]
    return [field for field in fields if isinstance(field.verbose_name, Promise)] or fields


def _fields_of_persons() -> Told:
    fields = [field for field in Person._meta.concrete_fields if field.name not in TECHNICAL]
    return str(capfirst(Person._meta.verbose_name_plural)), ", ".join(str(field.verbose_name) for field in fields)


def _fields_of_the_campaign() -> Told:
    fields = CustomField.objects.filter(retired_at=None)
    return str(capfirst(CustomField._meta.verbose_name_plural)), ", ".join(field.shown_label for field in fields)


def _file() -> Activity:
    tables = [told_of(handler.model) for _name, handler in HANDLERS.items()]
    return Activity(
        title=_("The campaign’s file of people"),
        aim=_("know whom the campaign is in touch with, what they did with it, and serve the purposes above"),
        basis="RGPD art. 6(1)(a), 9(2)(a) ; 9(2)(d)",
        people=", ".join(str(kind.label) for kind in RoleKind),
        recipients=_roles(MASKS),
        kept=_terms_of_persons(),
        data=[_fields_of_persons(), _fields_of_the_campaign(), *tables],
        count=Person.objects.count(),
    )


def _terms(*tables: str) -> str:
    """Return how long tables are kept, as the code that applies it says it: one line of a room each."""
    lines = {line.tables: line for line in kept()}.values()
    return "; ".join(
        named(capfirst(apps.get_model(label)._meta.verbose_name_plural), line.term)
        for label in tables
        for line in lines
        if label in line.tables
    )


def _terms_of_persons() -> str:
    """Return how long people stay, by what they are, with the terms that the campaign has set."""
    months = terms_in_force()
    others = [
        _("%(kind)s: %(months)d months") % {"kind": status.label, "months": months[status]}
        for status in Status
        if status in months
    ]
    return _("as long as something agreed to is in force; else, after the last exchange: %(terms)s") % {
        "terms": "; ".join(others)
    }


def limits_section() -> Section:
    """Say of every table how long it is kept and by which texts (art. 30(1)(f)), from the same lines as the screen."""
    rows = [(", ".join(line.names), capfirst(str(line.kept.term)), line.kept.article) for line in told()]
    return Section(_("How long everything is kept"), [table([_("Data"), _("Time limit"), _("Ground")], rows)])


def _rights() -> Activity:
    return Activity(
        title=_("Requests of people, and proof of consents"),
        aim=_(
            "answer who asks within a month, prove consents and their withdrawal, keep who was erased from coming back"
        ),
        basis="RGPD art. 6(1)(c), 7(1), 12, 15-22",
        people=_("people in the file, and those erased from it (by a keyed hash)"),
        recipients=_roles(COMMANDS["disclosure.answer_access_request"].roles),
        kept=_terms("rights.Ground", "rights.LedgerEntry", "rights.Suppression", "rights.Request"),
        data=[told_of(model) for model in (Ground, Proof, LedgerEntry, Suppression)],
    )


def _exports() -> Activity:
    return Activity(
        title=_("Exports"),
        aim=_("give a file about people to a member of the team, for a stated reason"),
        basis="RGPD art. 5(1)(f), 6(1)(a), 9(2)(a)",
        people=_("people in the file"),
        recipients=_roles(COMMANDS["disclosure.order_export"].roles),
        kept=_terms("disclosure.Export"),
        data=[told_of(Export)],
    )


def _programs() -> Activity:
    """Say what leaves by keys, and nobody's name: versions of the record are kept for ever."""
    found = programs()
    out = [one for one in found if one.gives]
    return Activity(
        title=_("Programs that come in by keys"),
        aim=_("keep another program of the campaign in step, for the reason that stands beside its key"),
        basis="RGPD art. 5(1)(f), 6(1)(a), 9(2)(a)",
        people=_("people in the file"),
        recipients="; ".join(named(one.name, one.purpose) for one in out) or _("no program now"),
        kept=_("until the day of each key, a year at most; what a program keeps, it is told to destroy"),
        data=[(one.name, f"{one.gives} ({one.sight})") for one in out],
    )


def _team() -> Activity:
    tables = [told_of(model) for model in apps.get_app_config("accounts").get_models()]
    return Activity(
        title=_("Accounts of the team"),
        aim=_("let members of the team in, with the rights of their mandates, and protect their access"),
        basis="RGPD art. 6(1)(b) ; 6(1)(c) ; art. 32",
        people=_("members of the team, employed or volunteers"),
        recipients=_roles(READERS),
        kept=_terms("accounts.User", "accounts.SignIn"),
        data=tables,
        services=(Service.MAIL,),
        count=User.objects.filter(is_active=True).count(),
    )


def _security() -> Activity:
    tables = [told_of(model) for model in apps.get_app_config("journal").get_models()]
    return Activity(
        title=_("Security: journal, readings, failed sign-ins"),
        aim=_("know who did what, find and prove a breach, stop who guesses passwords"),
        basis="RGPD art. 6(1)(c), 5(2), 32, 33",
        people=_("members of the team"),
        recipients=_roles(READERS),
        kept=_terms("journal.Entry", "people.Consultation", "accounts.Attempts"),
        data=tables,
    )


def _audience() -> Activity:
    tables = [told_of(model) for model in apps.get_app_config("audience").get_models()]
    return Activity(
        title=_("Measurement of the site’s audience"),
        aim=_("know which pages are read: counters a day and a page, without cookie, address or identifier"),
        basis=_("no personal data; nothing is read or written on the device (loi 78-17 art. 82): no consent needed"),
        people=_("nobody: visits are counted, never visitors"),
        recipients=_("the whole team: figures only"),
        kept=_terms("audience.DailyCount"),
        data=tables,
    )


def _section(activity: Activity, lines: list[Line]) -> Section:
    used = _used(activity, lines)
    blocks = [
        pairs(
            [
                (_("Aim"), activity.aim),
                (_("Ground"), activity.basis),
                (_("People"), activity.people),
                (_("Recipients in the team"), activity.recipients),
                (_("Processors"), ", ".join(line.name for line in used) or _("none")),
                (_("Transfers out of the European Union"), transfers(used)),
                (_("Time limit"), activity.kept),
            ]
        ),
        table([_("Data"), _("Fields")], activity.data),
    ]
    if activity.count is not None:
        blocks.append(pairs([(_("How many today"), rules.magnitude(activity.count))], passing=True))
    return Section(activity.title, blocks)


def _used(activity: Activity, lines: list[Line]) -> list[Line]:
    """Keep the processors that a treatment uses: not those of mail where none is sent, nor those of other uses."""
    kept = []
    for line in lines:
        told = line.processor or line.found
        serves = line.processor.purposes if line.processor else []
        is_mailed = told is not None and (told.service != Service.MAIL or Service.MAIL in activity.services)
        if is_mailed and (not serves or activity.purpose in serves):
            kept.append(line)
    return kept


def transfers(lines: Iterable[Line]) -> str:
    """Say where data go out of the European Economic Area, and on which ground."""
    told = [
        named(line.name, f"{line.places} – {line.verdict.label}")
        for line in lines
        if line.verdict and line.verdict is not Verdict.EEA
    ]
    unknown = [line.name for line in lines if line.verdict is None]
    if unknown:
        told.append(_("not known for %(names)s") % {"names": ", ".join(unknown)})
    return "; ".join(told) or _("none")


def sight_section() -> Section:
    """Say which role sees what of people, from the masks."""
    rows = [
        (role.label, *(_("hidden") if fact in hidden else _("seen") for fact in Fact)) for role, hidden in MASKS.items()
    ]
    return Section(
        _("Who of the team sees what"),
        [
            table([_("Role"), *(capfirst(fact.label) for fact in Fact)], rows),
            words(_("What is hidden from a role is not even read from the database (art. 5(1)(c), 25).")),
        ],
    )


def measures_section() -> Section:
    """Say what protects the data on this instance, and what does not."""
    told = measures()
    blocks = [
        table([_("Measure"), _("State"), _("In what way")], [(one.label, one.held.label, one.detail) for one in told])
    ]
    if passing := [named(one.label, one.passing) for one in told if one.passing]:
        blocks.append(points(passing, passing=True))
    return Section(_("Security (art. 32)"), blocks)


def not_done() -> list[str]:
    """Return the measures that are not in place, by name."""
    return [one.label for one in measures() if one.held in {Held.NO, Held.PARTLY}]
