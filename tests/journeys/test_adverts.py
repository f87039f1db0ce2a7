"""What an automation writes as a political advertisement (regulation (EU) 2024/900): label, notice, and to whom."""

from __future__ import annotations

from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from portevoix.accounts.types import Role
from portevoix.delivery.models import Batch, Message
from portevoix.journeys import letters, selectors, tasks
from portevoix.journeys.exceptions import NotPossible
from portevoix.journeys.models import Step, StepAdvert
from portevoix.journeys.services import advertising, designing
from portevoix.journeys.types import Trigger
from portevoix.kernel import clock
from portevoix.mailings.models import Notice
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Advertising, Basis, Purpose
from tests.accounts.factories import signed_in
from tests.delivery.operator import TUESDAY, Telephones, configure, textable
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step
from tests.mailings.adverts import declared
from tests.mailings.factories import deliver
from tests.mailings.screens import words
from tests.people.factories import reachable
from tests.segments.factories import SegmentFactory, rule, tree

pytestmark = pytest.mark.django_db


def advertised(trigger: Trigger = Trigger.HAPPENED, said: Any = None, kind: str = "mail", **settings: Any) -> Step:
    version = drawn(trigger, said, **settings)
    more = {"words": "Ricochet : à jeudi !"} if kind == "text" else {}
    made = step(version, kind, otherwise="leave", **more)
    advertising.declare_advert(made, declared(), actor=SYSTEM)
    return Step.objects.select_related("version__journey", "letter", "advert").get(pk=made.pk)


def agreeing(person: Person) -> Person:
    rights.give(person, Purpose.TARGETING, basis=Basis.CONSENT, evidence={}, source="tests", actor=SYSTEM)
    return person


EVERYBODY = {"on": "2030-01-01", "hour": 9}


def test_only_a_day_for_a_place_or_a_language_is_no_targeting() -> None:
    french = tree(rule("language", language="fr"))
    women = tree(rule("gender", gender="F"))
    day = Trigger.DAY
    assert selectors.advertising_of(step(drawn(), "mail")) == Advertising.NONE
    assert selectors.advertising_of(advertised(day, EVERYBODY)) == Advertising.GENERAL
    assert selectors.advertising_of(advertised(day, EVERYBODY, only=french)) == Advertising.GENERAL
    assert selectors.advertising_of(advertised(day, EVERYBODY, only=women)) == Advertising.TARGETED
    assert selectors.advertising_of(advertised(day, EVERYBODY, goal=women)) == Advertising.TARGETED
    assert selectors.advertising_of(advertised()) == Advertising.TARGETED
    segment = SegmentFactory(tree=french)
    assert selectors.advertising_of(advertised(Trigger.SEGMENT_IN, {"segment": segment.pk})) == Advertising.TARGETED
    made = advertised(day, EVERYBODY)
    step(made.version, "condition", tree=women)
    assert selectors.advertising_of(made) == Advertising.TARGETED
    named = advertised(day, EVERYBODY)
    assert named.words is not None
    named.words.subject = "{{ si first_name }}Cher {{ first_name }}{{ fin }}"
    assert selectors.advertising_of(named) == Advertising.TARGETED


def test_a_letter_that_a_segment_starts_goes_only_to_who_agreed_to_be_chosen_and_is_old_enough() -> None:
    born = date(1980, 5, 17)
    segment = SegmentFactory(tree=tree(rule("language", language="fr")))
    published(advertised(Trigger.SEGMENT_IN, {"segment": segment.pk, "present": True}).version)
    willing = agreeing(reachable("oui@mail.example", born_on=born, language="fr"))
    reachable("non@mail.example", born_on=born, language="fr")
    agreeing(reachable("jeune@mail.example", born_on=clock.today() - timedelta(days=5000), language="fr"))
    agreeing(reachable("inconnu@mail.example", language="fr"))
    run(minutes=10)
    assert list(Message.objects.values_list("person", flat=True)) == [willing.pk]
    assert Batch.objects.get().advertising == Advertising.TARGETED
    rights.withdraw(willing, [Purpose.TARGETING], evidence={}, source="tests", actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(state="sending")


def test_the_letter_says_at_its_head_what_it_is_and_that_a_machine_writes() -> None:
    made = advertised()
    published(made.version)
    happens(agreeing(reachable("oui@mail.example", born_on=date(1980, 5, 17))))
    run()
    message = message_from_bytes(deliver().sent[0].content, policy=policy.default)
    said = [part.get_content() for part in message.iter_parts()]  # type: ignore[attr-defined]
    assert all("Publicité politique" in one and "Liste des Ondes" in one for one in said)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"]
    notice = Notice.objects.get()
    assert notice.code == made.declared.code  # type: ignore[union-attr]
    assert f"publicites/{notice.code}" in {
        link.target.split("example/")[1][:-1] for link in Batch.objects.get().links.all()
    }


def test_a_text_of_an_automation_says_what_it_is(settings: Any, campaign: None) -> None:
    with Telephones() as telephones, clock.stopped_at(TUESDAY):
        configure(settings, telephones)
        made = advertised(kind="text")
        published(made.version)
        willing = agreeing(textable(born_on=date(1980, 5, 17)))
        other = textable(born_on=date(1980, 5, 17))
        happens(willing)
        happens(other)
        run(TUESDAY)
        assert list(Message.objects.values_list("person", flat=True)) == [willing.pk]
        assert Batch.objects.get().text.startswith("Publicité politique ciblée de Liste des Ondes. Ricochet")
        assert Notice.objects.get().content["channel"] == "sms"


def test_its_notice_is_public_from_its_publication_and_tells_how_many_it_reached() -> None:
    made = advertised()
    assert not Notice.objects.exists()
    published(made.version)
    notice = Notice.objects.get()
    told = notice.content
    assert (told["channel"], told["targeting"]["used"], told["reach"]) == ("email", True, {"people": None})
    assert "adresse" in told["targeting"]["logic"]
    assert notice.kept_until >= date(2033, 12, 15)
    assert "Liste des Ondes" in Client().get(f"/publicites/{notice.code}/").content.decode()
    happens(agreeing(reachable("oui@mail.example", born_on=date(1980, 5, 17))))
    run()
    deliver()
    tasks.renew_notices()
    tasks.renew_notices()
    assert [one.content["reach"]["people"] for one in Notice.objects.order_by("version")] == [None, 1]


def test_what_a_published_version_declares_changes_no_more_and_a_new_version_has_its_own_notice() -> None:
    made = advertised()
    journey = published(made.version)
    with pytest.raises(NotPossible):
        advertising.declare_advert(made, declared(sponsor="Autre"), actor=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        StepAdvert.objects.update(sponsor="Autre")
    other = designing.begin_version(journey, actor=SYSTEM)
    copied = StepAdvert.objects.get(step__version=other)
    assert copied.sponsor == "Liste des Ondes"
    assert copied.code != made.declared.code  # type: ignore[union-attr]
    published(other)
    assert Notice.objects.count() == 2


def test_declaring_it_changes_what_a_second_person_reads() -> None:
    version = drawn()
    made = step(version, "mail", otherwise="leave")
    before = letters.digest(version)
    advertising.declare_advert(made, declared(), actor=SYSTEM)
    assert letters.digest(version) != before


def test_it_is_declared_and_taken_back_on_its_screen() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    made = step(version, "mail", otherwise="leave")
    address = f"/gestion/automatisations/{version.journey_id}/etapes/{made.key}/"
    assert "déclarer publicité" in words(client.get(address))
    assert client.get(f"/gestion/automatisations/{version.journey_id}/etapes/9/annonce/").status_code == 404
    client.get(address + "annonce/")
    said = {name: value for name, value in vars(declared()).items() if value is not None}
    client.post(address + "annonce/", said)
    assert "est une publicité politique" in words(client.get(address))
    preview = client.get(f"/gestion/automatisations/{version.journey_id}/lettres/1/{made.key}/").content.decode()
    assert "Publicité politique" in preview
    client.get(address + "annonce/")
    client.post(address + "annonce/", {"withdraw": "1"})
    assert not StepAdvert.objects.exists()
