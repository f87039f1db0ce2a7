"""Régions, départements, communes: the official list, with its codes."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Value
from django.utils.translation import gettext_lazy as _

#: Kilometres: the radius of the Earth, and a degree of latitude, the shortest one.
EARTH_RADIUS, DEGREE = 6371.0, 110.5

# A box, found by index, spares most communes the trigonometry; a degree of longitude is shorter to the north.
HIGH = f"({{km}} / {DEGREE})"
WIDE = f"({{km}} / ({DEGREE} * cos(radians(least(abs({{to}}) + {HIGH}, 89.0)))))"
HALF_CHORD = (
    "power(sin(radians({latitude} - {to}) / 2), 2)"
    " + cos(radians({latitude})) * cos(radians({to})) * power(sin(radians({longitude} - {along}) / 2), 2)"
)
IS_NEAR = (
    f"({{latitude}} >= {{to}} - {HIGH} AND {{latitude}} <= {{to}} + {HIGH}"
    f" AND {{longitude}} >= {{along}} - {WIDE} AND {{longitude}} <= {{along}} + {WIDE}"
    f" AND {2 * EARTH_RADIUS} * asin(sqrt(least({HALF_CHORD}, 1.0))) <= {{km}})"
)


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
        is_near = IsNear(OuterRef("latitude"), OuterRef("longitude"), F("latitude"), F("longitude"), km=km)
        return self.filter(Exists(centre.filter(is_near)))

    def around(self, latitude: float, longitude: float, km: float) -> CommuneQuerySet:
        """Communes whose centre is at most so far from a point, as the crow flies."""
        return self.filter(IsNear(F("latitude"), F("longitude"), Value(latitude), Value(longitude), km=km))


class IsNear(Func):
    """That a place, its latitude and longitude, is at most ``km`` from a centre, ``to`` and ``along``, in degrees.

    One expression and no tree of sixty: Django would take longer to write the question than PostgreSQL to answer it.
    """

    output_field = models.BooleanField()

    def __init__(self, *sources: Any, km: float) -> None:
        super().__init__(*sources, km=float(km))

    def as_sql(self, compiler: Any, connection: Any, *_parts: Any, **_extra: Any) -> tuple[str, tuple[str | int, ...]]:
        """Write each source where it is named: columns, and numbers, which are ours and finite."""
        names = ("latitude", "longitude", "to", "along")
        sources: dict[str, str] = {"km": repr(self.extra["km"])}
        for name, source in zip(names, self.source_expressions, strict=True):
            sql, values = compiler.compile(source)
            sources[name] = sql % tuple(repr(float(value)) for value in values)
        return IS_NEAR.format(**sources), ()


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
