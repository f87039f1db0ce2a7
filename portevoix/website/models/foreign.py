"""Which published pages show content of which other sites, and what visitors answered when asked."""

from __future__ import annotations

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction

from portevoix.website.blocks import foreign_in
from portevoix.website.types import Aim, Foreign, Way


class ForeignUse(models.Model):
    """A host that a published page may load content from; written when the page is published, from its blocks."""

    page = models.ForeignKey("wagtailcore.Page", models.CASCADE, related_name="+")
    host = models.CharField(_("host"), max_length=120)
    name = models.CharField(_("site"), max_length=140)
    company = models.CharField(_("company"), max_length=140)
    aim = models.CharField(_("aim"), max_length=10, choices=Aim.choices)

    class Meta:
        verbose_name = _("use of another site")
        verbose_name_plural = _("uses of other sites")
        constraints = [models.UniqueConstraint(fields=["page", "host"], name="foreign_host_once_a_page")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def hosts_of(cls, page: Page) -> list[str]:
        """Return the hosts that a page may load: as published, or as it is being written for a preview."""
        return sorted({found.host for found in foreign_on(page)})

    @classmethod
    def follow(cls, page: Page) -> None:
        """Write down what a page just published shows; every page reads it, so that the same stays as it is."""
        found = {(one.host, one.name, one.company, str(one.aim)) for one in foreign_on(page)}
        known = cls.objects.filter(page_id=page.pk)
        if found == set(known.values_list("host", "name", "company", "aim")):
            return
        with transaction.atomic():
            cls.forget(page)
            ForeignUse.objects.bulk_create(
                ForeignUse(page_id=page.pk, host=host, name=name, company=company, aim=aim)
                for host, name, company, aim in found
            )

    @classmethod
    def forget(cls, page: Page) -> None:
        """A page is no longer published: it shows nothing."""
        cls.objects.filter(page_id=page.pk).delete()

    @classmethod
    def sources(cls, request: HttpRequest) -> list[ForeignUse]:
        """Return the other sites in use, each once, on the pages that this visitor may read.

        Without a session nobody has given a password nor signed in; to ask it of the session would tell caches that
        the page is somebody's own.
        """
        if not cls.objects.exists():  # most sites: every page asks
            return []
        pages = Page.objects.live()
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            pages = pages.public()
        else:
            for closed in PageViewRestriction.objects.select_related("page"):
                if not closed.accept_request(request):
                    pages = pages.not_descendant_of(closed.page, inclusive=True)
        return list(cls.objects.filter(page__in=pages).order_by("aim", "host", "pk").distinct("aim", "host"))


def foreign_on(page: Page) -> list[Foreign]:
    """Return the foreign content in the fields of a page."""
    streams = [field.name for field in page._meta.get_fields() if isinstance(field, StreamField)]
    return [content for name in streams for content in foreign_in(getattr(page, name))]


class Question(models.Model):
    """What visitors were asked, word for word, and about which sites: the proof of the wording.

    ``words`` are by language, then by way of answering.
    """

    version = models.CharField(_("version"), max_length=10, primary_key=True)
    words = models.JSONField(_("words"))
    first_asked_at = models.DateTimeField(_("first asked"))

    class Meta:
        verbose_name = _("question on other sites")
        verbose_name_plural = _("questions on other sites")

    def __str__(self) -> str:
        return self.version


class Answer(models.Model):
    """How many visitors answered alike in one hour: the proof of their choice, in which nobody can be recognised."""

    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name=_("question"))
    hour = models.DateTimeField(_("hour"))
    way = models.CharField(_("way"), max_length=10, choices=Way.choices)
    language = models.CharField(_("language"), max_length=12, blank=True)  # empty: answered before it was noted
    host = models.CharField(_("host"), max_length=120)
    is_accepted = models.BooleanField(_("accepted"))
    number = models.PositiveIntegerField(_("number"), default=0)

    class Meta:
        verbose_name = _("answers on other sites")
        verbose_name_plural = _("answers on other sites")
        constraints = [
            models.UniqueConstraint(
                fields=["question", "hour", "way", "language", "host", "is_accepted"], name="answers_counted_in_one_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host}: {self.number}"
