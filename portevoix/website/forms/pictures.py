"""Pictures at their upload: each with the words that stand for it, none that would fill the memory."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from PIL.Image import DecompressionBombError
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm


class PictureField(WagtailImageField):
    """Wagtail's field, which refuses a bomb as it does any picture of too many pixels, instead of failing."""

    def check_image_pixel_size(self, f: Any) -> None:
        try:
            super().check_image_pixel_size(f)
        except DecompressionBombError as bomb:
            # Pillow tells how many pixels it counted in words only, so the limit alone is told.
            counted = {"num_pixels": f"> {self.max_image_pixels}", "max_pixels_count": self.max_image_pixels}
            message = self.error_messages["file_too_many_pixels"] % counted
            raise ValidationError(message, code="file_too_many_pixels") from bomb


class PictureForm(BaseImageForm):
    """Wagtail's form, which asks for the words that stand for the picture."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):  # absent where many pictures are described at once
            self.fields["file"] = PictureField(label=field.label, required=field.required, widget=field.widget)
        if field := self.fields.get("description"):
            field.required = True
            field.label = _("What it shows, for who cannot see it")
