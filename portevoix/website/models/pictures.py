"""Pictures: Wagtail's, told to announce their changes, since pages that show them are cached."""

from __future__ import annotations

from typing import Any

from django.core.files.base import ContentFile, File
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image

from portevoix.website import freshness
from portevoix.website.rules.traces import without_traces


class Picture(AbstractImage):
    """A picture of the campaign; its description is the alternative text offered wherever it is placed."""

    admin_form_fields = Image.admin_form_fields

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        permissions = [("choose_image", "Can choose image")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        freshness.announce_rows()

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        deleted = super().delete(*args, **kwargs)
        freshness.announce_rows()
        return deleted

    def generate_rendition_file(self, filter: Any, *, source: Any = None) -> File[bytes]:
        """Make what everybody may fetch: Willow copies into it where the picture was taken, and with what."""
        with super().generate_rendition_file(filter, source=source) as made:
            made.seek(0)
            return ContentFile(without_traces(made.read()), name=made.name)

    def get_rendition(self, filter: Any) -> Any:
        return _whole(super().get_rendition(filter))

    def get_renditions(self, *filters: Any) -> Any:
        return {name: _whole(rendition) for name, rendition in super().get_renditions(*filters).items()}


def _whole(rendition: Any) -> Any:
    """A drawing just made has fractions of pixels, which no attribute of HTML may have."""
    rendition.width, rendition.height = round(rendition.width), round(rendition.height)
    return rendition


class Rendition(AbstractRendition):
    """A picture at the size a page shows it."""

    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = (("image", "filter_spec", "focal_point_key"),)
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
