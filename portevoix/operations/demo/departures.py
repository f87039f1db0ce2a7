"""Letters of the demo that show how letters leave: one at its hour, one tried in two versions, one paused.

What readers would have done within hours is written down as totals; the version that won leaves by the outbox.
"""

from __future__ import annotations

import tomllib
from datetime import time, timedelta
from typing import Any

from portevoix.accounts.types import Actor, System
from portevoix.kernel import clock
from portevoix.mailings import letters
from portevoix.mailings.exceptions import MailingError
from portevoix.mailings.models import Departure, Mailing, Trial
from portevoix.mailings.services import archiving, composing, scheduling, sending, trying
from portevoix.mailings.types import Aspect, Draft, Measure, TrialPlan
from portevoix.operations.demo.mailings import HERE, the_author, the_segment
from portevoix.people.types import ContactStatus
from portevoix.segments.models import Segment

#: Clicks that each version had within its hours, link by link.
CLICKS = ((9, 3), (21, 8))
#: What came back of version A.
CAME_BACK = [("hard", "5.1.1")] * 6 + [("soft", "4.2.2")] * 3 + [("policy", "5.7.1"), ("complaint", "")]
PLAN = TrialPlan(aspect=Aspect.SUBJECT, measure=Measure.CLICKS, share=40, hours=4, is_automatic=True)


def build_departures() -> list[Mailing]:
    """Make the three letters once people, accounts and the first letters are there; return them."""
    if Departure.objects.exists() or Trial.objects.exists():
        return []
    texts = tomllib.loads((HERE / "departures.toml").read_text("utf-8"))
    names = tomllib.loads((HERE / "mailings.toml").read_text("utf-8"))
    author = the_author()
    segment = the_segment(names["segment"]["name"], author)
    made = []
    for build, key in ((_tried, "tried"), (_paused, "paused"), (_scheduled, "scheduled")):
        mailing = composing.create(_draft(texts[key], segment), actor=author)
        try:
            build(mailing, texts[key], author)
        except MailingError:
            # A campaign with few people shows drafts.
            continue
        made.append(mailing)
    return made


def _draft(words: dict[str, str], segment: Segment) -> Draft:
    stream: Any = Mailing._meta.get_field("body")
    body = stream.stream_block.to_python([{"type": "text", "value": words["text"]}])
    written = {name: words[name] for name in ("title", "subject", "preheader")}
    return Draft(**written, sender_name="L’équipe de Ricochet", body=body, segment=segment)


def _scheduled(mailing: Mailing, words: dict[str, str], author: Actor) -> None:
    at = clock.in_paris(clock.today() + timedelta(days=3), time(9, 30))
    scheduling.schedule(mailing, letters.confirmation(mailing, author), at, actor=author)


def _paused(mailing: Mailing, words: dict[str, str], author: Actor) -> None:
    sending.send(mailing, letters.confirmation(mailing, author), actor=author)
    sending.pause(mailing, actor=author)


def _come_back(mailing: Mailing) -> None:
    """Write down some bounces: those whose address nobody has are written to no more."""
    batch: Any = mailing.batch
    reached = batch.messages.filter(person__emails__is_primary=True).select_related("person").order_by("pk")
    for message, (bad, status) in zip(reached, CAME_BACK, strict=False):
        email = message.person.emails.get(is_primary=True)
        batch.bounces.create(message=message, person=message.person, email=email, bad=bad, status=status)
        if bad == "hard":
            email.status = ContactStatus.BOUNCING
            email.save(update_fields=["status"])


def _tried(mailing: Mailing, words: dict[str, str], author: Actor) -> None:
    trying.plan(mailing, PLAN, actor=author)
    trial = Trial.objects.get(mailing=mailing)
    other = trial.versions.get(place=1).mailing
    words_of_b: dict[str, Any] = {name: getattr(other, name) for name in ("title", "preheader", "sender_name", "body")}
    words_of_b |= {"subject": words["other_subject"], "segment": other.segment}
    composing.edit(other, Draft(**words_of_b), actor=author)
    archiving.publish(mailing, is_listed=True, is_indexed=True, actor=author)
    began = clock.now() - timedelta(hours=PLAN.hours + 1)
    with clock.stopped_at(began):
        sending.send(mailing, letters.confirmation(mailing, author), actor=author)
    for version, clicks in zip(trial.versions.select_related("mailing__batch"), CLICKS, strict=True):
        batch: Any = Mailing.objects.get(pk=version.mailing_id).batch
        batch.messages.update(state="sent", done_at=began + timedelta(minutes=2))
        links = batch.links.filter(target__contains="ricochet.example/car").order_by("number")
        for link, count in zip(links, clicks, strict=True):
            batch.links.filter(pk=link.pk).update(clicks=count)
    _come_back(Mailing.objects.get(pk=mailing.pk))
    trying.decide_by_totals(trial, actor=System("demo"))
