"""Persons, how they are reached, the words put on them, and what happened to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, Self

from django.conf.locale import LANG_INFO
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.lookups import TrigramSimilar, TrigramWordSimilar
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.db.models.query import ModelIterable
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.rules import hidden_from
from portevoix.accounts.types import Actor, Fact
from portevoix.kernel import normalise
from portevoix.people.types import USABLE, ContactStatus, Gender, PhoneKind
from portevoix.territory.models import Commune

# Django registers them with the whole of django.contrib.postgres only, of which nothing else is used.
models.CharField.register_lookup(TrigramSimilar)
models.CharField.register_lookup(TrigramWordSimilar)

#: Words of a search that are looked at: enough for any name.
MOST_WORDS = 6
#: Shorter, a word is only looked for where names begin: it is in too many of them.
SHORTEST_INSIDE = 3
#: Languages of France that Django has no name for.
MORE_LANGUAGES = {"co": _("Corsican"), "oc": _("Occitan")}


class MaskedIterable(ModelIterable):  # type: ignore[type-arg]
    """Persons as somebody may know them: what is hidden was not even read from the database."""

    def __iter__(self) -> Iterator[Person]:
        hidden = self.queryset.hidden  # type: ignore[attr-defined]
        for person in super().__iter__():
            person.hidden = hidden
            if Fact.BIRTH in hidden:
                person.born_on = None
            yield person


class PersonQuerySet(models.QuerySet["Person"]):
    """The vocabulary of reads about persons."""

    #: What whoever asks may not know.
    hidden: frozenset[Fact] = frozenset()

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]
        clone.hidden = self.hidden
        return clone

    def visible_to(self, actor: Actor) -> Self:
        """Keep whom the actor's mandate covers, without what they have no need to know; a visitor sees nobody."""
        if actor.kind == "visitor" or (actor.kind == "staff" and not actor.roles):
            return self.none()
        known = self._masked(hidden_from(actor))
        if actor.departements is None:
            return known
        return known.filter(commune__departement__in=actor.departements)

    def _masked(self, hidden: frozenset[Fact]) -> Self:
        """Read neither the birth date nor the contact points that are hidden: they come back empty, not refused."""
        if not hidden - self.hidden:
            return self
        masked: Any = self.defer("born_on") if Fact.BIRTH in hidden else self.all()
        masks = (
            models.Prefetch(relation, model._default_manager.none())
            for fact, relation, model in CONTACT_POINTS
            if fact in hidden - self.hidden
        )
        # First, so that a later `prefetch_related("emails")` finds them done.
        masked._prefetch_related_lookups = (*masks, *masked._prefetch_related_lookups)
        masked.hidden = self.hidden | hidden
        if masked._iterable_class is ModelIterable:
            masked._iterable_class = MaskedIterable
        result: Self = masked
        return result

    def restricted(self) -> Self:
        """Keep those whose data is kept and not used (RGPD art. 18): nothing but they themselves may end that."""
        return self.filter(restricted_at__isnull=False)

    def unrestricted(self) -> Self:
        """Keep those whose data may be used."""
        return self.filter(restricted_at__isnull=True)

    def matching(self, text: str) -> Self:
        """Keep whom ``text`` names: every word in the name (accents and case apart), or one's mail or phone.

        A word is a union of look-ups by index, so that a million persons are never read one by one. Nobody is found
        by what is hidden from who asks.
        """
        if Fact.PHONE not in self.hidden and (beginning := normalise.phone_beginning(text)):
            return self.filter(
                pk__in=PhoneNumber.objects.filter(number__startswith=beginning).order_by().values("person")
            )
        kept = self
        for word in text.split()[:MOST_WORDS]:
            key = normalise.sort_key(word) or word.lower()
            if len(key) < SHORTEST_INSIDE:
                kept = kept.filter(Q(sort_key__startswith=key) | Q(sort_key__contains=f" {key}"))
                continue
            named = Person.objects.filter(sort_key__contains=key).order_by().values("pk")
            if Fact.EMAIL in self.hidden:
                kept = kept.filter(pk__in=named)
                continue
            mailed = EmailAddress.objects.filter(address__startswith=word.lower()).values("person")
            kept = kept.filter(pk__in=named.union(mailed))
        return kept

    def resembling(self, text: str) -> Self:
        """Keep whose name, or the end of whose mail, is written almost like ``text``: typos.

        What is written as a mail is looked for among mails only, and nowhere where they are hidden from who asks.
        """
        kept = self
        for word in text.split()[:MOST_WORDS]:
            if "@" not in word:
                alike = Person.objects.filter(sort_key__trigram_word_similar=normalise.sort_key(word))
                kept = kept.filter(pk__in=alike.order_by().values("pk"))
            elif Fact.EMAIL in self.hidden:
                return self.none()
            else:
                begun = EmailAddress.objects.filter(address__startswith=word.lower()[: len(word) // 2])
                mailed = begun.filter(address__trigram_similar=word.lower()).order_by()
                kept = kept.filter(pk__in=mailed.values("person"))
        return kept

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

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_key", "id"]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="person_sort"),
            models.Index(fields=["created_at"], name="person_created"),
            GinIndex(fields=["sort_key"], name="person_name_trigram", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["polling_station"], condition=~Q(polling_station=""), name="person_polling_station"),
            models.Index(fields=["id"], condition=Q(restricted_at__isnull=False), name="person_restricted"),
        ]

    def __str__(self) -> str:
        return self.full_name or str(_("(no name)"))

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep ``sort_key`` in step with the name, and what is hidden as it was."""
        self.sort_key = sort_key_of(self.first_name, self.last_name)
        if Fact.BIRTH in self.hidden and "update_fields" not in kwargs:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - {"born_on"}
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def gender_label(self) -> str:
        """The gender in the reader's language; files may have brought in other words."""
        return str(Gender(self.gender).label) if self.gender in Gender.values else self.gender

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

    def __str__(self) -> str:
        return f"{self.line1} {self.postcode} {self.city}".strip()

    @property
    def is_usable(self) -> bool:
        return self.status in USABLE


#: What may be hidden, by the relation that holds it.
CONTACT_POINTS: tuple[tuple[Fact, str, type[models.Model]], ...] = (
    (Fact.EMAIL, "emails", EmailAddress),
    (Fact.PHONE, "phones", PhoneNumber),
    (Fact.ADDRESS, "addresses", PostalAddress),
)
