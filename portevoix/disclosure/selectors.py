"""What a file about people may hold, in NationBuilder's names; what is held on one person; where a leak comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, Expression, F, FileField, Model, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.commands import acting, may
from portevoix.accounts.models import User
from portevoix.accounts.types import Actor, Staff, System, Visitor
from portevoix.disclosure.exceptions import NotDescribed
from portevoix.disclosure.models import Canary, Export, Portion
from portevoix.disclosure.rules.canaries import FICTION, LANDLINES, NAMED, Invented
from portevoix.disclosure.types import Copy, Delivery, Enclosed, Finding, Section, State, Traces
from portevoix.kernel import clock, normalise
from portevoix.people.models import CustomField, EmailAddress, Interaction, Person, PhoneNumber, PostalAddress, Tagging
from portevoix.people.models.persons import language_name
from portevoix.people.types import USABLE, Kind
from portevoix.rights import gate
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose
from portevoix.rights.selectors import everything_about
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.types import HANDLERS

#: Columns that only files for somebody outside have.
HANDED_LABELS = {
    "quality": _("profession or mandate"),
    "commune": _("commune"),
    "signed_on": _("day of the signature"),
}


def delivery_of(kind: str, pk: int) -> Delivery:
    """Return what is handed over, as the room that knows it tells. Raises NotDescribed."""
    for describe in hooks.get_hooks("describe_delivery"):
        told: Delivery | None = describe(kind, pk)
        if told is not None:
            return told
    raise NotDescribed(kind)


def _first(rows: QuerySet[Model], field: str) -> Subquery:
    """Return the main one of a person's addresses or numbers, or else the first: none that is refused, or dead."""
    mine = rows.filter(person=OuterRef("pk"), status__in=USABLE)
    return Subquery(mine.order_by("-is_primary", "pk").values(field)[:1])


def _agreed(purpose: Purpose, channel: Channel) -> Exists:
    return Exists(Ground.objects.live().for_purpose(purpose, channel).filter(person=OuterRef("pk")))


def _tags() -> Subquery:
    names = Tagging.objects.filter(person=OuterRef("pk")).order_by().values("person")
    return Subquery(names.annotate(names=ArrayAgg("tag__name", order_by="tag__name")).values("names"))


#: Column of the file → how it is read.
COLUMNS: dict[str, Callable[[], Expression | Combinable]] = {
    "first_name": lambda: F("first_name"),
    "last_name": lambda: F("last_name"),
    "sex": lambda: F("gender"),
    "born_at": lambda: F("born_on"),
    "language": lambda: F("language"),
    "occupation": lambda: F("occupation"),
    "email": lambda: _first(EmailAddress.objects.filter(is_primary=True), "address"),
    "mobile_number": lambda: _first(PhoneNumber.objects.filter(kind="mobile"), "number"),
    "phone_number": lambda: _first(PhoneNumber.objects.exclude(kind="mobile"), "number"),
    "primary_address1": lambda: _first(PostalAddress.objects.all(), "line1"),
    "primary_zip": lambda: F("postcode"),
    "primary_city": lambda: Coalesce(F("commune__name"), _first(PostalAddress.objects.all(), "city")),
    "tag_list": _tags,
    "email_opt_in": lambda: _agreed(Purpose.NEWSLETTER, Channel.EMAIL),
    "mobile_opt_in": lambda: _agreed(Purpose.TEXTS, Channel.SMS),
    "created_at": lambda: F("created_at"),
}
ALL_FIELDS = tuple(COLUMNS)

LABELS = {
    "first_name": _("first name"),
    "last_name": _("family name"),
    "sex": _("gender"),
    "born_at": _("birth date"),
    "language": _("language"),
    "occupation": _("occupation"),
    "email": _("main e-mail address"),
    "mobile_number": _("mobile number"),
    "phone_number": _("other telephone number"),
    "primary_address1": _("street"),
    "primary_zip": _("postcode"),
    "primary_city": _("commune"),
    "tag_list": _("tags"),
    "email_opt_in": _("agrees to e-mails"),
    "mobile_opt_in": _("agrees to text messages"),
    "created_at": _("known since"),
}


#: What rooms above know of a field by its name: its label, and how it is read (``find_export_column``).
Column = tuple[str, Expression | Combinable]


def _found(field: str) -> Column | None:
    found = (find(field) for find in hooks.get_hooks("find_export_column"))
    return next((column for column in found if column is not None), None)


def is_known(field: str) -> bool:
    """Tell whether a file may hold a field: one of the record, or one that a room above knows."""
    return field in COLUMNS or _found(field) is not None


def label_of(field: str) -> str:
    """Return how a field is called on the screen; the field itself where nobody knows it any more."""
    found = None if field in LABELS else _found(field)
    return str(LABELS[field]) if field in LABELS else found[0] if found else field


def heading_of(field: str) -> str:
    """Return what stands above a column of the file: a name of NationBuilder’s, or the question that was asked."""
    return field if field in COLUMNS else label_of(field)


def rows(people: QuerySet[Person], fields: Sequence[str]) -> Iterator[list[object]]:
    """Yield the cells of each person, by one statement read as a stream."""
    named = {f"column_{number}": _read(field) for number, field in enumerate(fields)}
    found = people.order_by("sort_key", "pk").annotate(**named).values_list(*named)
    for row in found.iterator(chunk_size=2000):
        yield [_cell(value) for value in row]


def _read(field: str) -> Expression | Combinable:
    found = None if field in COLUMNS else _found(field)
    return COLUMNS[field]() if found is None else found[1]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def people_of(portion: Portion, export: Export, asker: Actor) -> list[int]:
    """Return those of a portion whom the gate still shows to its asker, by number."""
    people = Person.objects.filter(pk__in=portion.person_ids)
    shown = gate.reveal(people, actor=asker, purpose=export.purpose, fields=export.fields)
    return list(shown.people.values_list("pk", flat=True))


def rows_of(portion: Portion, export: Export, asker: Actor) -> Iterator[list[object]]:
    """Yield the cells of a portion's people, through the gate, as its asker may see them now."""
    people = Person.objects.filter(pk__in=portion.person_ids)
    shown = gate.reveal(people, actor=asker, purpose=export.purpose, fields=export.fields)
    return rows(shown.people, shown.fields)


def asker(export: Export) -> Actor:
    """Return who asked for an export, with the rights that they have now, as far as these reach to export."""
    if export.asker_kind == "system":
        return System(export.asker)
    user = User.objects.filter(pk=export.asker_id, is_active=True).first()
    return acting(Staff(user), "disclosure.order_export") if user else Visitor()


def may_still_export(export: Export) -> bool:
    """Tell whether who asked for an export still has the right to: mandates end."""
    return may(asker(export), "disclosure.order_export")


def reach_of(actor: Actor) -> list[str] | None:
    """Return the départements of which somebody may export people; nothing for all of France."""
    reach = acting(actor, "disclosure.order_export").departements
    return None if reach is None or actor.kind == "system" else sorted(reach)


def is_narrower(export: Export, actor: Actor) -> bool:
    """Tell whether somebody sees less than when they ordered an export: a place, or a field of it."""
    before, now = export.asker_departements, reach_of(actor)
    is_less_far = now is not None and (before is None or not set(before) <= set(now))
    masked = gate.masked_fields(acting(actor, "disclosure.order_export"))
    return is_less_far or bool(masked & set(export.fields))


def canary_domain() -> str:
    """Return where invented people have their addresses: the host's domain for it, or else the campaign's own."""
    own = settings.INSTANCE.mail.sender.rpartition("@")[2]
    return settings.INSTANCE.disclosure.canary_domain or (own if "." in own else "")


def not_taken(drawn: Sequence[Invented], mark: str) -> list[Invented]:
    """Keep the invented people who are like nobody real, and by their mark like no earlier one: they prove more."""
    before = Canary.objects.all()
    mailboxes = [one.mailbox for one in drawn]
    taken = set(before.filter(mailbox__in=mailboxes).values_list("mailbox", flat=True))
    taken |= set(EmailAddress.objects.filter(address__in=mailboxes).values_list("address", flat=True))
    taken |= set(User.objects.filter(email__in=mailboxes).values_list("email", flat=True))
    real = Person.objects.filter(sort_key__in=[one.sort_key for one in drawn]).order_by()
    names = set(real.values_list("sort_key", flat=True))
    kept = [one for one in drawn if one.mailbox not in taken and one.sort_key not in names]
    if mark == "email":
        return kept
    column = "mobile" if mark in {"mobile_number", "phone_number"} else "family_name"
    former = set(before.filter(**{f"{column}__in": [getattr(one, column) for one in drawn]}).values_list(column))
    fresh = [one for one in kept if (getattr(one, column),) not in former]
    # There are ten thousand numbers for fiction, and as many names: after hundreds of exports some come again.
    return fresh or kept


def something_is_over() -> bool:
    """Tell whether a file's time is over, or an export may have lost its process."""
    return (
        Export.objects.filter(state=State.READY, expires_at__lte=clock.now()).exists()
        or Export.objects.at_work().exists()
    )


def invented(canary: Canary) -> Invented:
    """Return the person that a canary pretends to be."""
    return Invented(canary.sex, canary.given_name, canary.family_name, canary.mailbox, canary.mobile, canary.born_on)


#: Addresses of a leaked file that are compared with people the campaign knows: enough for a share of a hundredth.
MOST_COMPARED = 2000
#: Clues that can be a canary's, kept while a file is read.
MOST_KEPT = 100_000
#: Exports named as having held the same people.
MOST_NAMED = 10


def traces(clues: Iterable[str]) -> Traces:
    """Return what addresses and numbers say of the export they come from."""
    domains = {mailbox.partition("@")[2] for mailbox in Canary.objects.values_list("mailbox", flat=True).iterator()}
    suspects: set[str] = set()
    others: set[str] = set()
    seen = 0
    for clue in clues:
        seen += not clue.startswith(NAMED)
        if clue.startswith((FICTION, LANDLINES, NAMED)) or clue.partition("@")[2] in domains:
            if len(suspects) < MOST_KEPT:
                suspects.add(clue)
        elif "@" in clue and len(others) < MOST_COMPARED:
            others.add(clue)
    shared, known = _shared(others)
    return Traces(_findings(suspects), shared, known, seen)


def _findings(suspects: set[str]) -> list[Finding]:
    # A number that somebody real has proves nothing.
    suspects -= set(PhoneNumber.objects.filter(number__in=suspects).values_list("number", flat=True))
    mobiles = {FICTION + clue[-4:] for clue in suspects if clue.startswith(LANDLINES)}
    meant = (
        Q(canaries__mailbox__in=suspects)
        | Q(canaries__mobile__in=suspects, fields__contains=["mobile_number"])
        | Q(canaries__mobile__in=mobiles, fields__contains=["phone_number"])
        | Q(canaries__in=_named(suspects), fields__overlap=["last_name", "primary_address1"])
    )
    counted = Export.objects.annotate(hidden=Count("canaries"), found=Count("canaries", filter=meant))
    counts = {
        pk: (found, hidden) for pk, found, hidden in counted.filter(found__gt=0).values_list("pk", "found", "hidden")
    }
    exports = Export.objects.in_bulk(counts)
    found = [Finding(exports[pk], *numbers) for pk, numbers in counts.items()]
    return sorted(found, key=lambda finding: (-finding.found, -finding.export.pk))


def _named(suspects: set[str]) -> list[int]:
    """Return the canaries whose name was found, but for a name that somebody real bears."""
    names = {clue.removeprefix(NAMED) for clue in suspects if clue.startswith(NAMED)}
    if not names:
        return []
    joined = Canary.objects.filter(family_name__contains="-").values_list("pk", "family_name")
    found = {pk: name for pk, family in joined if (name := normalise.sort_key(family)) in names}
    real = {name for name in set(found.values()) if Person.objects.filter(sort_key__startswith=f"{name} ").exists()}
    return [pk for pk, name in found.items() if name not in real]


def _shared(addresses: set[str]) -> tuple[list[tuple[Export, int]], int]:
    people = EmailAddress.objects.filter(address__in=addresses).order_by().values("person")
    known = people.distinct().count()
    if not known:
        return [], 0
    told = Interaction.objects.filter(
        kind=Kind.EXPORTED, about_kind=Export._meta.label_lower, person__in=people
    ).order_by()
    counted = told.values("about_id").annotate(number=Count("person", distinct=True)).order_by("-number")[:MOST_NAMED]
    numbers = {row["about_id"]: row["number"] for row in counted}
    exports = Export.objects.in_bulk(numbers)
    return [(exports[pk], number) for pk, number in numbers.items() if pk in exports], known


#: What the campaign holds of a person in their own row; the key that sorts them says nothing more.
IDENTITY = (
    *("first_name", "last_name", "gender", "born_on", "language", "other_languages", "occupation", "postcode"),
    *("polling_station", "custom", "source", "external_ref", "created_at", "updated_at", "restricted_at"),
)


def file_about(person: Person) -> Copy:
    """Return everything held on a person, and by whom, in the shape of the answer to an access request.

    Labels are in the language now in use.
    """
    identity = {name: getattr(person, name) for name in IDENTITY}
    identity["commune"] = str(person.commune) if person.commune else None
    tables = everything_about(person)
    for row in tables.get(Interaction._meta.label_lower, []):
        if row["kind"] == Kind.CONSULTED:
            row["source"] = ""  # the person is owed when and in which role, not the reader's name (CJEU C-579/21)
    files = list(_files(tables))
    legal = legal_facts()
    facts = {
        "controller": {"name": legal.publisher, "email": legal.data_officer_email},
        "made_at": clock.now(),
        "person": identity,
        "tables": [
            {"table": name, "label": str(HANDLERS[name].model._meta.verbose_name_plural), "rows": rows}
            for name, rows in tables.items()
        ],
    }
    sections = [_section(HANDLERS[name].model, rows) for name, rows in tables.items() if rows]
    spoken = {**identity, "gender": person.gender_label, "language": person.language_name}
    spoken["other_languages"] = [language_name(code) for code in person.other_languages]
    return Copy(facts, str(person), [*_identity(spoken), *_custom(person)], sections, files)


def _files(tables: Mapping[str, list[dict[str, Any]]]) -> Iterator[Enclosed]:
    """Yield the files that the rows name, whose rows then say where the archive has them."""
    for label, rows in tables.items():
        for column in HANDLERS[label].model._meta.concrete_fields:
            if isinstance(column, FileField) and column.name in HANDLERS[label].exported:
                for number, row in enumerate(rows, 1):
                    stored = str(row[column.name])
                    if not column.storage.exists(stored):
                        row[column.name] = gettext("not found on the disk")
                        continue
                    # Whatever the name says, the file lands in its folder.
                    name = re.sub(r"[^\w.() -]+", "_", str(row.get("name", stored))).lstrip(".")
                    row[column.name] = f"{gettext('files')}/{number:02d}-{name}"
                    yield Enclosed(row[column.name], column.storage, stored)


def _custom(person: Person) -> list[tuple[str, str]]:
    fields = CustomField.objects.filter(key__in=list(person.custom))
    labels = dict(fields.values_list("key", "label"))
    return [(labels.get(key, key), _spoken(None, value)) for key, value in person.custom.items()]


def _identity(identity: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = []
    for name, value in identity.items():
        field = Person._meta.get_field(name)
        if name != "custom" and (words := _spoken(field, value)):
            told.append((str(field.verbose_name), words))  # type: ignore[union-attr]
    return told


def _section(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> Section:
    fields = {path: _field(model, path) for path in rows[0]}
    filled = {path: field for path, field in fields.items() if any(row[path] not in EMPTY for row in rows)}
    return Section(
        title=str(model._meta.verbose_name_plural),
        headings=[str(getattr(field, "verbose_name", path)) for path, field in filled.items()],
        rows=[[_spoken(field, row[path]) for path, field in filled.items()] for row in rows],
    )


#: What there is nothing to say of.
EMPTY: tuple[object, ...] = (None, "", [], {})


def _field(model: type[Model], path: str) -> Any:
    """Return the field at the end of a path through keys."""
    first, _step, rest = path.partition("__")
    field: Any = model._meta.get_field(first)
    return _field(field.related_model, rest) if rest else field


def _spoken(field: Any, value: Any) -> str:
    """Return a value as it is said to a person, in the language now in use."""
    if value in EMPTY:
        return ""
    choices = dict(getattr(getattr(field, "base_field", field), "flatchoices", ())) or (
        LABELS | HANDED_LABELS if getattr(field, "name", "") == "fields" else {}
    )
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_spoken(field, one)}" for key, one in value.items())
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    return date_format(value, "DATE_FORMAT") if isinstance(value, date) else str(choices.get(value, value))
