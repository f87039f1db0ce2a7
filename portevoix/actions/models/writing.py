"""Writing to one's representative: in one's own name, by one's own mail program. Nothing is sent by us."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page

from portevoix.actions.models.action_page import ActionPage
from portevoix.actions.types import PersonField

FIRST_WORDS = (
    "Madame, Monsieur,\n\n"
    "J’habite le territoire que vous représentez. Je vous écris parce que…\n\n"
    "Je vous demande de… Me direz-vous ce que vous comptez faire ?\n\n"
    "Avec mes salutations les meilleures,"
)


class RepresentativeBlock(blocks.StructBlock):
    """Somebody who holds an office, as their institution publishes it."""

    name = blocks.CharBlock(label=_("name"), max_length=120)
    office = blocks.CharBlock(label=_("office"), max_length=150, help_text=_("For instance: député de la Creuse."))
    places = blocks.CharBlock(
        label=_("places"),
        required=False,
        max_length=500,
        help_text=_("Numbers of départements (23, 2A, 974) or postcodes (23000), with commas. Left empty: everywhere."),
    )
    email = blocks.EmailBlock(label=_("e-mail address"), help_text=_("The one that the institution publishes."))

    class Meta:
        icon = "user"
        label = _("Representative")


class WritePage(ActionPage):
    """A letter that visitors send themselves to who represents them."""

    page_description = _("A letter that visitors send to their representatives themselves")

    subject = models.CharField(_("subject of the letter"), max_length=150)
    letter = models.TextField(
        _("letter"),
        default=FIRST_WORDS,
        help_text=_("What the visitor starts from: they change it and sign it, in their mail program."),
    )
    representatives = StreamField(
        [("representative", RepresentativeBlock())], verbose_name=_("representatives"), blank=True
    )

    content_panels: ClassVar[list[Any]] = [
        *Page.content_panels,
        *ActionPage.words_panels,
        MultiFieldPanel([FieldPanel("subject"), FieldPanel("letter")], _("Letter")),
        FieldPanel("representatives"),
        *ActionPage.form_panels,
    ]
    usual_button = _("I have written")
    usual_fields = (PersonField.FIRST_NAME, PersonField.POSTCODE)

    class Meta:
        verbose_name = _("page to write to representatives")
        verbose_name_plural = _("pages to write to representatives")
