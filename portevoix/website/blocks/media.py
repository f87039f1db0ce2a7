"""Videos and sounds that the instance keeps itself."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock


class RecordingBlock(blocks.StructBlock):
    """A video or a sound of ours, with its captions and its text."""

    recording = SnippetChooserBlock("website.Recording", label=_("recording"))
    caption = blocks.CharBlock(label=_("caption"), required=False, max_length=200)

    class Meta:
        icon = "media"
        label = _("Video or sound of ours")
        template = "website/blocks/recording.html"
