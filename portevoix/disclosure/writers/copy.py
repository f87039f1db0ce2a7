"""All that is held on one person, for that person: the same facts for machines (JSON) and for eyes (a page)."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils.translation import gettext

from portevoix.disclosure.types import Copy


def archive(told: Copy, *, language: str) -> IO[bytes]:
    """Return an open archive with the page, in the language now in use, the file of data, and the files held.

    It is a temporary file without a name: what is held may be larger than the memory. The caller closes it.
    """
    content = tempfile.TemporaryFile()  # noqa: SIM115
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as folder:
        name = gettext("your-data")
        folder.writestr(f"{name}.html", render_to_string("disclosure/copy.html", {"told": told, "language": language}))
        folder.writestr(f"{name}.json", as_json(told.facts))
        for held in told.files:
            with held.storage.open(held.stored) as source, folder.open(held.name, "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to)
    content.seek(0)
    return content


def as_json(facts: dict[str, Any]) -> str:
    """Return facts in a form that another product can read (RGPD art. 20)."""
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
