"""What Wagtail's page shows around a screen about one message."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from portevoix.mailings.models import Mailing


def furniture(request: HttpRequest, mailing: Mailing | None, title: str) -> dict[str, Any]:
    """Return the title, the way back and the icon of a screen."""
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": gettext("Home")},
        {"url": reverse("mailings:index"), "label": gettext("Messages")},
    ]
    if mailing is not None:
        crumbs.append({"url": reverse("mailings:edit", args=[mailing.pk]), "label": mailing.title})
    crumbs.append({"url": "", "label": title})
    return {
        "mailing": mailing,
        "header_title": f"{title} : {mailing.title}" if mailing else title,
        "screen": title,
        "header_icon": "mail",
        "breadcrumbs_items": crumbs,
    }
