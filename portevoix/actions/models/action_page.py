"""What every page on which citizens act has: words around a form, what the form asks, what it offers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.actions import rules
from portevoix.actions.blocks import QuestionsBlock, person_question, questions_of
from portevoix.actions.types import PersonField, Question, Step
from portevoix.kernel import clock
from portevoix.kernel.pages import PublicPage
from portevoix.rights.purposes import Purpose

FEATURES = ["bold", "italic", "link", "ul", "ol"]


#: The name of the Wagtail hook by which the views of this room answer for its pages.
ANSWER_HOOK = "answer_action_page"
THANKS = "sent"


def midnight_after(day: date) -> datetime:
    """Return when a day is over, in Paris: the clocks change later in the night."""
    return clock.in_paris(day + timedelta(days=1), time())


class Answered:
    """A page that a view answers for, once Wagtail has looked at who may see it; its previews are what will be seen."""

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a visitor."""
        request.is_preview = False  # type: ignore[attr-defined]  # as Wagtail's own
        return self._answer(request, "")

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Answer an editor."""
        return self._answer(request, mode_name)

    def _answer(self, request: HttpRequest, mode: str) -> HttpResponse:
        (answer,) = hooks.get_hooks(ANSWER_HOOK)
        answered: HttpResponse = answer(self, request, mode)
        return answered


class ActionPage(Answered, PublicPage, Page):
    """A form of the site. Each type says what it asks by itself, and what its participants agree to."""

    introduction = RichTextField(_("introduction"), features=FEATURES, blank=True)
    questions = StreamField(
        QuestionsBlock(),
        verbose_name=_("questions"),
        blank=True,
        help_text=_("The address is always asked. Left empty: what pages of this kind usually ask."),
    )
    button = models.CharField(_("button"), max_length=60, blank=True)
    offers_texts = models.BooleanField(_("also ask about text messages"), default=False)
    offers_calls = models.BooleanField(_("also ask about calls"), default=False)
    thanks = RichTextField(_("thanks, shown once the form is sent"), features=FEATURES, blank=True)
    welcome = RichTextField(_("welcome, shown once the address is confirmed"), features=FEATURES, blank=True)
    closes_on = models.DateField(
        _("last day"), null=True, blank=True, help_text=_("After it, the page stays and the form is closed.")
    )

    words_panels: ClassVar[list[Any]] = [FieldPanel("introduction")]
    form_panels: ClassVar[list[Any]] = [
        FieldPanel("questions"),
        MultiFieldPanel(
            [FieldPanel("offers_texts"), FieldPanel("offers_calls"), FieldPanel("button"), FieldPanel("closes_on")],
            _("Form"),
        ),
        MultiFieldPanel([FieldPanel("thanks"), FieldPanel("welcome")], _("Answers")),
    ]
    content_panels: ClassVar[list[Any]] = [*Page.content_panels, *words_panels, *form_panels]
    search_fields: ClassVar[list[Any]] = [*Page.search_fields, index.SearchField("introduction")]
    subpage_types: ClassVar[list[str]] = []

    #: The words of the button, unless the editor chose others.
    usual_button: ClassVar[Any] = _("Send")
    #: What a form of this type asks where the editor composed nothing.
    usual_fields: ClassVar[tuple[PersonField, ...]] = (
        PersonField.FIRST_NAME,
        PersonField.LAST_NAME,
        PersonField.POSTCODE,
    )
    #: Whether the form must give at least one way to write back.
    needs_a_channel: ClassVar[bool] = False

    class Meta:
        abstract = True

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """What an editor may look at before it is published."""
        return [("", _("Form")), (THANKS, _("Thanks"))]

    @property
    def description(self) -> str:
        """What search engines and shared links say of the page."""
        return self.search_description or ""

    @property
    def is_open(self) -> bool:
        return self.closes_on is None or clock.today() <= self.closes_on

    @property
    def closing_moments(self) -> list[datetime]:
        """When it closes by itself, for one reason or another."""
        return [midnight_after(self.closes_on)] if self.closes_on else []

    def next_change(self, now: datetime) -> datetime | None:
        """A form that is closed is not shown a second more: what is written there would be written for nothing."""
        return min((moment for moment in self.closing_moments if moment > now), default=None)

    @property
    def shown_button(self) -> str:
        return self.button or str(self.usual_button)

    @property
    def asked(self) -> list[Question]:
        """What the form asks, in order, beside the address."""
        return questions_of(self.questions) if self.questions else self.usual_questions()

    @property
    def steps(self) -> list[Step]:
        """The pages on which the form asks it, where there are several."""
        return []

    def usual_questions(self) -> list[Question]:
        """Return what is asked where the editor composed nothing."""
        return [person_question(name) for name in self.usual_fields]

    @property
    def purpose(self) -> Purpose:
        """What whoever sends the form agrees to, by doing so: without it nothing is kept."""
        return Purpose.PARTICIPATION

    @property
    def offered(self) -> list[Purpose]:
        """What the form asks about besides, each on its own; none is ticked."""
        offered = {Purpose.TEXTS: self.offers_texts, Purpose.CALLS: self.offers_calls}
        return [Purpose.NEWSLETTER, *(purpose for purpose, is_offered in offered.items() if is_offered)]

    @property
    def least_age(self) -> int:
        """The age below which nobody may send the form, whoever agrees; 0 where there is none."""
        return 0

    @property
    def may_show_names(self) -> bool:
        """Whether a participant is asked if their name may be shown on the page."""
        return False

    @property
    def words_of_showing(self) -> str:
        """What a participant agrees to who lets their name be shown."""
        return gettext("I agree that my first name, the first letter of my family name and my commune are shown.")

    @property
    def words_of_handing(self) -> str:
        """What a participant agrees to who lets their name be handed to somebody outside; empty: nobody is asked."""
        return ""

    @property
    def gives_links(self) -> bool:
        """Whether who confirmed is given a link of their own to pass on."""
        return self.purpose == Purpose.PARTICIPATION

    def content_asked(self) -> dict[str, Any]:
        """Return what the form asks and tells, as a version of it keeps it: once for all who read the same."""
        asked = {"questions": rules.as_json(self.asked), "purpose": str(self.purpose), "shows": self.may_show_names}
        return {**asked, "title": self.title}
