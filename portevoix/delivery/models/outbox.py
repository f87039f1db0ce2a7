"""The outbox. Nothing else in the house may write here; the database refuses a message without a live ground.

What these models cannot say is in the migrations `0002_gate` and `0009_pauses`: the composite key from a message to
its person's own ground, the trigger that asks whether that ground still holds and whether the batch may leave, and
the one that lets no message stay behind when a batch is taken up again or closed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext_lazy as _

from portevoix.delivery.types import Bad, Letter
from portevoix.people.models import EmailAddress, Person
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Advertising, Channel, Purpose


class State(models.TextChoices):
    """Where a message is. Messages only move forward, but for a temporary refusal, which queues them again."""

    QUEUED = "queued", _("waiting")
    SENDING = "sending", _("being sent")
    #: Its batch is paused: it goes back to the queue when that is taken up again.
    PAUSED = "paused", _("paused")
    SENT = "sent", _("sent")
    FAILED = "failed", _("refused")
    SUPPRESSED = "suppressed", _("held back")
    UNCERTAIN = "uncertain", _("uncertain")


#: States in which a message may still leave: the ones that need a live ground.
MAY_LEAVE = (State.QUEUED, State.SENDING)
#: States that a batch waits for before it is closed.
UNSETTLED = (*MAY_LEAVE, State.PAUSED)


class BatchQuerySet(models.QuerySet["Batch"]):
    def about(self, thing: models.Model) -> Self:
        """Keep what was sent about one object of a room above."""
        return self.filter(about_kind=thing._meta.label_lower, about_id=thing.pk)

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)


class Batch(models.Model):
    """One letter to one audience: the words, written once, and where they come from."""

    #: Names the batch in links; common to all recipients, so that a click says nothing about who clicked.
    code = models.CharField(max_length=12, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=150, blank=True)
    sender_address = models.CharField(_("sender's address"), max_length=254)
    reply_to = models.CharField(_("reply to"), max_length=254, blank=True)
    list_name = models.CharField(_("name of the list"), max_length=150, blank=True)
    headers = models.JSONField(_("more headers"), default=dict, blank=True)
    about_kind = models.CharField(_("kind of object"), max_length=40, blank=True)
    about_id = models.BigIntegerField(_("object"), null=True, blank=True)
    created_at = models.DateTimeField(_("date"), db_default=Now())
    #: Whether its HTML asks for one picture, the same for all readers, so that openings are counted.
    counts_opens = models.BooleanField(_("openings are counted"), default=False, db_default=False)
    #: Whether the links of those who agreed to it are their own (purpose `measurement`).
    measures_people = models.BooleanField(_("measured for those who agreed"), default=False, db_default=False)
    #: The database lets a targeted advertisement leave for nobody who did not agree to that (migration 0011).
    advertising = models.CharField(
        _("political advertisement"),
        max_length=10,
        choices=Advertising,
        default=Advertising.NONE,
        db_default=Advertising.NONE,
    )
    #: The moment from which it is worth nothing: what has not left by then never does.
    not_after = models.DateTimeField(_("of use until"), null=True, blank=True)
    #: Since when nothing of it may leave any more.
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    #: Since when nothing of it leaves until it is taken up again.
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of messages")
        verbose_name_plural = _("batches of messages")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["id", "channel", "purpose"], name="batch_for_its_messages")]
        indexes = [
            models.Index(fields=["about_kind", "about_id"], name="batch_about"),
            models.Index(fields=["id"], condition=Q(finished_at=None), name="batch_unfinished"),
            models.Index(fields=["id"], condition=~Q(advertising="none"), name="batch_advertising"),
        ]

    def __str__(self) -> str:
        return self.subject

    @property
    def letter(self) -> Letter:
        return Letter(
            subject=self.subject,
            text=self.text,
            html=self.html,
            sender_name=self.sender_name,
            sender_address=self.sender_address,
            reply_to=self.reply_to,
            list_name=self.list_name,
            headers=self.headers,
        )


class LinkTotal(models.Model):
    """How often a link of a letter was followed, by nobody in particular; the only place it may lead to."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="links", verbose_name=_("batch of messages"))
    number = models.PositiveSmallIntegerField(_("number"))
    target = models.URLField(_("target"), max_length=2000)
    clicks = models.PositiveBigIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["batch", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="link_number_in_batch")]

    def __str__(self) -> str:
        return self.target


class ClickHour(models.Model):
    """How often a link was followed within one hour, by nobody in particular."""

    link = models.ForeignKey(LinkTotal, models.CASCADE, related_name="hours", verbose_name=_("link"))
    hour = models.DateTimeField(_("hour"))
    clicks = models.PositiveIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("clicks within an hour")
        verbose_name_plural = _("clicks within an hour")
        constraints = [models.UniqueConstraint(fields=["link", "hour"], name="click_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} h: {self.clicks}"


class OpenHour(models.Model):
    """How often a batch's picture was asked for within one hour: no address, no program, nobody in particular."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="open_hours", verbose_name=_("batch of messages"))
    hour = models.DateTimeField(_("hour"))
    opens = models.PositiveIntegerField(_("openings"), default=0)

    class Meta:
        verbose_name = _("openings within an hour")
        verbose_name_plural = _("openings within an hour")
        constraints = [models.UniqueConstraint(fields=["batch", "hour"], name="open_hour_once")]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H} h: {self.opens}"


class Run(models.Model):
    """One stretch of work of one dispatcher; tells a later one whose unfinished messages it finds."""

    started_at = models.DateTimeField(_("started"), db_default=Now())
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    #: The kernel's name for the time since the machine started: a spool says nothing about what came before.
    boot = models.CharField(max_length=40)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel, default=Channel.EMAIL, db_default="email")
    #: Why no server would take anything, if none did.
    fault = models.CharField(_("fault"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["-id"]
        indexes = [models.Index(fields=["id"], condition=Q(ended_at=None), name="run_unended")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, at: datetime) -> Self:
        """Keep what waits and may be tried by now, by this machine's clock or by the database's."""
        return self.filter(state=State.QUEUED, not_before__lte=Greatest(Value(at), Now()))

    def may_leave(self) -> Self:
        return self.filter(state__in=MAY_LEAVE)

    def unsettled(self) -> Self:
        """Keep what may leave now, or once its batch is taken up again."""
        return self.filter(state__in=UNSETTLED)


class Message(models.Model):
    """One letter to one person, leaning on that person's own ground.

    The address is not here: it is read when the message leaves. An erased person leaves a row that counts
    and says nothing.
    """

    # The composite keys to the batch and to the ground are in 0002_gate and 0004_batch_gate: a letter for one purpose
    # leaves on a ground for that purpose.
    batch = models.ForeignKey(
        Batch, models.CASCADE, db_constraint=False, related_name="messages", verbose_name=_("batch of messages")
    )
    # The composite key to the ground holds both, see 0002_gate; one check instead of three.
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, db_constraint=False, related_name="+", verbose_name=_("person")
    )
    ground = models.ForeignKey(
        Ground,
        models.CASCADE,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("ground"),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose)
    #: What a person waits for leaves before what many receive.
    priority = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, db_default=0)
    not_before = models.DateTimeField(_("not before"), db_default=Now())
    run = models.ForeignKey(
        Run, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="messages"
    )
    done_at = models.DateTimeField(_("date"), null=True)
    #: The server's own words, as evidence.
    code = models.PositiveSmallIntegerField(_("reply code"), null=True)
    reply = models.CharField(_("reply"), max_length=300, blank=True, db_default="")
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, ground__isnull=False) | ~Q(state__in=["queued", "sending"]),
                name="message_needs_a_ground",
            )
        ]
        indexes = [
            # One a channel, in the order in which messages are claimed: what waits for its hour, letters or texts, is
            # never walked over by who looks for what is due.
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(state="queued", channel="email"),
                name="message_letters_waiting",
            ),
            models.Index(
                fields=["priority", "not_before", "id"],
                condition=Q(state="queued", channel="sms"),
                name="message_texts_waiting",
            ),
            models.Index(fields=["run"], condition=Q(state="sending"), name="message_in_flight"),
            models.Index(fields=["batch"], condition=Q(unsubscribed_at__isnull=False), name="message_unsubscribed"),
            models.Index(fields=["batch"], condition=Q(state="paused"), name="message_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} ({self.get_state_display()})"


class Setback(models.TextChoices):
    """What went wrong with a message after all, for those who read its results."""

    HARD = Bad.HARD, _("the address does not exist")
    SOFT = Bad.SOFT, _("not delivered for now")
    POLICY = Bad.POLICY, _("not wanted by the server")
    COMPLAINT = Bad.COMPLAINT, _("called spam by its reader")
    LEFT = Bad.LEFT, _("unsubscribed at the provider")


class Bounce(models.Model):
    """What came back about one message to one address, proved by the signature that only this message carried.

    The server's own words are not kept: they name the address, and whatever else they like.
    """

    message = models.ForeignKey(
        Message, models.CASCADE, related_name="bounces", db_index=False, verbose_name=_("message")
    )
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="bounces", verbose_name=_("batch of messages"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", verbose_name=_("person"))
    email = models.ForeignKey(EmailAddress, models.CASCADE, related_name="+", verbose_name=_("e-mail address"))
    bad = models.CharField(_("what happened"), max_length=10, choices=Setback)
    status = models.CharField(_("status code"), max_length=11, blank=True)
    at = models.DateTimeField(_("date"), db_default=Now())

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        constraints = [models.UniqueConstraint(fields=["message", "bad"], name="bounce_once")]

    def __str__(self) -> str:
        return f"{self.get_bad_display()} {self.status}".strip()


class Tally(models.Model):
    """How many messages left within ten minutes, to a mail domain that has a limit, or to all (no domain)."""

    at = models.DateTimeField(_("date"))
    domain = models.CharField(_("mail domain"), max_length=253, blank=True)
    count = models.PositiveIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("messages counted")
        verbose_name_plural = _("messages counted")
        constraints = [models.UniqueConstraint(fields=["at", "domain"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.domain or '*'} {self.count}"
