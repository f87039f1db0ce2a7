"""Acts on many that write on the record itself: roles, language, the campaign's own fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q, Value
from django.db.models.lookups import Exact
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people.exceptions import Impossible, ProtectedName
from portevoix.people.models import CustomField, PersonRole
from portevoix.people.models.persons import language_name
from portevoix.people.rules import LANGUAGES, storable
from portevoix.people.selectors import spoken
from portevoix.people.services import editing, writing
from portevoix.people.services.acts import AddTag, BulkAct, Follow, RemoveTag
from portevoix.people.services.editing import SOURCE
from portevoix.people.types import Changed, CustomKind, Kind, RoleKind


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, initial=clock.today)


class NeedsNothing(BulkAct):
    """An act whose words stay possible whatever happens."""

    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        """Accept."""


class OfRole(NeedsNothing):
    """An act about one role and one day: ``day`` names it, ``asks`` for it, and ``says`` what is done."""

    icon = "user"
    needs = staticmethod(writing.give_role)
    kind = Kind.PLAYED
    day: ClassVar[str]
    asks: ClassVar[Any]
    says: ClassVar[Any]

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {"role": forms.ChoiceField(label=_("Role"), choices=RoleKind.choices), self.day: _day(self.asks)}

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        return {"role": cleaned["role"], self.day: cleaned[self.day].isoformat()}

    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        day = date_format(date.fromisoformat(said[self.day]), "DATE_FORMAT")
        return str(self.says) % {"role": RoleKind(said["role"]).label, "day": day}


class GiveRole(OfRole):
    key = "give_role"
    label = _("Give a role")
    reasons: ClassVar = {"same": _("have the role already")}
    day = "since"
    asks = _("Since")
    says = _("Give the role “%(role)s” since %(day)s")

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        held = PersonRole.objects.filter(
            Q(until=None) | Q(until__gte=clock.today()), person=OuterRef("pk"), kind=said["role"]
        )
        return {"same": Q(Exists(held))}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        made = self.rows(
            "INSERT INTO people_personrole (person_id, kind, detail, since, source)"
            " SELECT id, %s, '', %s::date, %s FROM unnest(%s::bigint[]) AS id"
            " ON CONFLICT DO NOTHING RETURNING person_id, id",
            [said["role"], said["since"], SOURCE, list(ids)],
        )
        return [Changed(*row) for row in made]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        """Take back a role that nobody corrected, ended, or took dues for."""
        gone = self.rows(
            "DELETE FROM people_personrole held USING unnest(%s::bigint[], %s::bigint[]) AS made (row, person)"
            " WHERE held.id = made.row AND held.person_id = made.person AND held.kind = %s AND held.since = %s::date"
            " AND held.detail = '' AND num_nulls(held.until, held.dues_paid_on, held.dues_until) = 3"
            " RETURNING held.person_id",
            [[one.row_id for one in changes], [one.person_id for one in changes], said["role"], said["since"]],
        )
        return {person for (person,) in gone}


class EndRole(OfRole):
    key = "end_role"
    label = _("End a role")
    reasons: ClassVar = {"without": _("do not have the role on that day")}
    day = "until"
    asks = _("Last day")
    says = _("End the role “%(role)s” on %(day)s")

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        day = said["until"]
        held = PersonRole.objects.filter(
            Q(until=None) | Q(until__gt=day),
            Q(since=None) | Q(since__lte=day),
            person=OuterRef("pk"),
            kind=said["role"],
        )
        return {"without": ~Q(Exists(held))}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        """One person may hold the role several times, of several groups: what each was is kept together."""
        ended = self.rows(
            "WITH held AS (SELECT id, person_id, until FROM people_personrole WHERE kind = %s AND person_id = ANY(%s)"
            " AND (until IS NULL OR until > %s::date) AND (since IS NULL OR since <= %s::date) FOR UPDATE),"
            " ended AS (UPDATE people_personrole role SET until = %s::date FROM held WHERE role.id = held.id"
            " RETURNING held.person_id, held.id, held.until)"
            " SELECT person_id, jsonb_object_agg(id, until)::text FROM ended GROUP BY person_id",
            [said["role"], list(ids), *[said["until"]] * 3],
        )
        return [Changed(person, None, json.loads(before)) for person, before in ended]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        before = [(one.person_id, int(row), until) for one in changes for row, until in (one.before or {}).items()]
        back = self.rows(
            "UPDATE people_personrole role SET until = former.until"
            " FROM unnest(%s::bigint[], %s::bigint[], %s::date[]) AS former (person, row, until)"
            " WHERE role.id = former.row AND role.person_id = former.person AND role.until = %s::date"
            " RETURNING role.person_id",
            [*([row[place] for row in before] for place in range(3)), said["until"]],
        )
        return {person for (person,) in back}


class SetLanguage(NeedsNothing):
    key = "set_language"
    label = _("Set the language to write in")
    icon = "globe"
    needs = staticmethod(editing.edit)
    reasons: ClassVar = {"same": _("have this language already")}

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        choices = [(code, language_name(code)) for code in LANGUAGES]
        return {"language": forms.ChoiceField(label=_("Language to write in"), choices=choices)}

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        return {"language": cleaned["language"]}

    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        return gettext("Write to them in: %(language)s") % {"language": language_name(said["language"])}

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        return {"same": Q(language=said["language"])}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        changed = self.rows(
            "WITH was AS (SELECT id, language, other_languages FROM people_person WHERE id = ANY(%s))"
            " UPDATE people_person now SET language = %s, updated_at = %s,"
            " other_languages = array_remove(now.other_languages, %s::varchar)"
            " FROM was WHERE was.id = now.id RETURNING was.id, was.language, was.other_languages",
            [list(ids), said["language"], clock.now(), said["language"]],
        )
        return [Changed(row[0], None, {"language": row[1], "others": row[2]}) for row in changed]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        former = [{"id": one.person_id, **one.before} for one in changes]
        back = self.rows(
            "UPDATE people_person now SET language = former.language, other_languages = former.others, updated_at = %s"
            " FROM jsonb_to_recordset(%s::jsonb) AS former (id bigint, language varchar, others varchar[])"
            " WHERE now.id = former.id AND now.language = %s"
            " AND now.other_languages = array_remove(former.others, %s::varchar) RETURNING now.id",
            [clock.now(), json.dumps(former), said["language"], said["language"]],
        )
        return {person for (person,) in back}


class SetField(BulkAct):
    """Write one value in one of the campaign's own fields, or empty it."""

    key = "set_field"
    label = _("Fill or empty a field of your own")
    icon = "list-ul"
    needs = staticmethod(editing.edit)
    reasons: ClassVar = {"same": _("have this value already")}

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        known = list(CustomField.objects.in_use().seen_by_actor(actor))
        if not known:
            return {}
        value = forms.CharField(
            label=_("Value"),
            required=False,
            max_length=1000,
            help_text=_("Left blank, the field is emptied. A day is written 2028-04-23; yes or no, as such."),
        )
        choices = [(field.key, field.shown_label) for field in known]
        return {"field": forms.ChoiceField(label=_("Field"), choices=choices), "value": value}

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        field = self._field(cleaned["field"], actor)
        text = cleaned["value"].strip()
        self._refuse(field, text)
        value = _read(field, text) if text else None
        return {"field": field.key, "value": storable(CustomKind(field.kind), value)}

    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        field = CustomField.objects.filter(key=said["field"]).first()
        label = field.shown_label if field else said["field"]
        if said["value"] is None:
            return gettext("Empty the field “%(field)s”") % {"field": label}
        return gettext("Write “%(value)s” in the field “%(field)s”") % {"field": label, "value": spoken(said["value"])}

    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        self._refuse(self._field(said["field"], actor), said["value"])

    @staticmethod
    def _refuse(field: CustomField, value: Any) -> None:
        """Raise ProtectedName for a value under a name that says what the law protects; it may be emptied."""
        if value not in (None, "") and (what := field.protection):
            raise ProtectedName(field.shown_label, what)

    def _field(self, key: str, actor: Actor) -> CustomField:
        field = CustomField.objects.in_use().seen_by_actor(actor).filter(key=key).first()
        if field is None:
            raise Impossible(gettext("This field is gone."))
        return field

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        if said["value"] is None:
            return {"same": ~Q(custom__has_key=said["field"])}
        now = Func(F("custom"), Value(said["field"]), function="jsonb_extract_path", output_field=JSONField())
        same = Q(Exact(now, Value(said["value"], JSONField())))
        return {"same": Q(custom__has_key=said["field"]) & same}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        value = None if said["value"] is None else json.dumps(said["value"])
        changed = self.rows(
            "WITH was AS (SELECT id, custom ? %s AS had, custom -> %s AS value FROM people_person WHERE id = ANY(%s))"
            " UPDATE people_person now SET updated_at = %s, custom = CASE WHEN %s::jsonb IS NULL THEN now.custom - %s"
            " ELSE now.custom || jsonb_build_object(%s::text, %s::jsonb) END"
            " FROM was WHERE was.id = now.id"
            " RETURNING was.id, jsonb_build_object('had', was.had, 'value', was.value)::text",
            [*[said["field"]] * 2, list(ids), clock.now(), value, said["field"], said["field"], value],
        )
        return [Changed(person, None, json.loads(before)) for person, before in changed]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        former = [{"id": one.person_id, **one.before} for one in changes]
        value = None if said["value"] is None else json.dumps(said["value"])
        back = self.rows(
            "UPDATE people_person now SET updated_at = %s, custom = CASE WHEN former.had"
            " THEN now.custom || jsonb_build_object(%s::text, former.value) ELSE now.custom - %s END"
            " FROM jsonb_to_recordset(%s::jsonb) AS former (id bigint, had boolean, value jsonb)"
            " WHERE now.id = former.id AND (now.custom -> %s) IS NOT DISTINCT FROM %s::jsonb RETURNING now.id",
            [clock.now(), said["field"], said["field"], json.dumps(former), said["field"], value],
        )
        return {person for (person,) in back}


def _read(field: CustomField, text: str) -> Any:
    """Return a value of the field's kind. Raises Impossible when the text is none."""
    kind = CustomKind(field.kind)
    if kind == CustomKind.NUMBER:
        asked: forms.Field = forms.DecimalField(max_digits=20, decimal_places=6, localize=True)
    elif kind == CustomKind.DAY:
        asked = forms.DateField(input_formats=["%Y-%m-%d", "%d/%m/%Y"])
    elif kind == CustomKind.YES_NO:
        words = {"yes": True, "no": False, gettext("yes"): True, gettext("no"): False, "1": True, "0": False}
        if text.lower() not in words:
            raise Impossible(gettext("This field is answered by yes or no."))
        return words[text.lower()]
    elif kind in {CustomKind.CHOICE, CustomKind.CHOICES}:
        answers = [text] if kind == CustomKind.CHOICE else [one.strip() for one in text.split(",") if one.strip()]
        if not answers or not set(answers) <= set(field.choices):
            possible = {"answers": ", ".join(field.choices)}
            raise Impossible(gettext("The answers of this field are: %(answers)s.") % possible)
        return text if kind == CustomKind.CHOICE else answers
    else:
        return text
    try:
        return asked.clean(text)
    except forms.ValidationError as error:
        raise Impossible(" ".join(error.messages)) from error


#: What this room offers, in this order.
ACTS: tuple[type[BulkAct], ...] = (AddTag, RemoveTag, GiveRole, EndRole, SetLanguage, Follow, SetField)
