"""Videos and sounds that the instance keeps: whoever cannot hear reads the captions, whoever cannot see, the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import RichTextField
from wagtail.models import TranslatableMixin
from wagtail.search import index

from portevoix.website import freshness
from portevoix.website.rules.files import MOST_BYTES, fault_of_captions, kind_of_recording, type_of
from portevoix.website.rules.traces import blank_traces

FOLDER = "recordings"


class Recording(TranslatableMixin, index.Indexed, models.Model):
    """A video or a sound. A video has captions; both have a text, since a sound alone says nothing to the deaf."""

    title = models.CharField(_("title"), max_length=120)
    file = models.FileField(
        _("file"), upload_to=FOLDER, help_text=_("MP4 or WebM; MP3, M4A, Ogg or Opus. 500 MB at most.")
    )
    poster = models.ForeignKey(
        "website.Picture",
        verbose_name=_("picture shown before it plays"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    captions = models.FileField(
        _("captions"),
        upload_to=FOLDER,
        blank=True,
        help_text=_("A WebVTT file (.vtt) with all that is said and heard. A video without it is refused."),
    )
    transcript = RichTextField(
        _("text"),
        features=["bold", "italic", "link"],
        blank=True,
        help_text=_("All that is said. A sound without it is refused."),
    )

    panels = [
        FieldPanel("title"),
        FieldPanel("file"),
        FieldPanel("poster"),
        MultiFieldPanel(
            [FieldPanel("captions"), FieldPanel("transcript")], _("For who cannot hear, or prefers to read")
        ),
    ]
    search_fields = [index.SearchField("title"), index.AutocompleteField("title")]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("recording")
        verbose_name_plural = _("videos and sounds")

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_fresh = bool(self.file) and not getattr(self.file, "_committed", True)  # Django's own mark
        super().save(*args, **kwargs)
        if is_fresh and type_of(self.file.name or "").endswith("/mp4"):
            with Path(self.file.path).open("r+b") as film:
                blank_traces(film)
        freshness.announce_rows()

    @property
    def media_type(self) -> str:
        return type_of(self.file.name or "")

    @property
    def is_video(self) -> bool:
        return self.media_type.startswith("video/")

    def clean(self) -> None:
        """Refuse what is not what its name says, and what some could neither hear nor read."""
        super().clean()
        faults: dict[str, Any] = {}
        if self.file and (fault := _fault_of_file(self.file)):
            faults["file"] = fault
        elif self.file and self.is_video and not self.captions:
            faults["captions"] = _("A video needs captions: who cannot hear it would be left out.")
        elif self.file and not self.is_video and not self.transcript:
            faults["transcript"] = _("A sound needs its text: who cannot hear it would be left out.")
        if self.captions and (fault := _fault_of_captions(self.captions)):
            faults["captions"] = fault
        if faults:
            raise ValidationError(faults)


def _fault_of_file(file: Any) -> Any:
    fresh = getattr(file, "_file", None)
    if not isinstance(fresh, UploadedFile):
        return None  # kept already, and judged then
    if (fresh.size or 0) > MOST_BYTES:
        return _("This file is larger than 500 MB.")
    head = fresh.read(8192)
    fresh.seek(0)
    if kind_of_recording(fresh.name or "", head) is None:
        return _("This file is not what its name says: an MP4, WebM, MP3, M4A, Ogg or Opus file is expected.")
    return None


def _fault_of_captions(file: Any) -> Any:
    fresh = getattr(file, "_file", None)
    if not isinstance(fresh, UploadedFile):
        return None
    words = fresh.read(2 * 1024 * 1024)
    fresh.seek(0)
    return fault_of_captions(fresh.name or "", words)
