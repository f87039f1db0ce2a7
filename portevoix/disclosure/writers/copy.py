"""All that is held on one person, for that person: the same facts for machines (JSON) and for eyes (a page)."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.translation import gettext

from portevoix.disclosure.types import Copy


def archive(told: Copy, *, language: str) -> bytes:
    """Return an archive with the page, in the language now in use, and the file of data."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        name = gettext("your-data")
        folder.writestr(f"{name}.html", render_to_string("disclosure/copy.html", {"told": told, "language": language}))
        folder.writestr(f"{name}.json", as_json(told.facts))
    return content.getvalue()


def as_json(facts: dict[str, Any]) -> str:
    """Return facts in a form that another product can read (RGPD art. 20)."""
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
