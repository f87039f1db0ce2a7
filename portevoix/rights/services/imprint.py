"""What the law has a campaign say of itself."""

from __future__ import annotations

from dataclasses import asdict

from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.rights.models import Imprint
from portevoix.rights.types import LegalFacts
from portevoix.territory.models import Election


@command(
    "rights.declare_imprint",
    label=_("Say who publishes and who answers"),
    roles={Role.DIRECTOR, Role.COMMUNICATIONS},
    nationwide=True,
)
def declare_imprint(facts: LegalFacts, *, election: Election | None = None, actor: Actor) -> Imprint:
    """Keep the facts of the legal notice. Raises ValidationError for what is no address or no choice.

    What is still unknown may be empty: the site opens once nothing that the law wants is missing.
    """
    kept, _made = Imprint.objects.select_for_update().get_or_create(pk=Imprint.ONLY)
    said = {name: value.strip() for name, value in asdict(facts).items() if name != "election"}
    changed = sorted(name for name, value in said.items() if getattr(kept, name) != value)
    if kept.election != election:
        changed.append("election")
    for name, value in said.items():
        setattr(kept, name, value)
    kept.election = election
    kept.full_clean()
    kept.save()
    note(about=kept, changed=changed)
    return kept
