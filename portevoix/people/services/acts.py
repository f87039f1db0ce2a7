"""What may be done to many people at once. Rooms above add theirs by the hook ``construct_bulk_acts``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from portevoix.accounts.types import Actor
from portevoix.people.exceptions import Impossible, ProtectedName
from portevoix.people.models import Person, Relationship, Tag, Tagging
from portevoix.people.rules.protected import protection
from portevoix.people.selectors import search
from portevoix.people.services import editing, writing
from portevoix.people.services.editing import SOURCE
from portevoix.people.types import Changed, Kind, RelationKind


class BulkAct(ABC):
    """One act on many. ``key`` is kept in the database for ever; ``needs`` is the command whose right it asks for.

    What it is told (``said``) is JSON and names no person but by number. Whom it leaves out, and why, is a condition a
    reason: the first that holds counts. ``do`` and ``undo`` get people who are locked, in view of the actor, and left
    out by nothing; they work on the whole set in a few statements.
    """

    key: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str] = "edit"
    needs: ClassVar[Callable[..., object]]
    kind: ClassVar[Kind] = Kind.EDITED
    #: What undoing it is on a timeline, where that is something else.
    kind_undone: ClassVar[Kind | None] = None
    reasons: ClassVar[Mapping[str, str | Promise]] = {}

    @property
    def command(self) -> str:
        """The name of the command whose right the act asks for."""
        name: str = type(self).needs.command.name  # type: ignore[attr-defined]
        return name

    @staticmethod
    def every() -> dict[str, BulkAct]:
        """Return the acts of every room by key."""
        found: dict[str, BulkAct] = {}
        for add in hooks.get_hooks("construct_bulk_acts"):
            add(found)
        return found

    @abstractmethod
    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        """Return what the act must be told; nothing when it cannot be done at present."""

    @abstractmethod
    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        """Return what was told as JSON keeps it. Raises Impossible, with the reason."""

    @abstractmethod
    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        """Return what the act does, in the reader's language, naming nobody whom ``actor`` may not see."""

    @abstractmethod
    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        """Raise Impossible when what the act needs is gone, or out of the actor's sight."""

    @abstractmethod
    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        """Return who is left out, by the keys of ``reasons``."""

    @abstractmethod
    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        """Do the act; return whom it changed, and what is needed to undo it."""

    @abstractmethod
    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        """Undo it where nobody changed the same since; return the people for whom it was."""

    @staticmethod
    def rows(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Return what a statement returns."""
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class TagAct(BulkAct):
    """What adding and removing a tag have in common."""

    icon = "tag"
    needs = staticmethod(editing.tag)
    kind: ClassVar[Kind] = Kind.TAGGED
    kind_undone: ClassVar[Kind | None] = Kind.UNTAGGED

    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        tag = Tag.objects.filter(pk=said["tag"]).first()
        return self.words() % {"tag": tag or gettext("a tag that is gone")}

    @abstractmethod
    def words(self) -> str: ...

    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        if not Tag.objects.filter(pk=said["tag"]).exists():
            raise Impossible(gettext("This tag is gone."))


def _refuse_protected(tag: Tag) -> None:
    """Raise ProtectedName for a tag whose name says what the law protects: nobody is given it, by no way."""
    if what := tag.protection:
        raise ProtectedName(tag.name, what)


class AddTag(TagAct):
    key = "add_tag"
    label = _("Add a tag")
    reasons: ClassVar = {"same": _("carry the tag already")}

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {
            "tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"), required=False),
            "new": forms.CharField(label=_("Or a new tag"), max_length=100, required=False),
        }

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        tag, new = cleaned["tag"], cleaned["new"].strip()
        if bool(tag) == bool(new):
            raise Impossible(gettext("Choose a tag or write a new one: one of the two."))
        name = tag.name if tag else new
        if what := protection(name):
            raise ProtectedName(name, what)
        return {"tag": (tag or Tag.objects.get_or_create(name=name)[0]).pk}

    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        """Refuse a name that says what the law protects also for what was prepared before names were read."""
        super().check(said, actor)
        _refuse_protected(Tag.objects.get(pk=said["tag"]))

    def words(self) -> str:
        return gettext("Add the tag “%(tag)s”")

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        return {"same": Q(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag=said["tag"])))}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        made = self.rows(
            "INSERT INTO people_tagging (person_id, tag_id, source) SELECT id, %s, %s FROM unnest(%s::bigint[]) AS id"
            " ON CONFLICT DO NOTHING RETURNING person_id, id",
            [said["tag"], SOURCE, list(ids)],
        )
        return [Changed(*row) for row in made]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        gone = self.rows(
            "DELETE FROM people_tagging USING unnest(%s::bigint[], %s::bigint[]) AS made (row, person)"
            " WHERE id = made.row AND person_id = made.person RETURNING person_id",
            [[one.row_id for one in changes], [one.person_id for one in changes]],
        )
        return {person for (person,) in gone}


class RemoveTag(TagAct):
    key = "remove_tag"
    label = _("Remove a tag")
    kind: ClassVar[Kind] = Kind.UNTAGGED
    kind_undone: ClassVar[Kind | None] = Kind.TAGGED
    reasons: ClassVar = {"without": _("do not carry the tag")}

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        return {"tag": forms.ModelChoiceField(Tag.objects.alphabetical(), label=_("Tag"))}

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        return {"tag": cleaned["tag"].pk}

    def words(self) -> str:
        return gettext("Remove the tag “%(tag)s”")

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        return {"without": ~Q(Exists(Tagging.objects.filter(person=OuterRef("pk"), tag=said["tag"])))}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        gone = self.rows(
            "DELETE FROM people_tagging WHERE tag_id = %s AND person_id = ANY(%s) RETURNING person_id, id, source",
            [said["tag"], list(ids)],
        )
        return [Changed(person, row, {"source": source}) for person, row, source in gone]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        tag = Tag.objects.filter(pk=said["tag"]).first()
        if tag is None or tag.protection:
            return set()
        back = self.rows(
            "INSERT INTO people_tagging (person_id, tag_id, source)"
            " SELECT person, %s, source FROM unnest(%s::bigint[], %s::text[]) AS gone (person, source)"
            " ON CONFLICT DO NOTHING RETURNING person_id",
            [said["tag"], [one.person_id for one in changes], [one.before["source"] for one in changes]],
        )
        return {person for (person,) in back}


class Follow(BulkAct):
    """Tie people to the one who follows them."""

    key = "follow"
    label = _("Give a point person")
    icon = "link"
    needs = staticmethod(writing.tie)
    kind = Kind.TIED
    reasons: ClassVar = {"oneself": _("nobody follows themselves"), "same": _("are followed by this person already")}

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        words = _("A name, an e-mail address or a number.")
        return {"other": forms.CharField(label=_("Point person"), max_length=200, help_text=words)}

    def settle(self, cleaned: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
        return {"other": search.one_named(Person.objects.visible_to(actor), cleaned["other"]).pk}

    def sentence(self, said: Mapping[str, Any], actor: Actor) -> str:
        other = Person.objects.visible_to(actor).filter(pk=said["other"]).first()
        return gettext("Have them followed by %(name)s") % {"name": other or gettext("somebody you cannot see")}

    def check(self, said: Mapping[str, Any], actor: Actor) -> None:
        if not Person.objects.visible_to(actor).filter(pk=said["other"]).exists():
            raise Impossible(gettext("The point person is gone."))

    def left_out(self, said: Mapping[str, Any]) -> dict[str, Q]:
        ties = Relationship.objects.filter(person=OuterRef("pk"), kind=RelationKind.POINT_PERSON, other=said["other"])
        return {"oneself": Q(pk=said["other"]), "same": Q(Exists(ties))}

    def do(self, ids: Sequence[int], said: Mapping[str, Any]) -> list[Changed]:
        made = self.rows(
            "INSERT INTO people_relationship (person_id, kind, other_id, source)"
            " SELECT id, %s, %s, %s FROM unnest(%s::bigint[]) AS id ON CONFLICT DO NOTHING RETURNING person_id, id",
            [RelationKind.POINT_PERSON, said["other"], SOURCE, list(ids)],
        )
        return [Changed(*row) for row in made]

    def undo(self, changes: Sequence[Changed], said: Mapping[str, Any]) -> set[int]:
        gone = self.rows(
            "DELETE FROM people_relationship tie USING unnest(%s::bigint[], %s::bigint[]) AS made (row, person)"
            " WHERE tie.id = made.row AND tie.person_id = made.person AND tie.other_id = %s AND tie.kind = %s"
            " RETURNING tie.person_id",
            [
                [one.row_id for one in changes],
                [one.person_id for one in changes],
                said["other"],
                RelationKind.POINT_PERSON,
            ],
        )
        return {person for (person,) in gone}
