"""Videos and sounds in the back office: only who may keep them may choose among them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponseBase
from wagtail.admin.auth import any_permission_required
from wagtail.snippets.views.chooser import SnippetChooserViewSet
from wagtail.snippets.views.snippets import SnippetViewSet

from portevoix.website.models import Recording

ACTS = [f"website.{act}_recording" for act in ("add", "change", "delete", "view")]


class RecordingChooser(SnippetChooserViewSet):
    """Wagtail's chooser of snippets asks for no right: it would tell all of the team what is not published yet."""

    def construct_view(self, view_class: type, **kwargs: Any) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = any_permission_required(*ACTS)(
            super().construct_view(view_class, **kwargs)
        )
        return view


class RecordingScreens(SnippetViewSet):
    model = Recording
    chooser_viewset_class = RecordingChooser
