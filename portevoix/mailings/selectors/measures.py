"""What a mailing counts of its readers."""

from __future__ import annotations

from django.conf import settings

from portevoix.delivery.types import Measuring
from portevoix.mailings.models import Mailing, Measure
from portevoix.mailings.selectors.trials import trial_of


def measuring_of(mailing: Mailing) -> Measuring:
    """Return what is counted of a mailing, as it was chosen and as the instance allows."""
    trial = trial_of(mailing) if mailing.pk else None
    chosen = Measure.objects.filter(mailing=trial.mailing_id if trial else mailing.pk).first() if mailing.pk else None
    if chosen is None:
        return Measuring()
    return Measuring(opens=chosen.opens and settings.INSTANCE.mail.count_opens, people=chosen.people)
