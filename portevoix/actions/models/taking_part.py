"""Who took part in what, with which answers, by which version of the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from portevoix.accounts.types import Actor
from portevoix.actions.types import Question
from portevoix.intake.models import Submission
from portevoix.people.models import Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Purpose


class FormVersion(models.Model):
    """What a form asked and told, word for word, at a moment: kept as long as somebody answered it."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name=_("page"))
    digest = models.CharField(_("digest"), max_length=64)
    content = models.JSONField(_("what it asked"))
    created_at = models.DateTimeField(_("first used on"), db_default=Now())

    class Meta:
        verbose_name = _("version of a form")
        verbose_name_plural = _("versions of forms")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["page", "digest"], name="form_version_once")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.digest[:8]}"

    @property
    def questions(self) -> list[Question]:
        return [Question.from_json(said) for said in self.content["questions"]]


def _ended() -> models.QuerySet[Ground]:
    """Return what ended a part after it was confirmed.

    Not where a better ground took the place at that moment, nor where a merge kept the other record's, nor where
    undoing a merge gave the same ground again.
    """
    again = {name: OuterRef(name) for name in ("person", "purpose", "given_at")}
    given_again = Ground.objects.filter(**again, pk__gt=OuterRef("pk"))
    since = {"person": OuterRef("person"), "purpose": OuterRef("purpose")}
    ended = Ground.objects.filter(**since, withdrawn_at__gte=OuterRef("confirmed_at"))
    replaced = Q(withdrawal__has_key="replaced_by") | Q(withdrawal__contains={"merge": "same"})
    return ended.exclude(replaced).filter(~Exists(given_again))


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def confirmed(self) -> Self:
        """Keep those whose address was confirmed."""
        return self.filter(confirmed_at__isnull=False)

    def agreed(self) -> Self:
        """Keep those that are confirmed, and agreed to ever since (RGPD art. 7(3)).

        An agreement that is given later does not bring back what was taken back before: whatever ended between the
        confirmation and now ended the part. A trigger that erases it with its ground, as of opinions, would take with
        it what undoing a merge gives back; here the merge's own ends are told apart.
        """
        live = Ground.objects.live().filter(person=OuterRef("person"), purpose=OuterRef("purpose"))
        return self.confirmed().filter(Exists(live), ~Exists(_ended()))

    def counted(self) -> Self:
        """Keep those that count: agreed to, by nobody restricted. The law is asked here, at each reading."""
        return self.agreed().filter(person__restricted_at__isnull=True)

    def visible_to(self, actor: Actor) -> Self:
        """Keep those of people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor).values("pk"))

    def shown(self) -> Self:
        """Keep those whose participants agreed that their name be shown."""
        return self.counted().filter(is_public=True)

    def handed_with(self, signed: Mapping[str, str]) -> Self:
        """Keep those whose participants agreed that their name be handed with this very text to this very addressee."""
        return self.counted().filter(may_be_handed_over=True, version__content__contains=dict(signed))


class Participation(models.Model):
    """One person's part in one action. It waits for the confirmation of the address; then it is their only one.

    The database refuses one that is confirmed without a live ground for its purpose (RGPD art. 9(2)(a)).
    """

    page = models.ForeignKey(Page, models.PROTECT, related_name="participations", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="participations", verbose_name=_("person"))
    submission = models.OneToOneField(
        Submission, models.CASCADE, related_name="participation", verbose_name=_("submission")
    )
    version = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name=_("version of a form"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    #: Key of the question → answer.
    answers = models.JSONField(_("answers"), default=dict)
    is_public = models.BooleanField(_("name shown"), default=False)
    may_be_handed_over = models.BooleanField(_("name handed to the addressee"), default=False)
    created_at = models.DateTimeField(_("sent on"), db_default=Now())
    confirmed_at = models.DateTimeField(_("confirmed on"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    medium = models.CharField(_("medium"), max_length=100, blank=True)
    campaign = models.CharField(_("campaign"), max_length=100, blank=True)
    referrer = models.CharField(_("site they came from"), max_length=253, blank=True)
    #: The letter that asked to confirm, once it was handed over; whether it is still to be written.
    letter = models.ForeignKey(
        "delivery.Batch",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("letter that asks to confirm"),
    )
    is_letter_due = models.BooleanField(_("letter still to be written"), default=False, db_default=False)
    #: When whoever never confirmed it was reminded, once.
    reminded_at = models.DateTimeField(_("reminded on"), null=True, blank=True)
    #: The code of the link that was followed, until the address is confirmed: then it names the recruiter.
    share_code = models.CharField(_("personal link"), max_length=12, blank=True, default="")
    recruiter = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("brought by")
    )

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "person"], condition=Q(confirmed_at__isnull=False), name="took_part_once"
            )
        ]
        indexes = [
            models.Index(fields=["page", "confirmed_at"], name="participation_page"),
            models.Index(fields=["person", "confirmed_at"], name="participation_person"),
            models.Index(fields=["id"], condition=Q(is_letter_due=True), name="participation_letter_due"),
            models.Index(
                fields=["created_at"],
                condition=Q(confirmed_at=None, reminded_at=None),
                name="participation_unreminded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.pk}"


def still_counts() -> Exists:
    """Tell of rows with a page and a person whether that person's part in that action counts."""
    return Exists(Participation.objects.filter(page=OuterRef("page"), person=OuterRef("person")).counted())
