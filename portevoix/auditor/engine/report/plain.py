"""JSON and its schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from portevoix.auditor.engine.types import Report


@dataclass(frozen=True, slots=True)
class Site:
    """A site of an observatory, as last audited."""

    url: str
    name: str
    report: Report


SITES: TypeAdapter[list[Site]] = TypeAdapter(list[Site])
REPORT: TypeAdapter[Report] = TypeAdapter(Report)
#: The published schema; a test keeps it equal to the types.
SCHEMA = Path(__file__).with_name("report.schema.json")


def as_json(report: Report) -> str:
    """Return a report as JSON."""
    return REPORT.dump_json(report, indent=1).decode("utf-8") + "\n"


def read(text: str | bytes) -> Report:
    """Read a report back."""
    return REPORT.validate_json(text)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of reports (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portevoix audit",
        **REPORT.json_schema(mode="serialization"),
    }


def schema_text() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def observatory_schema_text() -> str:
    """Return the schema of an observatory's file: a line a site, with its latest report."""
    return (
        json.dumps(
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "portevoix audit, observatory",
                **SITES.json_schema(mode="serialization"),
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )
