"""What persons ask of the campaign (RGPD art. 15 to 22), by when it must answer, and what it writes to them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.rights.purposes import Purpose
from portevoix.rights.rules import deadlines
from portevoix.rights.types import (
    OWED,
    RequestKind,
    RequestLetterKind,
    RequestState,
    RequestWay,
    RestrictionGround,
)


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep those of the persons whom a mandate covers; one that names nobody any more is for all of France."""
        if actor.kind == "visitor" or (actor.kind == "staff" and not actor.roles):
            return self.none()
        if actor.departements is None:
            return self.all()
        return self.filter(person__in=Person.objects.visible_to(actor).order_by().values("pk"))

    def owed(self) -> Self:
        """Keep those that wait for an answer."""
        return self.filter(state__in=OWED)

    def without_link(self) -> Self:
        """Keep those that wait for a link which came back, had no address, or did not leave in the time it works."""
        links = RequestLetter.objects.filter(kind=RequestLetterKind.VERIFY, request=OuterRef("pk"))
        lost = links.filter(
            Q(undelivered_at__isnull=False) | Q(sent_at=None, created_at__lt=clock.now() - LINK_LIFETIME)
        )
        return self.filter(Exists(lost), state=RequestState.TO_VERIFY, person__isnull=False)

    def in_force(self) -> Self:
        """Keep the restrictions that hold."""
        return self.filter(kind=RequestKind.RESTRICTION, state=RequestState.ANSWERED, lifted_at=None)


class Request(models.Model):
    """Something that a person asked for, from the day it came to the day it was answered, and the proof of it.

    An erased person leaves a row without identity: kind, days, and a keyed hash of the address, so that the campaign
    can prove to whoever shows that address that it answered, and to nobody else (RGPD art. 5(2), 17(3)(e)).
    """

    person = models.ForeignKey(
        Person, models.SET_NULL, null=True, blank=True, related_name="requests", verbose_name=_("person")
    )
    #: Where the letter with the link went: following it verifies that this mailbox is the person's.
    email = models.ForeignKey(EmailAddress, models.SET_NULL, null=True, blank=True, related_name="+")
    #: What was written on the public page, until somebody looks whose it is, a minute later; then blank.
    address = models.CharField(_("address as it was written"), max_length=254, blank=True, db_default="", default="")
    digest = models.BinaryField(_("fingerprint"), null=True)
    kind = models.CharField(_("request"), max_length=15, choices=RequestKind)
    way = models.CharField(_("came by"), max_length=10, choices=RequestWay)
    state = models.CharField(_("state"), max_length=10, choices=RequestState)
    language = models.CharField(_("language"), max_length=5, default="fr")
    words = models.TextField(_("in their words"), blank=True, default="", db_default="")
    purposes = ArrayField(
        models.CharField(max_length=20, choices=Purpose),
        verbose_name=_("purposes"),
        default=list,
        db_default=[],
        blank=True,
    )
    restriction = models.CharField(
        _("ground"), max_length=10, choices=RestrictionGround, blank=True, default="", db_default=""
    )
    #: Of each field that the person says is wrong, what was held and what they say.
    proposal = models.JSONField(_("correction"), default=dict, db_default={}, blank=True)
    received_on = models.DateField(_("received on"))
    due_on = models.DateField(_("answer by"))
    created_at = models.DateTimeField(_("entered"), db_default=Now())
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("in charge")
    )
    paused_on = models.DateField(_("proof of identity asked for on"), null=True, blank=True)
    days_paused = models.PositiveSmallIntegerField(default=0, db_default=0)
    extended_on = models.DateField(_("extended on"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)
    #: Why it takes longer, is refused, or what was done: told to the person as it is written here.
    reason = models.TextField(_("reason"), blank=True, default="", db_default="")
    lifting_told_at = models.DateTimeField(null=True, blank=True)
    lifting_reason = models.TextField(_("reason why the restriction ends"), blank=True, default="", db_default="")
    lifted_at = models.DateTimeField(_("lifted on"), null=True, blank=True)
    last_reminder = models.SmallIntegerField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request of a person")
        verbose_name_plural = _("requests of persons")
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gt=F("received_on")), name="request_has_time"),
            models.CheckConstraint(
                condition=Q(state__in=["answered", "refused"], answered_at__isnull=False)
                | ~Q(state__in=["answered", "refused"]) & Q(answered_at__isnull=True),
                name="request_is_over_once_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason="") | Q(person__isnull=True),
                name="refusal_has_its_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True)
                | Q(lifting_told_at__isnull=False, lifting_told_at__lte=F("lifted_at")),
                name="restriction_lifted_after_it_was_told",
            ),
            models.CheckConstraint(condition=~Q(state="paused") | Q(paused_on__isnull=False), name="pause_has_its_day"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state__in=["open", "paused", "extended"]), name="request_owed"),
            models.Index(fields=["digest"], name="request_digest"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def is_owed(self) -> bool:
        return self.state in OWED

    @property
    def is_over(self) -> bool:
        return self.state in {RequestState.ANSWERED, RequestState.REFUSED}

    @property
    def days_left(self) -> int:
        """Days to the last on which it may be answered; below nothing, it is late. A pause adds those it lasted."""
        return (self.due_now - clock.today()).days

    @property
    def due_now(self) -> date:
        """By when, were the proof of identity to come today."""
        if self.state != RequestState.PAUSED or self.paused_on is None:
            return self.due_on
        days = self.days_paused + (clock.today() - self.paused_on).days
        return deadlines.due_on(self.received_on, is_extended=self.extended_on is not None, days_paused=days)

    @property
    def strict_due_on(self) -> date:
        """By when, had nothing been paused: the reading of whoever holds that the month never stops."""
        return deadlines.due_on(self.received_on, is_extended=self.extended_on is not None)

    @property
    def is_in_force(self) -> bool:
        return self.kind == RequestKind.RESTRICTION and self.state == RequestState.ANSWERED and self.lifted_at is None

    @property
    def urgency(self) -> str:
        """How the clock is coloured: over, late, soon (ten days), or calm; never by the colour alone."""
        if not self.is_owed:
            return "over"
        if self.days_left < 0:
            return "late"
        return "soon" if self.days_left <= deadlines.REMINDERS[0] else "calm"

    @property
    def may_still_be_extended(self) -> bool:
        """Whether the first month runs: after it, no extension can be told (RGPD art. 12(3))."""
        first_month = deadlines.due_on(self.received_on, days_paused=self.days_paused)
        return self.is_owed and self.extended_on is None and clock.today() <= first_month

    @property
    def announcements(self) -> RequestLetterQuerySet:
        """The letters that say that the restriction will end, for the last reason that was given."""
        letters: RequestLetterQuerySet = RequestLetter.objects.filter(request=self, kind=RequestLetterKind.LIFTING)
        return letters.filter(created_at__gte=self.lifting_told_at) if self.lifting_told_at else letters.none()

    def set_due(self) -> None:
        """Work the last day out again."""
        self.due_on = deadlines.due_on(
            self.received_on, is_extended=self.extended_on is not None, days_paused=self.days_paused
        )


class RequestLetterQuerySet(models.QuerySet["RequestLetter"]):
    def due(self) -> Self:
        """Keep those that are to be handed over."""
        return self.filter(sent_at=None, undelivered_at=None)

    def reached(self) -> Self:
        """Keep those that left and did not come back, or whose words were told by post instead."""
        return self.filter(Q(sent_at__isnull=False, undelivered_at=None) | Q(told_on__isnull=False))

    def undelivered(self) -> Self:
        """Keep those that no address took, and that nobody told by post."""
        return self.filter(undelivered_at__isnull=False, told_on=None)


class RequestLetter(models.Model):
    """A letter that a person is owed about their request; the room that writes reads it here, and says when it left.

    It holds no words of its own but ``note``, which is the person's: the letter is worded when it leaves. One that no
    address takes could not be delivered, whether there was none to begin with or it came back.
    """

    request = models.ForeignKey(Request, models.CASCADE, related_name="letters", verbose_name=_("request of a person"))
    kind = models.CharField(_("letter"), max_length=10, choices=RequestLetterKind)
    note = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("date"), db_default=Now())
    sent_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    undelivered_at = models.DateTimeField(_("could not be delivered"), null=True, blank=True)
    told_on = models.DateField(_("told by post on"), null=True, blank=True)

    objects = RequestLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter about a request")
        verbose_name_plural = _("letters about requests")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(told_on=None) | Q(undelivered_at__isnull=False), name="letter_told_by_post_after_it_failed"
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(sent_at__isnull=True), name="request_letter_due")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


#: A link in a letter works so long; what nobody verified by then is forgotten.
LINK_LIFETIME = timedelta(days=7)
Proposal = dict[str, dict[str, Any]]
