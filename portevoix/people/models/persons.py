"""Persons, how they are reached, the words put on them, and what happened to them."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf.locale import LANG_INFO
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.lookups import TrigramSimilar, TrigramWordSimilar
from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Fact
from portevoix.kernel import normalise
from portevoix.people.models.masks import MaskedQuerySet
from portevoix.people.types import USABLE, ContactStatus, Gender, PhoneKind
from portevoix.territory.models import Commune

# Django registers them with the whole of django.contrib.postgres only, of which nothing else is used.
models.CharField.register_lookup(TrigramSimilar)
models.CharField.register_lookup(TrigramWordSimilar)

#: What puts whoever has no name after the others.
IS_NAMELESS = ExpressionWrapper(Q(sort_key=""), output_field=BooleanField())
#: Languages of France that Django has no name for.
MORE_LANGUAGES = {"co": _("Corsican"), "oc": _("Occitan")}


class PersonQuerySet(MaskedQuerySet):
    """The vocabulary of reads about persons."""

    def restricted(self) -> Self:
        """Keep those whose data is kept and not used (RGPD art. 18): nothing but they themselves may end that."""
        return self.filter(restricted_at__isnull=False)

    def unrestricted(self) -> Self:
        """Keep those whose data may be used."""
        return self.filter(restricted_at__isnull=True)

    def with_usable_email(self) -> Self:
        """Keep those with an address that may be written to."""
        return self.filter(Exists(EmailAddress.objects.usable().filter(person=OuterRef("pk"))))

    def with_contact_points(self) -> Self:
        """Fetch mails, phones and commune in three more queries, whatever the number of persons."""
        return self.select_related("commune__departement").prefetch_related("emails", "phones")


class Person(models.Model):
    """Somebody the campaign knows.

    ``sort_key`` is the name without accents or case, family name first; ``ref`` names the person in links.
    """

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    sort_key = models.CharField(max_length=210, blank=True, editable=False)
    gender = models.CharField(_("gender"), max_length=40, blank=True)
    born_on = models.DateField(_("birth date"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    other_languages = ArrayField(
        models.CharField(max_length=5), verbose_name=_("other languages"), default=list, db_default=[], blank=True
    )
    occupation = models.CharField(_("occupation"), max_length=150, blank=True)
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    polling_station = models.CharField(_("polling station"), max_length=12, blank=True, db_default="")
    custom = models.JSONField(_("other fields"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=200)
    external_ref = models.CharField(_("reference elsewhere"), max_length=80, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("known since"), db_default=Now())
    updated_at = models.DateTimeField(_("last changed"), auto_now=True, db_default=Now())
    #: Since when the person is kept and not used (RGPD art. 18); written by `rights` alone.
    restricted_at = models.DateTimeField(_("restricted since"), null=True, blank=True, editable=False)

    objects = PersonQuerySet.as_manager()

    #: What whoever this was read for may not know: `born_on` and the contact points named here are empty.
    hidden: frozenset[Fact] = frozenset()
    #: The roles of whom it was read for, where some fields of one's own may be hidden from them: not in `custom`.
    read_by: frozenset[str] | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_key", "id"]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="person_sort"),
            # The list's order: whoever has no name comes last.
            models.Index(IS_NAMELESS, F("sort_key"), F("id"), name="person_named_first"),
            models.Index(fields=["created_at"], name="person_created"),
            # What changed since a moment, for programs that keep a copy in step.
            models.Index(fields=["updated_at"], name="person_updated"),
            GinIndex(fields=["sort_key"], name="person_name_trigram", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["polling_station"], condition=~Q(polling_station=""), name="person_polling_station"),
            models.Index(fields=["id"], condition=Q(restricted_at__isnull=False), name="person_restricted"),
            # What people say of their gender in words of their own: few, among a million.
            models.Index(fields=["gender"], condition=~Q(gender__in=["", *Gender]), name="person_own_gender"),
            # Who lives where, in the order in which all that is said of people stands: millions are counted from it.
            models.Index(fields=["id"], include=["commune"], name="person_place"),
        ]

    def __str__(self) -> str:
        return self.full_name or str(_("(no name)"))

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep ``sort_key`` in step with the name, and what is hidden as it was."""
        self.sort_key = sort_key_of(self.first_name, self.last_name)
        if Fact.BIRTH in self.hidden and "update_fields" not in kwargs:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - {"born_on"}
        seen = self.custom
        self.custom = {**self._unseen(), **seen}
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        self.custom = seen

    def _unseen(self) -> dict[str, Any]:
        """Return the stored fields of one's own that are hidden from whom this was read for, to write them again."""
        if self.read_by is None or self._state.adding:
            return {}
        fields: Any = self._meta.apps.get_model("people", "CustomField")
        hidden = set(fields.objects.hidden_from(self.read_by).values_list("key", flat=True))
        stored = Person.objects.filter(pk=self.pk).values_list("custom", flat=True).first() or {}
        return {key: value for key, value in stored.items() if key in hidden}

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def gender_label(self) -> str:
        """The gender in the reader's language; files may have brought in other words."""
        return Gender.told(self.gender)

    @property
    def language_name(self) -> str:
        """The language in the reader's own."""
        return language_name(self.language)

    @property
    def language_names(self) -> str:
        """Every language of the person, the one to write in first."""
        return ", ".join(language_name(code) for code in [self.language, *self.other_languages])


def language_name(code: str) -> str:
    """Return the name of a language in the reader's own, or the code where it has none."""
    if code in MORE_LANGUAGES:
        return str(MORE_LANGUAGES[code])
    return str(get_language_info(code)["name_translated"]) if code in LANG_INFO else code


def sort_key_of(first_name: str, last_name: str) -> str:
    """Return the key that persons are sorted and searched by; imports compute the same in SQL."""
    return normalise.sort_key(f"{last_name} {first_name}")


class ContactQuerySet(models.QuerySet["EmailAddress"]):
    def usable(self) -> Self:
        return self.filter(status__in=USABLE)


class EmailAddress(models.Model):
    """An address, in its normal form; it belongs to one person only."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="emails", verbose_name=_("person"))
    address = models.CharField(_("e-mail address"), max_length=254, unique=True)
    status = models.CharField(_("state"), max_length=12, choices=ContactStatus, default=ContactStatus.UNVERIFIED)
    is_primary = models.BooleanField(_("main address"), default=True)
    #: That the person brought it themselves, by a form that made their record: neither staff, nor a file, nor a merge.
    #: Confirmed besides, it proves who asks for everything that the record holds.
    is_own = models.BooleanField(_("given by the person"), default=False, db_default=False, editable=False)
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("known since"), db_default=Now())

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        constraints = [
            models.CheckConstraint(condition=Q(address__regex=normalise.EMAIL_PATTERN), name="email_is_normal"),
            models.UniqueConstraint(fields=["person"], condition=Q(is_primary=True), name="one_main_email"),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(status__in=USABLE), name="email_usable")]

    def __str__(self) -> str:
        return self.address

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE


class PhoneNumber(models.Model):
    """A number in E.164; several persons may share one."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="phones", verbose_name=_("person"))
    number = models.CharField(_("telephone number"), max_length=16, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=PhoneKind, default=PhoneKind.MOBILE)
    status = models.CharField(_("state"), max_length=12, choices=ContactStatus, default=ContactStatus.UNVERIFIED)
    is_primary = models.BooleanField(_("main number"), default=False, db_default=False)
    source = models.CharField(_("source"), max_length=200)
    created_at = models.DateTimeField(_("known since"), db_default=Now())

    class Meta:
        verbose_name = _("telephone number")
        verbose_name_plural = _("telephone numbers")
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=r"^\+[1-9][0-9]{5,14}$"), name="phone_is_e164"),
            models.UniqueConstraint(fields=["person", "number"], name="phone_once_per_person"),
            models.UniqueConstraint(fields=["person"], condition=Q(is_primary=True), name="one_main_phone"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE

    @property
    def written(self) -> str:
        """The number as the French write it; foreign ones with their country's code."""
        return normalise.phone_written(self.number)


class PostalAddress(models.Model):
    """Where a person lives or receives letters."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="addresses", verbose_name=_("person"))
    line1 = models.CharField(_("street"), max_length=200, blank=True)
    line2 = models.CharField(_("street (continued)"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    country = models.CharField(_("country"), max_length=2, default="FR")
    status = models.CharField(
        _("state"),
        max_length=12,
        choices=ContactStatus,
        default=ContactStatus.UNVERIFIED,
        db_default=ContactStatus.UNVERIFIED,
    )
    is_primary = models.BooleanField(_("main address"), default=False, db_default=False)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("postal address")
        verbose_name_plural = _("postal addresses")
        constraints = [
            models.UniqueConstraint(fields=["person", "line1", "postcode", "city"], name="address_once_per_person"),
            models.UniqueConstraint(fields=["person"], condition=Q(is_primary=True), name="one_main_postal_address"),
        ]
        # Who might live with whom is asked street by street.
        indexes = [models.Index(fields=["postcode", "person"], condition=~Q(line1=""), name="address_door")]

    def __str__(self) -> str:
        return f"{self.line1} {self.postcode} {self.city}".strip()

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE
