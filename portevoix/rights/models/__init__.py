"""Grounds: the lawful reason for using a person's data for one purpose by one channel, with its proof."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.people.models import Person
from portevoix.rights.models.imprint import Imprint
from portevoix.rights.models.merging import Merge, MergingRule
from portevoix.rights.models.requests import Request, RequestLetter
from portevoix.rights.models.retention import Closure, RetentionRule, RetentionRun
from portevoix.rights.purposes import ENDS, OPTIONAL, Act, Basis, Channel, End, Purpose
from portevoix.rights.types import Views

__all__ = [
    "Closure",
    "Ground",
    "Imprint",
    "LedgerEntry",
    "LedgerHead",
    "Merge",
    "MergingRule",
    "Opinion",
    "Proof",
    "Request",
    "RequestLetter",
    "RetentionRule",
    "RetentionRun",
    "Suppression",
    "Wording",
]


class Wording(models.Model):
    """The exact words of a question, kept for ever so that a consent can be proven (RGPD art. 7(1))."""

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    language = models.CharField(_("language"), max_length=5)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [models.UniqueConstraint(fields=["purpose", "language", "version"], name="wording_version")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} v{self.version}"


#: When a ground still holds.
LIVE = Q(withdrawn_at__isnull=True)
#: Nobody took it back: its time was over.
LAPSED = ~LIVE & Q(withdrawal__has_key="retention")


class GroundQuerySet(models.QuerySet["Ground"]):
    def live(self) -> Self:
        """Keep the grounds that still hold."""
        return self.filter(LIVE)

    def for_purpose(self, purpose: Purpose, channel: Channel) -> Self:
        return self.filter(purpose=purpose, channel=channel)

    def in_use(self, purpose: Purpose) -> Self:
        """Keep the grounds on which an optional purpose may be served now: live, of nobody restricted (art. 18)."""
        return self.live().for_purpose(purpose, OPTIONAL[purpose]).filter(is_held=False)


class Ground(models.Model):
    """That a person may be reached for a purpose by a channel, since when, why, and until when it held.

    A ground is never changed but to be withdrawn; giving again makes another ground. The outbox holds a composite
    key to (id, person, channel, purpose), so that no message can lean on somebody else's ground.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="grounds", verbose_name=_("person"))
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    basis = models.CharField(_("ground"), max_length=20, choices=Basis)
    wording = models.ForeignKey(
        Wording, models.PROTECT, null=True, blank=True, related_name="grounds", verbose_name=_("wording")
    )
    given_at = models.DateTimeField(_("given on"), db_default=Now())
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    withdrawal = models.JSONField(_("evidence of the withdrawal"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=200)
    #: That the person's data is restricted (RGPD art. 18), written by the database itself from `Person.restricted_at`:
    #: on the row that the outbox locks, so that a restriction comes wholly before a message leaves, or wholly after.
    is_held = models.BooleanField(default=False, db_default=False, editable=False)

    objects = GroundQuerySet.as_manager()

    class Meta:
        verbose_name = _("ground")
        verbose_name_plural = _("grounds")
        ordering = ["-given_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose", "channel"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_live_ground",
            ),
            models.UniqueConstraint(fields=["id", "person", "channel", "purpose"], name="ground_for_the_outbox"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=models.F("given_at")),
                name="withdrawn_after_given",
            ),
        ]
        indexes = [
            models.Index(
                fields=["purpose", "channel", "person"],
                condition=Q(withdrawn_at__isnull=True),
                name="live_grounds",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} ({self.get_basis_display()})"

    @property
    def is_live(self) -> bool:
        return self.withdrawn_at is None

    @property
    def end(self) -> End | None:
        """What brought it to its end; None while it holds."""
        if self.withdrawn_at is None:
            return None
        named = next((end for key, end in ENDS.items() if key in self.withdrawal), None)
        return named or (End.REFUSED if self.given_at == self.withdrawn_at else End.WITHDRAWN)


class LedgerEntry(models.Model):
    """One event of a ground, chained by hash to the one before; written by the database itself, never changed.

    It holds the person's random ``ref`` and a digest of the proof, no name, no contact and no key, so that erasing
    a person needs no edit of it (docs/decisions/0007).
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("date"))
    act = models.CharField(_("act"), max_length=12, choices=Act)
    person_ref = models.UUIDField(_("person"), null=True)
    ground_number = models.BigIntegerField(_("ground"), null=True)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, blank=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, blank=True)
    basis = models.CharField(_("ground"), max_length=20, choices=Basis, blank=True)
    wording_number = models.BigIntegerField(_("wording"), null=True)
    given_at = models.DateTimeField(_("given on"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)
    #: SHA-256 of source, evidence and evidence of the withdrawal.
    evidence = models.BinaryField(_("fingerprint of the evidence"), null=True)
    hash = models.BinaryField(_("fingerprint"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger")
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.get_act_display()}"


class LedgerHead(models.Model):
    """Where the ledger ends: its one row is locked by whoever writes, and shows when entries were cut off."""

    number = models.BigIntegerField(_("number"), default=0)
    hash = models.BinaryField(_("fingerprint"))

    class Meta:
        verbose_name = _("end of the ledger")
        verbose_name_plural = _("end of the ledger")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_ledger_head")]

    def __str__(self) -> str:
        return str(self.number)


class Proof(models.Model):
    """What proves a ground, word for word, in a second place: the ledger has its digest, erasure removes it."""

    ground_number = models.BigIntegerField(_("ground"), primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("person"), db_constraint=False)
    source = models.CharField(_("source"), max_length=200)
    evidence = models.JSONField(_("evidence"), default=dict)
    withdrawal = models.JSONField(_("evidence of the withdrawal"), default=dict)

    class Meta:
        verbose_name = _("proof")
        verbose_name_plural = _("proofs")

    def __str__(self) -> str:
        return str(self.ground_number)


class Suppression(models.Model):
    """A contact of somebody who was erased, as a keyed hash: enough to keep a file from bringing them back.

    The key comes from the instance's secret, so that the table alone tells nobody which addresses it is about
    (RGPD art. 17(3), 5(1)(c)).
    """

    digest = models.BinaryField(_("fingerprint"), unique=True)
    #: Which key made it; empty for those from before that was noted.
    key = models.CharField(_("key of the fingerprint"), max_length=16, default="", db_default="", blank=True)
    created_at = models.DateTimeField(_("date"), db_default=Now())

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return str(self.pk)


class Opinion(models.Model):
    """What a person said of their political opinions (RGPD art. 9), apart from their record and held by their ground.

    A composite key and a trigger (migration ``opinion_lock``) refuse a row without a live ground of the same person
    for this purpose, and remove it when that ground ends: the screen, imports and raw SQL alike.
    """

    person = models.OneToOneField(Person, models.CASCADE, related_name="opinion", verbose_name=_("person"))
    ground = models.ForeignKey(
        Ground, models.CASCADE, related_name="opinions", verbose_name=_("ground"), db_constraint=False
    )
    purpose = models.CharField(max_length=20, default=Purpose.OPINION, db_default=Purpose.OPINION, editable=False)
    channel = models.CharField(max_length=10, default=Channel.RECORD, db_default=Channel.RECORD, editable=False)
    support_level = models.PositiveSmallIntegerField(_("support level"), null=True, blank=True)
    issues = ArrayField(
        models.CharField(max_length=80), verbose_name=_("issues cared about"), default=list, db_default=[]
    )
    vote_intention = models.CharField(_("voting intention"), max_length=200, blank=True, db_default="")
    source = models.CharField(_("source"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded on"), db_default=Now())

    class Meta:
        verbose_name = _("political opinion")
        verbose_name_plural = _("political opinions")
        constraints = [
            models.CheckConstraint(condition=Q(purpose=Purpose.OPINION), name="opinion_has_its_purpose"),
            models.CheckConstraint(condition=Q(support_level__range=(1, 5)), name="support_is_from_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def views(self) -> Views:
        """What was said, apart from where it is kept."""
        return Views(self.support_level, tuple(self.issues), self.vote_intention)
