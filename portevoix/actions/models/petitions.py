"""Texts that citizens sign: petitions and open letters, for an addressee."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index

from portevoix.actions.blocks import FirstSignatoriesBlock, person_question
from portevoix.actions.models.action_page import FEATURES, ActionPage
from portevoix.actions.types import QUALITY, PersonField, Question, Serves


class SignedPage(ActionPage):
    """A text, whom it is for, and how many sign it."""

    addressee = models.CharField(
        _("addressee"),
        max_length=200,
        help_text=_(
            "Who will be handed the names of who agrees to it. Once it is changed, only those who sign afterwards "
            "can be handed over."
        ),
    )
    text = RichTextField(_("text of the petition"), features=["h3", *FEATURES])
    goal = models.PositiveIntegerField(_("goal"), null=True, blank=True, help_text=_("Left empty: none is shown."))
    shows_count = models.BooleanField(_("show how many signed"), default=True)
    shows_names = models.BooleanField(
        _("show names of signatories who agree to it"),
        default=True,
        help_text=_("First name, first letter of the family name and commune; each says yes or no."),
    )
    hands_names = models.BooleanField(
        _("ask signatories whether their name may be handed to the addressee"),
        default=True,
        help_text=_("Each says yes or no, apart from the signature: who says no counts in the total alone."),
    )
    share_text = models.CharField(
        _("text to share"), max_length=240, blank=True, help_text=_("Left empty: the title of the page.")
    )

    words_of_text: ClassVar[list[Any]] = [
        FieldPanel("addressee"),
        FieldPanel(
            "text",
            help_text=_("Once it or the title is changed, only those who sign afterwards can be handed over."),
        ),
    ]
    signed_panels: ClassVar[list[Any]] = [
        MultiFieldPanel([FieldPanel("goal"), FieldPanel("shows_count"), FieldPanel("shows_names")], _("Counter")),
        FieldPanel("hands_names"),
        FieldPanel("share_text"),
    ]
    search_fields: ClassVar[list[Any]] = [*ActionPage.search_fields, index.SearchField("text")]
    usual_button = _("I sign")

    class Meta:
        abstract = True

    def usual_questions(self) -> list[Question]:
        """Nobody signs without a name."""
        names = (PersonField.FIRST_NAME, PersonField.LAST_NAME)
        return [person_question(name, is_required=name in names) for name in self.usual_fields]

    @property
    def may_show_names(self) -> bool:
        return self.shows_names

    @property
    def words_of_handing(self) -> str:
        if not self.hands_names:
            return ""
        return gettext(
            "I agree that my first name, my family name, my commune and the day of my signature are handed to: "
            "%(addressee)s. I know that this may tell them my political opinions."
        ) % {"addressee": self.addressee}

    def content_asked(self) -> dict[str, Any]:
        """Name what is signed, the addressee, and the words by which names are shown and handed over.

        Without them nobody could prove what was agreed to, nor whom it went to (RGPD art. 7(1), 13(1)(e)).
        """
        said = {"shown": self.words_of_showing if self.may_show_names else "", "handed": self.words_of_handing}
        return {**super().content_asked(), **self.signed, **said}

    @property
    def signed(self) -> dict[str, str]:
        """What a signature is under: a name is handed over with no other text, to nobody else.

        A changed text is another text, were it by a comma: no rule tells a correction from a change of mind, and
        whoever signed the former never agreed to be named under the latter (RGPD art. 5(1)(d), 9(2)(a)). They still
        count in the total, and may sign again.
        """
        return {"title": self.title, "text": self.text, "addressee": self.addressee}


class PetitionPage(SignedPage):
    """A petition."""

    page_description = _("A demand to somebody, to sign, with a counter")

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel(SignedPage.words_of_text, _("Petition")),
        *SignedPage.signed_panels,
        *ActionPage.form_panels,
    ]

    class Meta:
        verbose_name = _("petition")
        verbose_name_plural = _("petitions")


class OpenLetterPage(SignedPage):
    """A letter that anyone may sign with their profession or mandate, after its first signatories."""

    page_description = _("A letter and its first signatories, to sign")

    text = RichTextField(_("letter"), features=["h3", *FEATURES])
    first_signatories = StreamField(
        FirstSignatoriesBlock(),
        verbose_name=_("first signatories"),
        blank=True,
        help_text=_("Only people who agreed in writing that their name stands here."),
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel([*SignedPage.words_of_text, FieldPanel("first_signatories")], _("Open letter")),
        *SignedPage.signed_panels,
        *ActionPage.form_panels,
    ]
    usual_button = _("I sign this letter")

    class Meta:
        verbose_name = _("open letter")
        verbose_name_plural = _("open letters")

    def content_asked(self) -> dict[str, Any]:
        """Name the first signatories: one signs beside them."""
        first = [[one.value["name"], one.value["quality"]] for one in self.first_signatories]
        return {**super().content_asked(), "first_signatories": first}

    @property
    def asked(self) -> list[Question]:
        """The quality is always asked, and never owed."""
        quality = Question(QUALITY, gettext("Profession or mandate"), Serves.ACTION)
        return [*super().asked, quality]

    @property
    def words_of_showing(self) -> str:
        return gettext(
            "I agree that my first name, the first letter of my family name, my commune and my profession or mandate "
            "are shown."
        )

    @property
    def words_of_handing(self) -> str:
        if not self.hands_names:
            return ""
        return gettext(
            "I agree that my first name, my family name, my profession or mandate, my commune and the day of my "
            "signature are handed to: %(addressee)s. I know that this may tell them my political opinions."
        ) % {"addressee": self.addressee}
