"""Régions, départements, communes: the official list, with its codes."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Abs, ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

#: Kilometres: the radius of the Earth, and a degree of latitude, the shortest one.
EARTH_RADIUS, DEGREE = 6371.0, 110.5


class Region(models.Model):
    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("région")
        verbose_name_plural = _("régions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Departement(models.Model):
    code = models.CharField(_("code"), max_length=3, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="departements", verbose_name=_("région"))

    class Meta:
        verbose_name = _("département")
        verbose_name_plural = _("départements")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class CommuneQuerySet(models.QuerySet["Commune"]):
    def undivided(self) -> CommuneQuerySet:
        """Communes, and the arrondissements in place of Paris, Lyon and Marseille: every address is in just one."""
        return self.filter(~models.Exists(Commune.objects.filter(parent=models.OuterRef("pk"))))

    def whole(self) -> CommuneQuerySet:
        """Communes with a mayor of their own: the population of France is the sum of theirs."""
        return self.filter(parent=None)

    def with_postcode(self, postcode: str) -> CommuneQuerySet:
        """Where a letter with this postcode may go, the most populous first."""
        return self.undivided().filter(postcodes__contains=[postcode]).order_by("-population", "sort_key")

    def within(self, km: float, *, of: str) -> CommuneQuerySet:
        """Communes whose centre is at most so far from that of the commune ``of``, as the crow flies.

        A join to that commune and no sub-select of its latitude: the planner would take the few communes of a box whose
        bounds it cannot see for none, and visit the people of half of France one by one.
        """
        centre = Commune.objects.order_by().filter(pk=of)
        here, there = (F("latitude"), F("longitude")), (OuterRef("latitude"), OuterRef("longitude"))
        return self.filter(Exists(centre.filter(*_near(there, here, km))))

    def around(self, latitude: float, longitude: float, km: float) -> CommuneQuerySet:
        """Communes whose centre is at most so far from a point, as the crow flies."""
        return self.filter(*_near((F("latitude"), F("longitude")), (Value(latitude), Value(longitude)), km))


def _near(place: tuple[Any, Any], centre: tuple[Any, Any], km: float) -> list[Any]:
    """Return the conditions on a place, as latitude and longitude, to be at most so far from a centre."""
    (latitude, longitude), (to, along) = place, centre
    half_chord = Power(Sin(Radians(latitude - to) / 2), 2) + (
        Cos(Radians(latitude)) * Cos(Radians(to)) * Power(Sin(Radians(longitude - along) / 2), 2)
    )
    distance = 2 * EARTH_RADIUS * ASin(Sqrt(Least(half_chord, 1.0)))
    # A box, found by index, spares most communes the trigonometry; a degree of longitude is shorter to the north.
    high = km / DEGREE
    wide = km / (DEGREE * Cos(Radians(Least(Abs(to) + high, 89.0))))
    return [
        *(GreaterThanOrEqual(latitude, to - high), LessThanOrEqual(latitude, to + high)),
        *(GreaterThanOrEqual(longitude, along - wide), LessThanOrEqual(longitude, along + wide)),
        LessThanOrEqual(distance, km),
    ]


class Commune(models.Model):
    """A commune, or an arrondissement of Paris, Lyon or Marseille, by its INSEE code.

    ``h3_5`` is the cell of resolution 5 that holds its centre.
    """

    code = models.CharField(_("INSEE code"), max_length=5, primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    sort_key = models.CharField(max_length=80, db_index=True)
    postcodes = ArrayField(models.CharField(max_length=5), verbose_name=_("postcodes"), default=list)
    population = models.PositiveIntegerField(_("population"), null=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="arrondissements",
        verbose_name=_("divided commune"),
    )
    departement = models.ForeignKey(Departement, models.PROTECT, related_name="communes", verbose_name=_("département"))
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)
    h3_5 = models.CharField(_("H3 cell"), max_length=15, blank=True, db_index=True)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        verbose_name = _("commune")
        verbose_name_plural = _("communes")
        ordering = ["sort_key", "code"]
        indexes = [
            GinIndex(fields=["postcodes"], name="commune_postcodes"),
            models.Index(fields=["latitude", "longitude"], name="commune_centre"),
        ]

    def __str__(self) -> str:
        return self.name


class Postcode(models.Model):
    """What an envelope may say: a postcode and a town, and the one commune meant.

    ``city_key`` is ``rules.city_key`` of the town, an old name of the commune included; it is empty where the
    postcode alone is enough. Imports join on it.
    """

    postcode = models.CharField(_("postcode"), max_length=5)
    city_key = models.CharField(max_length=80, blank=True)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="names", verbose_name=_("commune"))

    class Meta:
        verbose_name = _("postcode")
        verbose_name_plural = _("postcodes")
        ordering = ["postcode", "city_key"]
        constraints = [models.UniqueConstraint(fields=["postcode", "city_key"], name="postcode_means_one_commune")]

    def __str__(self) -> str:
        return f"{self.postcode} {self.commune}"
