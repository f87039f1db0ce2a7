"""Pictures, videos and sounds given out before now say no longer where they were taken.

They are silenced in their places: letters sent lead to these very addresses.
"""

import os
from pathlib import Path
from typing import Any

from django.db import migrations

from portevoix.website.rules.traces import blank_traces, without_traces


def silence(apps: Any, schema_editor: Any) -> None:
    for made in apps.get_model("website", "Rendition").objects.filter(file__iregex=r"\.(jpe?g|png)$").iterator():
        path = Path(made.file.path)
        if not path.is_file():
            continue
        told = path.read_bytes()
        if (plain := without_traces(told)) != told:
            _replace(path, plain)
    for film in apps.get_model("website", "Recording").objects.filter(file__iregex=r"\.(mp4|m4a)$").iterator():
        path = Path(film.file.path)
        if path.is_file():
            with path.open("r+b") as file:
                blank_traces(file)


def _replace(path: Path, content: bytes) -> None:
    """Write a file that nobody can find half written."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.chmod(path.stat().st_mode)
    os.replace(part, path)


class Migration(migrations.Migration):
    dependencies = [("website", "0011_search_without_accents")]

    operations = [migrations.RunPython(silence, migrations.RunPython.noop)]
