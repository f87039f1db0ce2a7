"""What visitors answer about other sites."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor
from portevoix.kernel import clock
from portevoix.website.models import ForeignUse, Question
from portevoix.website.rules import choices
from portevoix.website.types import Way
from portevoix.website.wording import question_words

# One row an hour for all who answered alike: it proves that the question was asked and answered, and points to nobody.
COUNT = """
INSERT INTO website_answer (question_id, hour, way, language, host, is_accepted, number)
SELECT %(question)s, %(hour)s, %(way)s, %(language)s, host, host = ANY(%(accepted)s), 1
FROM unnest(%(hosts)s::text[]) AS host
ON CONFLICT (question_id, hour, way, language, host, is_accepted) DO UPDATE SET number = website_answer.number + 1
"""


@command("website.answer", label=_("Answer about content of other sites"), visitors=True)
def answer(
    accepted: Collection[str], *, answered: Collection[str], about: Sequence[ForeignUse], way: Way, actor: Actor
) -> None:
    """Count a visitor's answer about these sources; the answer itself is kept by their browser alone.

    Only the hosts that were ``answered`` are counted: whoever lets one film in has not refused the others. What is
    accepted and not asked about is left out: a page may have been withdrawn since the visitor read it.
    """
    asked = {source.host for source in about}
    kept, hosts = sorted(set(accepted) & asked), sorted(set(answered) & asked)
    words = question_words(about)
    version = choices.version_of(asked, words)
    Question.objects.get_or_create(version=version, defaults={"words": words, "first_asked_at": clock.now()})
    with connection.cursor() as cursor:
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        values: dict[str, Any] = {"question": version, "hour": hour, "way": way.value, "hosts": hosts, "accepted": kept}
        values["language"] = get_language()
        cursor.execute(COUNT, values)
    note(count=len(kept))
