"""The step that sends a text message: by the same gate, hours and ways out as any text to many."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.conf import settings
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.types import Actor
from portevoix.delivery.exceptions import LetterError
from portevoix.delivery.selectors import texting as outbox
from portevoix.delivery.services import texting
from portevoix.journeys import letters, selectors
from portevoix.journeys.exceptions import CannotAct
from portevoix.journeys.models import Step
from portevoix.journeys.services.acts import Writes
from portevoix.journeys.types import ACTIONS, TEXT, Did
from portevoix.kernel import clock
from portevoix.mailings.selectors import texts
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose


class SendText(Writes):
    """Send a text to those who agreed to texts and have a mobile number, as the gate says at that very moment.

    The outbox keeps it for the hours at which texts may arrive where its reader lives, and for the end of silence.
    """

    key = TEXT
    label = _("Send a text message")
    icon = "mobile-alt"
    rank = 11

    def fields(self, actor: Actor) -> dict[str, forms.Field]:
        words = forms.CharField(
            label=_("Message"), max_length=letters.LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6})
        )
        return {
            "words": words,
            "otherwise": self.otherwise(
                _("Whoever did not agree to text messages, or has no mobile number that works")
            ),
        }

    def sentence(self, step: Step) -> str:
        return gettext("Text message: “%(words)s”") % {"words": step.said.get("words") or gettext("no words yet")}

    def faults(self, step: Step) -> list[str]:
        wrong = letters.text_fault(step)
        return [wrong] if wrong else []

    def do(self, step: Step, people: Sequence[int], *, actor: Actor) -> Did:
        audience = _admitted(step, people)
        reached = set(audience.grounds.values_list("person_id", flat=True))
        if reached:
            try:
                texting.send_texts(letters.text_of(step), audience, about=step, actor=actor)
            except LetterError as error:
                raise CannotAct(str(error)) from error
        return self.did(step, people, reached)

    def foresee(self, step: Step, person_id: int, at: datetime) -> tuple[bool, str]:
        if not _admitted(step, [person_id]).count():
            if self.leaves(step):
                return False, gettext("No text message: they may not, or cannot, be texted. They leave here.")
            return False, gettext("No text message: they may not, or cannot, be texted. They go on.")
        person = Person.objects.filter(pk=person_id)
        parts = texts.counted(letters.text_of(step).words, person).parts
        cost = number_format(math.ceil(parts * settings.INSTANCE.sms.price_cents) / 100, decimal_pos=2)
        words = ngettext("%(text)s. %(n)d part, %(cost)s €.", "%(text)s. %(n)d parts, %(cost)s €.", parts)
        said = words % {"text": self.sentence(step), "n": parts, "cost": cost}
        if (arrives := outbox.may_arrive_at(person_id, at)) <= at:
            return True, said
        moment = date_format(localtime(arrives, clock.PARIS), "DATETIME_FORMAT")
        waits = gettext("It waits for the hours at which texts may arrive: %(moment)s.") % {"moment": moment}
        return True, f"{said} {waits}"


def _admitted(step: Step, people: Sequence[int]) -> gate.Audience:
    chosen = Person.objects.filter(pk__in=list(people))
    advertising = selectors.advertising_of(step)
    return gate.admit(chosen, purpose=Purpose.TEXTS, channel=Channel.SMS, advertising=advertising)


ACTIONS.add(SendText.key, SendText())
