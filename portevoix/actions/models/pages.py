"""The kinds of pages on which citizens act."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from portevoix.actions.blocks import SurveyQuestionsBlock, person_question, steps_of
from portevoix.actions.models.action_page import ActionPage
from portevoix.actions.types import AnswerKind, PersonField, Question, Serves, Step
from portevoix.rights.purposes import Purpose


class SignUpPage(ActionPage):
    """Joining the campaign: an address, and what it may be used for."""

    page_description = _("To join the campaign")

    offers_texts = models.BooleanField(_("also ask about text messages"), default=True)

    needs_a_channel = True
    usual_button = _("I join the campaign")

    class Meta:
        verbose_name = _("sign-up page")
        verbose_name_plural = _("sign-up pages")

    def usual_questions(self) -> list[Question]:
        """The telephone is asked only where it would serve."""
        more = [person_question(PersonField.PHONE)] if self.offers_texts or self.offers_calls else []
        return [*super().usual_questions(), *more]

    @property
    def purpose(self) -> Purpose:
        """Joining is a request; answers to questions of the campaign's own are more than it."""
        return Purpose.PARTICIPATION if any(one.is_answer for one in self.asked) else Purpose.SERVICE


class SurveyPage(ActionPage):
    """Questions to which each person answers once; the results may be shown."""

    page_description = _("Questions, one answer per person")

    questions = StreamField(
        SurveyQuestionsBlock(),
        verbose_name=_("questions"),
        blank=True,
        help_text=_("The address is always asked, on the last page. Left empty: the postcode alone."),
    )
    shows_results = models.BooleanField(
        _("show the results on the site"), default=False, help_text=_("Totals only, and from ten answers on.")
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        FieldPanel("questions"),
        FieldPanel("shows_results"),
        *ActionPage.form_panels[1:],
    ]
    usual_button = _("I send my answers")
    usual_fields = (PersonField.POSTCODE,)

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")

    @property
    def steps(self) -> list[Step]:
        found = steps_of(self.questions)
        return found if len(found) > 1 else []

    def content_asked(self) -> dict[str, Any]:
        """Keep the words of its pages too, where there are several."""
        words = [[step.title, step.text] for step in self.steps]
        return {**super().content_asked(), **({"steps": words} if words else {})}


class ContactPage(ActionPage):
    """Writing to the campaign."""

    page_description = _("To write to you, and be answered")

    usual_button = _("I send my message")

    class Meta:
        verbose_name = _("contact page")
        verbose_name_plural = _("contact pages")

    def usual_questions(self) -> list[Question]:
        """A subject and a message."""
        names = [person_question(PersonField.FIRST_NAME), person_question(PersonField.LAST_NAME)]
        subject = Question("q_subject", gettext("Subject"), Serves.ACTION, is_required=True)
        words = Question("q_message", gettext("Your message"), Serves.ACTION, is_required=True, kind=AnswerKind.TEXT)
        return [*names, subject, words]

    @property
    def purpose(self) -> Purpose:
        """Whoever writes asks for an answer."""
        return Purpose.SERVICE
