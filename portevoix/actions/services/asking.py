"""The letter that asks to confirm a form (double opt-in): one for all who wait, each reader with their own link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.actions.letters import confirming
from portevoix.actions.models import Participation
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.delivery.types import MERGE_FIELDS, MergeField, Recipient
from portevoix.intake.links import confirmation_token
from portevoix.intake.models import Submission
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose

#: Letters that anyone can have sent to an address by filling in a form, at most, in a day.
MOST_LETTERS_A_DAY = 3
#: Who is written to at once.
MOST_AT_ONCE = 1000
LINK = "{{ confirmation_url }}"

# Of a person who sent several forms, the first now and the others in the next letters.
DUE = """
SELECT DISTINCT ON (taken.person_id) taken.id, taken.person_id, sent.language, (
    SELECT count(*) FROM intake_submission AS other WHERE other.person_id = taken.person_id
    AND other.id <= sent.id AND other.created_at > sent.created_at - interval '1 day'
) > %s
FROM (SELECT * FROM actions_participation WHERE is_letter_due ORDER BY id LIMIT %s) AS taken
JOIN intake_submission AS sent ON sent.id = taken.submission_id
ORDER BY taken.person_id, taken.id
"""


@command("actions.ask_to_confirm", label=_("Ask by letter to confirm a form"))
def ask_to_confirm(*, actor: Actor) -> int:
    """Write to those whose form waits for the letter that asks to confirm it; return how many forms wait no more.

    Who was written to often enough today gets none: anybody may write anybody's address in a form. What cannot be
    written is due still, and nothing is lost: LetterError.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, [MOST_LETTERS_A_DAY, MOST_AT_ONCE])
        due = cursor.fetchall()
    people = Person.objects.filter(pk__in=[person for _pk, person, _language, _enough in due])
    # The persons before their rows, as everywhere.
    list(people.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
    by_language: dict[str, dict[int, int]] = defaultdict(dict)
    for pk, person, language, has_had_enough in due:
        if not has_had_enough:
            by_language[language][pk] = person
    for language, forms in by_language.items():
        _ask(forms, language, actor)
    settled = Participation.objects.filter(pk__in=[pk for pk, *_rest in due]).update(is_letter_due=False)
    note(count=settled)
    return settled


def _ask(forms: dict[int, int], language: str, actor: Actor) -> None:
    """Write to whoever sent ``forms``, participations and their persons."""
    with translation.override(language):
        facts = confirming(LINK)
    letter = letters.write("actions.confirm", {}, facts, language=language)
    people = Person.objects.filter(pk__in=forms.values())
    audience = gate.admit(people, purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    batch = delivery.send(letter, audience, actor=actor)
    Participation.objects.filter(pk__in=forms).update(letter=batch)


def _confirmation_urls(recipients: Sequence[Recipient]) -> list[str]:
    """Return each reader's own link; whose form is gone is led to where the campaign tells what it holds."""
    before, after = (settings.BASE_URL + reverse("actions:confirm", args=["-"])).rsplit("-", 1)
    asked = Participation.objects.filter(
        letter__messages__in=[one.message_id for one in recipients], person=F("letter__messages__person")
    )
    forms = dict(asked.values_list("letter__messages", "submission"))
    otherwise = settings.BASE_URL + reverse("actions:my_data")
    return [
        before + confirmation_token(Submission(pk=forms[one.message_id])) + after
        if one.message_id in forms
        else otherwise
        for one in recipients
    ]


MERGE_FIELDS.add(
    "confirmation_url",
    MergeField(_("link that confirms a form"), "#", _confirmation_urls, is_always_known=True, is_of_requests=True),
)
