"""Who publishes, who answers and who hosts, from the campaign's own row and the instance's file."""

from __future__ import annotations

from django.conf import settings

from portevoix.rights.models import Imprint
from portevoix.rights.rules import imprint as rules
from portevoix.rights.types import LegalFacts


def legal_facts() -> LegalFacts:
    """Return what the law has the campaign say of itself and of its host: one query."""
    row = Imprint.objects.filter(pk=Imprint.ONLY).values(*LEGAL_COLUMNS, "election__name").first() or {}
    election = row.pop("election__name", None) or ""
    return rules.put_together(file_facts(), {**row, "election": election})


def file_facts() -> dict[str, str]:
    """Return what the host wrote in the instance's file."""
    file = settings.INSTANCE.legal
    return {name: str(getattr(file, name)) for name in type(file).model_fields}


def imprint() -> Imprint:
    """Return the campaign's row as it is edited, filled from the file where the campaign has said nothing yet."""
    found = Imprint.objects.filter(pk=Imprint.ONLY).first()
    if found is not None:
        return found
    file = file_facts()
    return Imprint(pk=Imprint.ONLY, **{name: file[name] for name in LEGAL_COLUMNS if name in file})


def label_of(name: str) -> str:
    """Return what a fact is called."""
    return str(Imprint._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


LEGAL_COLUMNS = tuple(name for name in LegalFacts.__dataclass_fields__ if name != "election")
