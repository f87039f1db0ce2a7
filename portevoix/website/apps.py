from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebsiteConfig(AppConfig):
    name = "portevoix.website"
    label = "website"
    verbose_name = _("Public site")

    def ready(self) -> None:
        from wagtail.signals import page_published, page_unpublished

        from portevoix.website import freshness

        freshness.watch_pages()
        page_published.connect(_shows, dispatch_uid="website.foreign.published")
        page_unpublished.connect(_shows_no_more, dispatch_uid="website.foreign.unpublished")
        for signal in (page_published, page_unpublished):
            signal.connect(_is_audited, dispatch_uid=f"website.audited.{id(signal)}")


def _is_audited(**_: Any) -> None:
    from portevoix.auditor import tasks

    tasks.after_publication()


def _shows(instance: Any, **_: Any) -> None:
    from portevoix.website.models import ForeignUse

    ForeignUse.follow(instance)


def _shows_no_more(instance: Any, **_: Any) -> None:
    from portevoix.website.models import ForeignUse

    ForeignUse.forget(instance)
