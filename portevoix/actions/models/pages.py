"""The kinds of pages on which citizens act."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from portevoix.actions.blocks import person_question
from portevoix.actions.models.action_page import FEATURES, ActionPage
from portevoix.actions.types import AnswerKind, PersonField, Question, Serves
from portevoix.rights.purposes import Purpose


class SignUpPage(ActionPage):
    """Joining the campaign: an address, and what it may be used for."""

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


class PetitionPage(ActionPage):
    """A text, whom it is for, and how many sign it."""

    addressee = models.CharField(_("addressee"), max_length=200, help_text=_("Who will be handed the signatures."))
    text = RichTextField(_("text of the petition"), features=["h3", *FEATURES])
    goal = models.PositiveIntegerField(_("goal"), null=True, blank=True, help_text=_("Left empty: none is shown."))
    shows_count = models.BooleanField(_("show how many signed"), default=True)
    shows_names = models.BooleanField(
        _("show names of signatories who agree to it"),
        default=True,
        help_text=_("First name, first letter of the family name and commune; each says yes or no."),
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel([FieldPanel("addressee"), FieldPanel("text")], _("Petition")),
        MultiFieldPanel([FieldPanel("goal"), FieldPanel("shows_count"), FieldPanel("shows_names")], _("Counter")),
        *ActionPage.form_panels,
    ]
    search_fields: ClassVar[list[Any]] = [*ActionPage.search_fields, index.SearchField("text")]
    usual_button = _("I sign")

    class Meta:
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")

    def usual_questions(self) -> list[Question]:
        """Nobody signs without a name."""
        names = (PersonField.FIRST_NAME, PersonField.LAST_NAME)
        return [person_question(name, is_required=name in names) for name in self.usual_fields]

    @property
    def may_show_names(self) -> bool:
        return self.shows_names


class SurveyPage(ActionPage):
    """Questions to which each person answers once; the results may be shown."""

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


class ContactPage(ActionPage):
    """Writing to the campaign."""

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
