"""Who the campaign is to the eye: name, slogan, colours, footer. A brand is data, never code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import RichTextField

from portevoix.website import freshness, rules
from portevoix.website.types import Cards, Corners, Fonts, Ground, Look, Motif, Spacing


def is_colour(value: str) -> None:
    """Refuse what is not a colour."""
    if not rules.is_colour(value):
        raise ValidationError(_("Write the colour as #1a2b3c."))


#: The name that a site has before anybody has given it one.
UNNAMED = "Portevoix"


@register_setting(icon="pick", order=10)
class Identity(BaseGenericSetting):
    """The campaign's own name, words and colours."""

    name = models.CharField(_("name"), max_length=60, default=UNNAMED)
    slogan = models.CharField(_("slogan"), max_length=120, blank=True)
    logo = models.ForeignKey(
        "website.Picture",
        verbose_name=_("logo, square"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    footer_text = RichTextField(_("text of the footer"), features=["bold", "italic", "link"], blank=True)
    join_page = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("page of the button at the top"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    join_label = models.CharField(_("words on that button"), max_length=30, blank=True)

    brand = models.CharField(
        _("main colour"),
        default="#0b5c56",
        max_length=7,
        validators=[is_colour],
        help_text=_("Large fields, links, buttons."),
    )
    deep = models.CharField(
        _("dark colour"), default="#062c2e", max_length=7, validators=[is_colour], help_text=_("Headings, footer.")
    )
    accent = models.CharField(
        _("bright colour"),
        default="#ffd24a",
        max_length=7,
        validators=[is_colour],
        help_text=_("The button one must see."),
    )
    spark = models.CharField(_("second bright colour"), default="#ff7f5c", max_length=7, validators=[is_colour])
    calm = models.CharField(_("pale colour"), default="#bfeedd", max_length=7, validators=[is_colour])
    paper = models.CharField(
        _("paper"),
        default="#ffffff",
        max_length=7,
        validators=[is_colour],
        help_text=_("What pages are written on by day."),
    )
    fonts = models.CharField(_("letters"), max_length=12, choices=Fonts.choices, default=Fonts.BRICOLAGE)
    corners = models.CharField(_("corners"), max_length=8, choices=Corners.choices, default=Corners.ROUND)
    spacing = models.CharField(_("spacing"), max_length=8, choices=Spacing.choices, default=Spacing.AIRY)
    motif = models.CharField(_("motif"), max_length=8, choices=Motif.choices, default=Motif.RINGS)
    cards = models.CharField(_("cards"), max_length=8, choices=Cards.choices, default=Cards.LIFTED)
    bar = models.CharField(_("bar at the top"), max_length=8, choices=Ground.choices, default=Ground.BRAND)
    opening = models.CharField(_("opening of pages"), max_length=8, choices=Ground.choices, default=Ground.BRAND)

    panels = [
        MultiFieldPanel([FieldPanel("name"), FieldPanel("slogan"), FieldPanel("logo")], _("Name")),
        MultiFieldPanel([FieldPanel("join_page"), FieldPanel("join_label")], _("Button at the top")),
        FieldPanel("footer_text"),
    ]

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [
            # Every page is dressed in them: one that is no colour, whoever wrote it, would leave the site undressed.
            models.CheckConstraint(condition=Q(**{f"{name}__regex": "^#[0-9a-fA-F]{6}$"}), name=f"identity_{name}")
            for name in (*Look.COLOURS, "paper")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse colours that could not be read (WCAG 2.2, 1.4.3 and 1.4.11), by day or by night."""
        super().clean()
        if not all(rules.is_colour(getattr(self, name)) for name in (*Look.COLOURS, "paper")):
            return  # said already, field by field
        faults: dict[str, Any] = {}
        for pair in rules.unreadable(self.look):
            faults.setdefault(pair.fault, fault_of(pair.fault, pair.name))
        if faults:
            raise ValidationError(faults)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        freshness.announce()

    @property
    def public_name(self) -> str:
        """The campaign's name; until it has given one, the one that its host wrote in the instance's file."""
        return self.name if self.name != UNNAMED else settings.INSTANCE.site.name

    @property
    def look(self) -> Look:
        """The decisions of look, as rules read them."""
        colours = {name: getattr(self, name).lower() for name in (*Look.COLOURS, "paper")}
        return Look(**colours, **{name: str(getattr(self, name)) for name in Look.CHOICES})

    @property
    def theme(self) -> str:
        """The sheet of tokens that gives the site this look."""
        return rules.sheet(self.look)


def fault_of(colour: str, pair: str) -> Any:
    """Say what to change about a colour, for a pair that cannot be read."""
    if pair.startswith("night"):
        return _("At night it could not be read: choose a colour that is further from grey, or darker.")
    if pair in {"danger", "success"}:
        return _("Errors and successes could not be read on this paper: choose a paler one.")
    if pair == "link":
        return _("Links in this colour could not be read on the paper: choose a darker colour.")
    if colour == "paper":
        return _("The dark colour could not be read on this paper: choose a paler one.")
    if colour in {"brand", "deep"}:
        return _("White text could not be read on it: choose a darker colour.")
    return _("The dark colour could not be read on it: choose a paler one.")
