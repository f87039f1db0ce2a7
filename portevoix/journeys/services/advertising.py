"""Commands on what automations write as political advertisements: declare it, and keep its public notice in force."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.journeys import selectors
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Journey, Step, StepAdvert, Version
from portevoix.journeys.types import DESIGNERS, WRITES
from portevoix.mailings.models import new_code
from portevoix.mailings.services import advertising
from portevoix.mailings.types import Declaration


@command(
    "journeys.declare_advert",
    label=_("Declare what an automation writes a political advertisement"),
    roles=DESIGNERS,
    nationwide=True,
)
def declare_advert(step: Step, declared: Declaration, *, actor: Actor) -> StepAdvert:
    """Mark what a step writes as a political advertisement, or say otherwise what it declares. Raises NotPossible."""
    kept = _written(step)
    code = getattr(kept.declared, "code", None) or new_code()
    facts = {name: getattr(declared, name) for name in Declaration.__dataclass_fields__}
    advert, _made = StepAdvert.objects.update_or_create(step=kept, defaults={**facts, "code": code})
    note(about=kept.version.journey, count=1, step=kept.key, code=advert.code)
    return advert


@command(
    "journeys.withdraw_advert",
    label=_("Say that what an automation writes is no political advertisement"),
    roles=DESIGNERS,
    nationwide=True,
)
def withdraw_advert(step: Step, *, actor: Actor) -> None:
    """Take the mark away. Raises NotPossible."""
    kept = _written(step)
    gone, _rows = StepAdvert.objects.filter(step=kept).delete()
    note(about=kept.version.journey, count=gone, step=kept.key)


def _written(step: Step) -> Step:
    Journey.objects.locked(step.version.journey_id)
    steps = Step.objects.select_related("version__journey", "advert").filter(version__published_at=None)
    kept = steps.filter(pk=step.pk, kind__in=WRITES).first()
    if kept is None:
        raise NotPossible(gettext("This version is published: it changes no more. Write a new one."))
    return kept


@command("journeys.publish_notices", label=_("Publish the notices of what an automation advertises"), roles=DESIGNERS)
def publish_notices(version: Version, *, actor: Actor) -> int:
    """Publish the notice of each advertisement of a version, or how many it reached; return how many were news."""
    steps = version.steps.filter(advert__isnull=False).select_related("advert__election", "letter", "version")
    told = [advertising.publish_facts(one.advert, selectors.told_of(one), actor=actor) for one in steps]
    news = sum(one is not None for one in told)
    note(about=version.journey, count=news, number=version.number)
    return news
