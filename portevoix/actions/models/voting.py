"""Pages around the vote: pledging to vote, voting for somebody else, and an elected official's promise."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.models import Page

from portevoix.accounts.types import Actor
from portevoix.actions.models.action_page import ActionPage, midnight_after
from portevoix.actions.models.joining import NAMES, AskingPage
from portevoix.actions.models.taking_part import still_counts
from portevoix.actions.types import AnswerKind, PersonField, ProxySide, Question, Serves
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.territory.models import Commune, Election


class RoundsPage(AskingPage):
    """A page about an election of the calendar."""

    election = models.ForeignKey(Election, models.PROTECT, related_name="+", verbose_name=_("election"))

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        """Whether the last round is past."""
        return all(day < clock.today() for _number, day in self.election.rounds)

    @property
    def is_open(self) -> bool:
        """Nothing is promised, asked or offered for a vote that has taken place."""
        return super().is_open and not self.is_over

    @property
    def closing_moments(self) -> list[datetime]:
        return [*super().closing_moments, midnight_after(max(day for _number, day in self.election.rounds))]

    def rounds_question(self, label: str) -> list[Question]:
        """Return the question of the rounds, where there is more than one."""
        names = {1: gettext("First round, %(day)s"), 2: gettext("Second round, %(day)s")}
        rounds = tuple(names[number] % {"day": date_format(day, "l j F Y")} for number, day in self.election.rounds)
        if len(rounds) < 2:
            return []
        kind = AnswerKind.CHOICES
        return [Question("q_rounds", label, Serves.ACTION, is_required=True, kind=kind, choices=rounds)]


class PledgePage(RoundsPage):
    """Promising to vote: which round, at what hour, how."""

    page_description = _("To promise a vote")

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        FieldPanel("election"),
        *ActionPage.form_panels,
    ]
    usual_button = _("I promise to vote")
    usual_fields = (PersonField.FIRST_NAME, PersonField.POSTCODE)

    class Meta:
        verbose_name = _("pledge page")
        verbose_name_plural = _("pledge pages")

    def own_questions(self) -> list[Question]:
        """A plan makes a promise likelier to be kept."""
        hours = (gettext("In the morning"), gettext("Around noon"), gettext("In the afternoon"))
        ways = (gettext("At my polling station"), gettext("By proxy"), gettext("I do not know yet"))
        hour = Question(
            "q_hour", gettext("At what time will you go?"), Serves.ACTION, kind=AnswerKind.CHOICE, choices=hours
        )
        how = Question("q_how", gettext("How will you vote?"), Serves.ACTION, kind=AnswerKind.CHOICE, choices=ways)
        return [*self.rounds_question(gettext("In which round will you vote?")), hour, how]


class ProxyPage(RoundsPage):
    """Finding somebody to vote for oneself, or offering to (code électoral, art. L. 71 to L. 78)."""

    page_description = _("Who looks for a proxy, and who can vote for them")

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        FieldPanel("election"),
        *ActionPage.form_panels,
    ]
    usual_fields = (*NAMES, PersonField.PHONE)

    class Meta:
        verbose_name = _("proxy vote page")
        verbose_name_plural = _("proxy vote pages")

    @staticmethod
    def law() -> list[str]:
        """Return what the law asks of a proxy vote (code électoral, art. L. 71 to L. 78; checked on 2026-11-30)."""
        return [
            gettext(
                "The proxy is established by whoever cannot go, never by a campaign: on maprocuration.gouv.fr, then in "
                "person at a police station, a gendarmerie or a consulate, as early as possible."
            ),
            gettext(
                "Nobody may hold more than one proxy established in France (code électoral, art. L. 73). Whoever votes "
                "for the other need not be registered in the same commune, and votes at the other’s polling station "
                "(art. L. 72)."
            ),
            gettext("Give the other neither money nor promise: it is an offence (code électoral, art. L. 106)."),
        ]

    def sides(self) -> tuple[str, str]:
        """Return how the two sides are said, who asks first."""
        return gettext("I look for somebody to vote for me"), gettext("I can vote for somebody else")

    def own_questions(self) -> list[Question]:
        """Which side, which rounds, and the station where the vote takes place."""
        side = Question(
            "q_side",
            gettext("What do you need, or offer?"),
            Serves.ACTION,
            is_required=True,
            kind=AnswerKind.CHOICE,
            choices=self.sides(),
        )
        postcode = Question(
            "q_postcode",
            gettext("Postcode of the commune of the vote"),
            Serves.PAIR,
            is_required=True,
            help=gettext("Where you are registered if you look for somebody; where you can go if you offer."),
        )
        commune = Question("q_commune", gettext("Name of that commune"), Serves.PAIR, is_required=True)
        station = Question(
            "q_station",
            gettext("Polling station"),
            Serves.PAIR,
            help=gettext("The number on your voter’s card, if you look for somebody."),
        )
        words = gettext(
            "I agree that my first name, my e-mail address and my telephone number are given to the person with whom "
            "the campaign pairs me, and to nobody else."
        )
        share = Question("q_share", gettext("To put you in touch"), Serves.PAIR, True, AnswerKind.CHOICES, (words,))
        return [side, *self.rounds_question(gettext("For which rounds?")), postcode, commune, station, share]


class ProxyQuerySet(models.QuerySet["Proxy"]):
    def visible_to(self, actor: Actor) -> Self:
        """Keep those of people whom the actor may see."""
        return self.filter(person__in=Person.objects.visible_to(actor).values("pk"))

    def counted(self) -> Self:
        """Keep those of people whose part counts. The law is asked here, at each reading."""
        return self.filter(still_counts())

    def unpaired(self) -> Self:
        """Keep who is not paired, the first first."""
        return self.filter(partner=None, paired_by=None).order_by("since", "pk")

    def asking(self) -> Self:
        return self.filter(side=ProxySide.ASKS)

    def offering(self) -> Self:
        return self.filter(side=ProxySide.OFFERS)


class Proxy(models.Model):
    """A person who looks for somebody to vote for them, or who offers to; ``partner`` is the other, once found.

    Whoever asks points to whoever offers: one asks one, one offers to one (code électoral, art. L. 73). Both have the
    day on which they were paired: one that has it and is paired no longer has still to be told.
    """

    page = models.ForeignKey(Page, models.CASCADE, related_name="+", verbose_name=_("page"))
    person = models.ForeignKey(Person, models.CASCADE, related_name="proxies", verbose_name=_("person"))
    side = models.CharField(_("side"), max_length=6, choices=ProxySide)
    postcode = models.CharField(_("postcode"), max_length=10, blank=True)
    commune_name = models.CharField(_("name of the commune"), max_length=100, blank=True)
    commune = models.ForeignKey(
        Commune, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("commune")
    )
    station = models.CharField(_("polling station"), max_length=100, blank=True)
    rounds = models.CharField(_("rounds"), max_length=300, blank=True)
    partner = models.OneToOneField(
        "self", models.SET_NULL, null=True, blank=True, related_name="paired_by", verbose_name=_("paired with")
    )
    paired_at = models.DateTimeField(_("paired on"), null=True, blank=True)
    since = models.DateTimeField(_("since"), db_default=Now())

    objects = ProxyQuerySet.as_manager()

    class Meta:
        verbose_name = _("proxy vote")
        verbose_name_plural = _("proxy votes")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["page", "person"], name="proxy_once"),
            models.CheckConstraint(condition=Q(partner=None) | Q(side=ProxySide.ASKS), name="who_asks_has_a_partner"),
            models.CheckConstraint(condition=~Q(partner=F("id")), name="nobody_is_their_own_proxy"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.person_id}"

    @property
    def is_paired(self) -> bool:
        return self.partner_id is not None or hasattr(self, "paired_by")


class SponsorshipPage(AskingPage):
    """An elected official's promise to present a candidate (loi n° 62-1292 of 6 November 1962, art. 3)."""

    page_description = _("Elected officials who support the candidate")

    candidate = models.CharField(_("candidate"), max_length=150)

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel([FieldPanel("candidate")], _("Presentation")),
        *ActionPage.form_panels,
    ]
    usual_button = _("I promise my presentation")
    usual_fields = (*NAMES, PersonField.PHONE)

    class Meta:
        verbose_name = _("sponsorship page")
        verbose_name_plural = _("sponsorship pages")

    def content_asked(self) -> dict[str, Any]:
        """Name whom one promises to present."""
        return {**super().content_asked(), "candidate": self.candidate}

    def own_questions(self) -> list[Question]:
        """Which mandate, and where: art. 3, I, names those that count."""
        mandates = (
            gettext("Mayor"),
            gettext("Deputy mayor of a delegated commune, mayor of an arrondissement"),
            gettext("Member of a departmental council"),
            gettext("Member of a regional council"),
            gettext("President of a grouping of communes"),
            gettext("Member of the National Assembly"),
            gettext("Member of the Senate"),
            gettext("French member of the European Parliament"),
            gettext("Elected by the French abroad"),
            gettext("Another mandate of article 3"),
        )
        mandate = Question(
            "q_mandate",
            gettext("Your mandate"),
            Serves.ACTION,
            is_required=True,
            kind=AnswerKind.CHOICE,
            choices=mandates,
        )
        where = Question(
            "q_where", gettext("Commune, canton or constituency of that mandate"), Serves.ACTION, is_required=True
        )
        return [mandate, where]
