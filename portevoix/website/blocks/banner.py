"""What the line above every page says in the languages beside the main one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

#: Signs of the sentence, and of the words of its link, in any language.
LONGEST, LONGEST_LINK = 140, 40


def other_languages() -> list[tuple[str, Any]]:
    """Return the languages that pages may have beside the main one, as choices."""
    return [(code, name) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


class BannerWordsBlock(blocks.StructBlock):
    """The sentence and its link in one language; the link leads to the page in that language."""

    language = blocks.ChoiceBlock(choices=other_languages, label=_("language"))
    text = blocks.CharBlock(label=_("sentence"), max_length=LONGEST)
    label = blocks.CharBlock(label=_("words of the link"), max_length=LONGEST_LINK, required=False)

    class Meta:
        icon = "globe"
        label = _("In another language")
        label_format = "{language} {text}"
