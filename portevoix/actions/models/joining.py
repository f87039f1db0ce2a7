"""Pages on which people offer their help, come to a meeting, or ask to become members; and what comes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.models import Page

from portevoix.accounts.types import Actor
from portevoix.actions.blocks import lines_of, person_question
from portevoix.actions.models.action_page import ActionPage
from portevoix.actions.models.taking_part import still_counts
from portevoix.actions.types import AnswerKind, ApplicationState, PersonField, Question, Serves
from portevoix.kernel import clock
from portevoix.people.models import Person

NAMES = (PersonField.FIRST_NAME, PersonField.LAST_NAME)


class AskingPage(ActionPage):
    """A page that always asks some questions of its own, after those that the editor composed."""

    class Meta:
        abstract = True

    @property
    def asked(self) -> list[Question]:
        own = self.own_questions()
        keys = {question.key for question in own}
        return [*(question for question in super().asked if question.key not in keys), *own]

    def usual_questions(self) -> list[Question]:
        """Nobody is waited for without a name."""
        return [person_question(name, is_required=name in NAMES) for name in self.usual_fields]

    def own_questions(self) -> list[Question]:
        """Return what a page of this type cannot do without."""
        raise NotImplementedError


class VolunteerPage(AskingPage):
    """Offering one's help: how, how much, where."""

    page_description = _("To offer help: skills, time, places")

    skills = models.TextField(
        _("ways to help"), blank=True, help_text=_("One a line. Left empty: those that most campaigns need.")
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        FieldPanel("skills"),
        *ActionPage.form_panels,
    ]
    usual_button = _("I offer my help")
    usual_fields = (*NAMES, PersonField.POSTCODE, PersonField.PHONE)

    class Meta:
        verbose_name = _("volunteer page")
        verbose_name_plural = _("volunteer pages")

    def own_questions(self) -> list[Question]:
        """How, how much, where."""
        ways = lines_of(self.skills) or [
            gettext("Hand out leaflets"),
            gettext("Go from door to door"),
            gettext("Telephone"),
            gettext("Put up posters"),
            gettext("Host a meeting at home"),
            gettext("Keep a polling station’s count"),
            gettext("Write, film, draw"),
            gettext("Drive, carry, install"),
        ]
        hours = (
            gettext("An hour now and then"),
            gettext("Two to four hours a week"),
            gettext("Five to ten hours a week"),
            gettext("More than ten hours a week"),
        )
        return [
            Question(
                "q_skills", gettext("How would you help?"), Serves.HELP, kind=AnswerKind.CHOICES, choices=tuple(ways)
            ),
            Question("q_hours", gettext("How much time?"), Serves.HELP, kind=AnswerKind.CHOICE, choices=hours),
            Question(
                "q_places",
                gettext("Where?"),
                Serves.HELP,
                help=gettext("For instance: from home, my neighbourhood, the whole canton."),
            ),
        ]


class EventPage(AskingPage):
    """A meeting: when, where, how many may come."""

    page_description = _("A meeting with its places and its waiting list")

    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=150)
    street = models.CharField(_("street address"), max_length=200, blank=True)
    access = models.CharField(
        _("access"), max_length=300, blank=True, help_text=_("Step-free entrance, hearing loop, parking, bus…")
    )
    capacity = models.PositiveIntegerField(
        _("seats"), null=True, blank=True, help_text=_("Left empty: no limit. Beyond, people wait for a seat.")
    )
    most_guests = models.PositiveSmallIntegerField(
        _("people whom one may bring"), default=1, help_text=_("Their names are not asked.")
    )
    #: Since when it is called off. It is no part of a draft: see with_content_json.
    cancelled_at = models.DateTimeField(_("cancelled on"), null=True, blank=True, editable=False)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at")]),
                FieldPanel("place"),
                FieldPanel("street"),
                FieldPanel("access"),
                FieldRowPanel([FieldPanel("capacity"), FieldPanel("most_guests")]),
            ],
            _("Meeting"),
        ),
        *ActionPage.form_panels,
    ]
    usual_button = _("I am coming")
    usual_fields = NAMES
    kind_for_machines = "Event"
    #: The copy of a meeting that was called off is a meeting of its own.
    exclude_fields_in_copy: ClassVar[list[str]] = ["cancelled_at"]

    class Meta:
        verbose_name = _("event page")
        verbose_name_plural = _("event pages")

    def clean(self) -> None:
        """Refuse a meeting that ends before it begins."""
        super().clean()
        if self.ends_at and self.starts_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("It ends before it begins.")})
        if self.most_guests > 9:
            raise ValidationError({"most_guests": _("At most nine.")})

    @property
    def is_open(self) -> bool:
        """Until it begins, unless it is called off, and no longer than its editor said."""
        return super().is_open and self.cancelled_at is None and clock.now() < self.starts_at

    def with_content_json(self, content: dict[str, Any]) -> Self:
        """Keep what holds now: a draft from before must not bring a meeting back that is called off."""
        draft: Self = super().with_content_json(content)
        now = type(self).objects.filter(pk=self.pk).values_list("cancelled_at", flat=True)
        draft.cancelled_at = now.first()
        return draft

    def own_questions(self) -> list[Question]:
        """How many come along, where one may bring somebody."""
        if not self.most_guests:
            return []
        choices = tuple(str(number) for number in range(self.most_guests + 1))
        label = gettext("How many people do you bring?")
        return [Question("q_guests", label, Serves.ACTION, kind=AnswerKind.CHOICE, choices=choices)]

    @property
    def closing_moments(self) -> list[datetime]:
        return [*super().closing_moments, self.starts_at]

    @property
    def is_presence_known(self) -> bool:
        """From the day on which it takes place, in Paris: whoever stands at the door knows who came."""
        return clock.today() >= timezone.localdate(self.starts_at, clock.PARIS)

    def for_machines(self) -> dict[str, Any]:
        """When and where."""
        said: dict[str, Any] = {
            "startDate": self.starts_at.isoformat(),
            "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
            "location": {"@type": "Place", "name": self.place, "address": self.street or self.place},
        }
        if self.cancelled_at:
            said["eventStatus"] = "https://schema.org/EventCancelled"
        return {**said, "endDate": self.ends_at.isoformat()} if self.ends_at else said


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def counted(self) -> Self:
        """Keep those of people whose part counts. The law is asked here, at each reading."""
        return self.filter(still_counts())

    def coming(self) -> Self:
        """Keep who has a seat."""
        return self.filter(is_waiting=False)

    def waiting(self) -> Self:
        """Keep who waits for one, the first first."""
        return self.filter(is_waiting=True).order_by("since", "pk")

    def visible_to(self, actor: Actor) -> Self:
        """Keep those of people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor).order_by().values("pk"))

    def seats(self) -> int:
        """Return how many seats they take."""
        return int(self.aggregate(seats=Sum("seats"))["seats"] or 0)


class Attendance(models.Model):
    """That a person comes to a meeting, with how many others, or waits for a seat."""

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="attendances", verbose_name=_("person"))
    seats = models.PositiveSmallIntegerField(_("seats"), default=1)
    is_waiting = models.BooleanField(_("waits for a seat"), default=False)
    since = models.DateTimeField(_("since"), db_default=Now())
    was_present = models.BooleanField(_("was present"), default=False, db_default=False)
    #: The day of the meeting of which they were reminded: who was told of one is told again only of another.
    reminded_of = models.DateField(_("day of which they were reminded"), null=True, blank=True)

    #: Seats that a form asked for besides, for which there was no room: said after it, kept nowhere.
    refused = 0

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["page", "person"], name="comes_once"),
            models.CheckConstraint(condition=Q(seats__gt=0), name="comes_with_a_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.person_id}"

    @property
    def place(self) -> int:
        """How many are let in before and with this one, of who waits: 1 is the next."""
        earlier = Q(since__lt=self.since) | Q(since=self.since, pk__lte=self.pk)
        return Attendance.objects.filter(page=self.page_id).waiting().filter(earlier).count()


class MembershipPage(AskingPage):
    """Asking to become a member: what the statutes need, and no more."""

    page_description = _("Applications for membership, which you accept or refuse")

    organisation = models.CharField(_("organisation that one joins"), max_length=150)
    statement = models.TextField(
        _("statement of adherence"),
        help_text=_("What whoever joins declares, in their words: “I share the aims of…, I accept its statutes.”"),
    )
    dues = models.CharField(
        _("dues"), max_length=200, blank=True, help_text=_("How much, and how they are paid: not by this site.")
    )
    least_years = models.PositiveSmallIntegerField(_("age from which one may join"), default=16)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel(
            [FieldPanel("organisation"), FieldPanel("statement"), FieldPanel("dues"), FieldPanel("least_years")],
            _("Membership"),
        ),
        *ActionPage.form_panels,
    ]
    usual_button = _("I ask to join")
    usual_fields = NAMES

    class Meta:
        verbose_name = _("membership page")
        verbose_name_plural = _("membership pages")

    @property
    def least_age(self) -> int:
        return self.least_years

    def content_asked(self) -> dict[str, Any]:
        """Name what one asks to join, and at what price."""
        return {**super().content_asked(), "organisation": self.organisation, "dues": self.dues}

    def own_questions(self) -> list[Question]:
        """A birth date, an address, and the statement."""
        return [
            person_question(PersonField.BORN_ON, is_required=True, serves=Serves.STATUTES),
            Question("q_street", gettext("Number and street"), Serves.STATUTES, is_required=True),
            person_question(PersonField.POSTCODE, is_required=True, serves=Serves.STATUTES),
            Question(
                "q_statement",
                gettext("What you declare"),
                Serves.STATUTES,
                is_required=True,
                kind=AnswerKind.CHOICES,
                choices=(" ".join(self.statement.split()),),
            ),
        ]


class MembershipApplicationQuerySet(models.QuerySet["MembershipApplication"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep those of people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor).values("pk"))

    def counted(self) -> Self:
        """Keep those of people whose part counts. The law is asked here, at each reading."""
        return self.filter(still_counts())

    def open(self) -> Self:
        """Keep those that wait for a decision, the first first."""
        return self.filter(state=ApplicationState.RECEIVED).order_by("received_at", "pk")


class MembershipApplication(models.Model):
    """A person's wish to become a member, and what was decided."""

    page = models.ForeignKey(Page, models.PROTECT, related_name="+", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="applications", verbose_name=_("person"))
    street = models.CharField(_("street address"), max_length=300, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ApplicationState, default=ApplicationState.RECEIVED, db_index=True
    )
    received_at = models.DateTimeField(_("received on"), db_default=Now())
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = MembershipApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application for membership")
        verbose_name_plural = _("applications for membership")
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["page", "person"], name="applies_once"),
            models.CheckConstraint(
                condition=Q(state=ApplicationState.RECEIVED, decided_at=None)
                | ~Q(state=ApplicationState.RECEIVED) & Q(decided_at__gte=F("received_at")),
                name="application_decided_with_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.person_id}"
