"""What a campaign writes on somebody's record beside who they are: tags, own fields, roles, ties, notes, files."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from pathlib import Path
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.files.storage import FileSystemStorage, Storage
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat, Now
from django.db.models.lookups import Regex
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.models import User
from portevoix.accounts.rules import hidden_from_all
from portevoix.accounts.types import KEEPERS, Actor, Role
from portevoix.kernel import clock
from portevoix.kernel.ordering import Unaccented
from portevoix.people.models.persons import Person
from portevoix.people.rules import words_of
from portevoix.people.rules.protected import protection
from portevoix.people.types import KNOWN_COLUMNS, CustomKind, Protected, RelationKind, RoleKind


class TagQuerySet(models.QuerySet["Tag"]):
    def alphabetical(self) -> Self:
        return self.order_by(Unaccented("name"), "name")


class Tag(models.Model):
    """A word the campaign puts on persons."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def protection(self) -> Protected | None:
        """What it says of people that the law protects: such a tag is given to nobody."""
        return protection(self.name)


class Tagging(models.Model):
    """That a person carries a tag."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="taggings", verbose_name=_("person"))
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="taggings", verbose_name=_("tag"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("tagging")
        verbose_name_plural = _("taggings")
        constraints = [models.UniqueConstraint(fields=["person", "tag"], name="tagged_once")]

    def __str__(self) -> str:
        return str(self.tag_id)


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def in_use(self) -> Self:
        """Keep those that are asked and shown."""
        return self.filter(retired_at=None)

    def hidden_from(self, roles: Collection[str] | None) -> Self:
        """Keep those that the campaign shows to other roles only, and those that hold what these roles may not know.

        None, and who keeps the fields, see every one. A fax number is a number, whatever file it came in.
        """
        if roles is None or KEEPERS.intersection(roles):
            return self.none()
        is_hidden = ~(Q(seen_by=[]) | Q(seen_by__overlap=sorted(roles)))
        if masked := hidden_from_all(roles):
            told = Unaccented(Concat("key", Value(" "), "label", output_field=models.TextField()))
            is_hidden |= Q(Regex(told, words_of(masked)))
        return self.filter(is_hidden)

    def seen_by(self, roles: Collection[str] | None) -> Self:
        """Keep those that are not hidden from who has these roles."""
        return self.exclude(pk__in=CustomField.objects.hidden_from(roles).values("pk"))

    def seen_by_actor(self, actor: Actor) -> Self:
        """Keep those that whoever acts may read of everybody they see."""
        return self.seen_by(actor.common_roles if actor.kind == "staff" else None)


class CustomField(models.Model):
    """A field the campaign, or a file it imported, added to persons; values are in ``Person.custom``."""

    key = models.SlugField(_("key"), max_length=63, unique=True)
    label = models.CharField(_("label"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=CustomKind, default=CustomKind.TEXT)
    group = models.CharField(_("group"), max_length=80, blank=True, db_default="")
    choices = ArrayField(
        models.CharField(max_length=100), verbose_name=_("answers to choose from"), default=list, db_default=[]
    )
    seen_by = ArrayField(
        models.CharField(max_length=20, choices=Role),
        verbose_name=_("seen by"),
        default=list,
        db_default=[],
        blank=True,
    )
    is_searched = models.BooleanField(_("found by the search"), default=False, db_default=False)
    source = models.CharField(_("source"), max_length=200)
    retired_at = models.DateTimeField(_("retired on"), null=True, blank=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["group", "label"]

    def __str__(self) -> str:
        return self.label

    @property
    def protection(self) -> Protected | None:
        """What it says of people that the law protects, by its name or its key: such a field is written no more."""
        return protection(self.label) or protection(self.key)

    @property
    def shown_label(self) -> str:
        """The label, or what a known column of another product means, as long as nobody gave it a name here."""
        return str(KNOWN_COLUMNS[self.key]) if self.label == self.key and self.key in KNOWN_COLUMNS else self.label


class FieldText(models.Model):
    """What a searched field says of a person, without accents or case: the database alone keeps it, by triggers."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="field_texts", verbose_name=_("person"))
    field = models.ForeignKey(CustomField, models.CASCADE, related_name="+", verbose_name=_("field"))
    #: The first words only: a search is for a name or a nickname, not for a page.
    text = models.CharField(max_length=200)

    class Meta:
        verbose_name = _("searched text of a field")
        verbose_name_plural = _("searched texts of fields")
        constraints = [models.UniqueConstraint(fields=["person", "field"], name="field_text_once")]
        indexes = [GinIndex(fields=["text"], name="field_text_trigram", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return f"{self.person_id} {self.field_id}"


class PersonRole(models.Model):
    """What a person is to the campaign, since when and until when; for a member, the dues that were paid."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="roles", verbose_name=_("person"))
    kind = models.CharField(_("role"), max_length=12, choices=RoleKind)
    detail = models.CharField(_("detail"), max_length=150, blank=True)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    dues_paid_on = models.DateField(_("dues paid on"), null=True, blank=True)
    dues_until = models.DateField(_("dues cover until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["kind", "since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="role_ends_after_it_began"),
            models.CheckConstraint(
                condition=Q(kind=RoleKind.MEMBER) | Q(dues_paid_on=None, dues_until=None), name="dues_are_of_members"
            ),
            models.UniqueConstraint(
                fields=["person", "kind", "detail", "since"], nulls_distinct=False, name="role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.detail})" if self.detail else self.get_kind_display()

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.until < clock.today()


class RelationshipQuerySet(models.QuerySet["Relationship"]):
    def about(self, person: Person) -> Self:
        """Keep the ties that begin or end at a person."""
        return self.filter(Q(person=person) | Q(other=person))


class Relationship(models.Model):
    """A tie from one person to another, read both ways: ``person`` was recruited by ``other``."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="ties", verbose_name=_("person"))
    kind = models.CharField(_("tie"), max_length=12, choices=RelationKind)
    other = models.ForeignKey(Person, models.CASCADE, related_name="ties_back", verbose_name=_("other person"))
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("known since"), db_default=Now())

    objects = RelationshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        ordering = ["kind", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(person=F("other")), name="nobody_is_tied_to_themselves"),
            models.UniqueConstraint(fields=["person", "kind", "other"], name="tied_once"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Note(models.Model):
    """What a member of staff wrote about a person; whoever wrote it may correct it."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="notes", verbose_name=_("person"))
    text = models.TextField(_("note"), max_length=10_000)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    author_name = models.CharField(_("author"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("written on"), db_default=Now())
    edited_at = models.DateTimeField(_("corrected on"), null=True, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.author_name} {self.pk}"


def private_storage() -> Storage:
    """Return the folder of people's files: outside the media folder, so that no address leads to it."""
    return FileSystemStorage(
        location=Path(settings.DATA_DIR) / "people", file_permissions_mode=0o600, directory_permissions_mode=0o700
    )


def file_path(attachment: Attachment, name: str) -> str:
    """Name the file on the disk after nothing that a person wrote."""
    return f"{attachment.person_id}/{uuid.uuid4().hex}"


class Attachment(models.Model):
    """A file on somebody's record: a letter, a signed form."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="attachments", verbose_name=_("person"))
    name = models.CharField(_("name of the file"), max_length=200)
    file = models.FileField(_("file"), storage=private_storage, upload_to=file_path)
    size = models.PositiveIntegerField(_("size"))
    author_name = models.CharField(_("author"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("added on"), db_default=Now())

    class Meta:
        verbose_name = _("file of a person")
        verbose_name_plural = _("files of persons")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.name

    def remove_from_disk(self) -> None:
        """Delete the file; to be done once its row is gone for certain."""
        self.file.storage.delete(str(self.file.name))
