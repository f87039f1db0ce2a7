"""The screens of automations: drawn, published, followed and tried, without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.test import Client
from django.urls import reverse

from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.delivery.models import Batch
from portevoix.journeys.models import Journey, Letter, Step, Trip, Version
from portevoix.journeys.selectors.turns import LOOKS_EVERY
from portevoix.journeys.services import following, publishing
from portevoix.journeys.types import Trigger
from portevoix.people.models import Consultation, Tag
from portevoix.rights.purposes import Purpose
from tests.accounts.factories import signed_in
from tests.journeys.factories import SYSTEM, drawn, happens, published, run, step, wait
from tests.mailings.factories import deliver
from tests.people.factories import PersonFactory
from tests.segments.factories import rule, tree

pytestmark = pytest.mark.django_db
ROOT = "/gestion/automatisations/"


def page(client: Client, address: str) -> str:
    answer = client.get(ROOT + address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def post(client: Client, address: str, **said: object) -> str:
    answer = client.post(ROOT + address, said)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def test_an_automation_is_made_and_published_from_the_first_screen_to_the_last() -> None:
    client, tag = signed_in(Role.COMMUNICATIONS), Tag.objects.create(name="Accueilli")
    start = post(client, "nouvelle/", name="Bienvenue", aim="Accueillir")
    journey = Journey.objects.get()
    assert start.endswith(f"{journey.pk}/depart/")
    assert "declencheur=tag" in page(client, f"{journey.pk}/depart/")
    post(client, f"{journey.pk}/depart/", kinds=["confirmed", "signed_up"], often="again", again_days=30)
    assert "disabled" in page(client, f"{journey.pk}/")
    add = f"{journey.pk}/etapes/nouvelle/"
    assert "sorte=webhook" in page(client, add)
    page(client, add + "?sorte=wait")
    post(client, add + "?sorte=wait", wait="for", number=3, unit="days")
    page(client, add + "?apres=1&sorte=add_tag")
    post(client, add + "?apres=1&sorte=add_tag", tag=tag.pk)
    shown = page(client, f"{journey.pk}/")
    assert "Attendre 3 jours" in shown
    assert "<svg" in shown
    assert "disabled" not in re.findall(r"<button[^>]*>Publier", shown)[0]
    post(client, f"{journey.pk}/acte/publier/")
    journey.refresh_from_db()
    assert (journey.state, journey.live.again_days) == ("live", 30)  # type: ignore[union-attr]


def test_people_are_counted_at_each_step_in_the_drawing_and_in_the_table() -> None:
    version = drawn()
    wait(version, 3)
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    journey = published(version)
    for person in PersonFactory.create_batch(4):
        happens(person)
    run()
    shown = page(signed_in(Role.ORGANISER), f"{journey.pk}/")
    assert "4 ici" in shown
    assert re.search(r'data-label="Ici">4<', shown)
    assert "en cours" in page(signed_in(Role.DIRECTOR), "")


def test_a_condition_is_written_with_the_criteria_of_segments() -> None:
    client, tag = signed_in(Role.DIRECTOR), Tag.objects.create(name="Bénévole")
    version = drawn()
    base = f"{version.journey_id}/"
    where = post(client, base + "etapes/nouvelle/?sorte=condition")
    assert client.get(where)["Location"].endswith("question/etape-1/")
    address = base + "question/etape-1/"
    shown = page(client, address)
    assert "choose:t.0:tag" in shown
    assert "choose:t.0:support" not in shown  # opinions pick nobody
    chosen = client.post(ROOT + address, {"t-match": "all", "t.0-criterion": "", "act": "choose:t.0:tag"})
    assert "t.0-tag" in chosen.content.decode()
    unfinished = client.post(ROOT + address, {"t-match": "all", "t.0-criterion": "tag", "act": "save"})
    assert unfinished.status_code == 200
    post(client, address, **{"t-match": "all", "t.0-criterion": "tag", "t.0-tag": str(tag.pk), "act": "save"})
    assert Step.objects.get().said == {"tree": tree(rule("tag", tag=tag.pk))}
    assert "Bénévole" in page(client, base)


def test_whom_it_is_for_and_its_goal_are_questions_that_can_be_taken_back() -> None:
    client, tag = signed_in(Role.DIRECTOR), Tag.objects.create(name="Membre")
    version = drawn()
    said = {"t-match": "all", "t.0-criterion": "tag", "t.0-tag": str(tag.pk), "act": "save"}
    for which, field in (("pour-qui", "only"), ("but", "goal")):
        address = f"{version.journey_id}/question/{which}/"
        page(client, address)
        post(client, address, **said)
        version.refresh_from_db()
        assert getattr(version, field) == tree(rule("tag", tag=tag.pk))
        post(client, address, **{"t-match": "all", "act": "clear"})
        version.refresh_from_db()
        assert getattr(version, field) is None


def test_a_letter_is_written_with_blocks_and_seen() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    post(client, f"{version.journey_id}/etapes/nouvelle/?sorte=mail")
    address = f"{version.journey_id}/etapes/1/"
    page(client, address)
    body = {"body-count": "1", "body-0-deleted": "", "body-0-order": "0", "body-0-type": "heading", "body-0-id": ""}
    post(client, address, subject="Bonjour", preheader="", otherwise="go_on", **body, **{"body-0-value": "Bienvenue"})
    assert Letter.objects.get().subject == "Bonjour"
    assert Step.objects.get().said == {"otherwise": "go_on"}
    answer = client.get(f"{ROOT}{version.journey_id}/lettres/1/1/")
    assert "Bienvenue" in answer.content.decode()
    assert "sandbox" in answer["Content-Security-Policy"]


def test_whoever_writes_a_letter_gets_a_test_of_it_and_nobody_enters() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    written = step(version, "mail", otherwise="leave")
    address = f"{version.journey_id}/etapes/{written.key}/"
    assert f"{address}essai/" in page(client, address)
    assert post(client, f"{address}essai/").endswith(address)
    sent = deliver().sent
    assert len(sent) == 1
    assert written.letter.subject in str(message_from_bytes(sent[0].content, policy=default)["Subject"])
    assert sent[0].recipient == User.objects.get(pk=client.session["_auth_user_id"]).email
    assert Batch.objects.get().purpose == Purpose.SERVICE
    assert not Trip.objects.exists()


def test_a_letter_that_cannot_leave_is_no_test_and_says_why() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    written = step(version, "mail", otherwise="leave")
    Letter.objects.filter(step=written).update(subject="Bonjour {{ nulle_part }}")
    address = f"{version.journey_id}/etapes/{written.key}/"
    assert re.search(r"<button[^>]*disabled[^>]*>M’envoyer un essai", page(client, address))
    post(client, f"{address}essai/")
    assert "nulle_part" in page(client, address)
    assert not Batch.objects.exists()


def test_steps_are_moved_and_taken_away() -> None:
    client, version = signed_in(Role.DIRECTOR), drawn()
    first, second = wait(version, 1), wait(version, 2)
    post(client, f"{version.journey_id}/etapes/{second.key}/deplacer/", sens="haut")
    assert list(version.steps.order_by("position").values_list("key", flat=True)) == [second.key, first.key]
    post(client, f"{version.journey_id}/etapes/{first.key}/", wait="hour", at="10:00")
    assert Step.objects.get(key=first.key).said == {"wait": "hour", "at": "10:00"}
    post(client, f"{version.journey_id}/etapes/{first.key}/retrait/")
    assert version.steps.count() == 1


def test_what_is_wrong_is_said_beside_the_step_and_keeps_it_from_running() -> None:
    client, version = signed_in(Role.DIRECTOR), drawn()
    wait(version)
    assert "Rien ne suit cette attente" in page(client, f"{version.journey_id}/")
    post(client, f"{version.journey_id}/acte/publier/")
    assert Journey.objects.get().state == "draft"


def test_every_act_of_an_automation_does_its_work() -> None:
    client, version = signed_in(Role.DIRECTOR), drawn()
    step(version, "leave")
    pk = version.journey_id
    for act, state in (("publier", "live"), ("pause", "paused"), ("reprendre", "live"), ("version", "live")):
        post(client, f"{pk}/acte/{act}/")
        assert Journey.objects.get().state == state
    assert Version.objects.count() == 2
    page(client, f"{pk}/?version=1")
    post(client, f"{pk}/acte/abandonner/")
    assert Version.objects.count() == 1
    for act in ("deplacer", "reessayer", "archiver"):
        post(client, f"{pk}/acte/{act}/")
    assert Journey.objects.get().state == "archived"
    assert client.post(f"{ROOT}{pk}/acte/autre/").status_code == 404


def test_a_dry_run_is_a_reading_of_the_record_and_shows_nobody_out_of_sight() -> None:
    version = drawn()
    step(version, "mail", otherwise="leave")
    journey = published(version)
    person, stranger = PersonFactory(last_name="Kerbrat", in_rennes=True), PersonFactory(in_brest=True)
    client = signed_in(Role.ORGANISER, "35")
    assert "Kerbrat" in page(client, f"{journey.pk}/essai/?q=Kerbrat")
    shown = page(client, f"{journey.pk}/essai/?personne={person.pk}")
    assert "on ne peut pas ou ne doit pas" in shown
    assert Consultation.objects.filter(person=person).count() == 1
    assert client.get(f"{ROOT}{journey.pk}/essai/?personne={stranger.pk}").status_code == 404
    assert Trip.objects.count() == 0


def test_a_record_says_on_which_automation_somebody_is_and_lets_them_be_taken_out() -> None:
    version, person = drawn(), PersonFactory()
    wait(version, 3)
    step(version, "leave")
    published(version)
    happens(person)
    run()
    client = signed_in(Role.DIRECTOR)
    assert "Attendre 3 jours" in client.get(f"/gestion/personnes/{person.pk}/").content.decode()
    post(client, f"personnes/{Trip.objects.get().pk}/retirer/")
    assert Trip.objects.get().why == "taken_out"


def test_an_address_is_opened_and_its_secret_shown_once() -> None:
    client = signed_in(Role.DATA_OFFICER)
    page(client, "adresses/nouvelle/")
    refused = client.post(ROOT + "adresses/nouvelle/", {"name": "Outil", "url": "https://10.0.0.8/"})
    assert "réseau privé" in refused.content.decode()
    made = client.post(ROOT + "adresses/nouvelle/", {"name": "Outil", "url": "http://127.0.0.1:9/"})
    assert "ne part qu" not in made.content.decode()
    assert "montré qu’une fois" in made.content.decode()
    assert "Outil" in page(client, "adresses/")
    assert "montré" not in page(client, "adresses/")


def test_a_list_costs_no_more_with_more_automations(django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _number in range(6):
        step(drawn(), "leave")
    client = signed_in(Role.DIRECTOR)
    page(client, "")
    with django_assert_max_num_queries(25):
        page(client, "")


def test_an_automation_that_meets_a_fault_says_so_in_plain_words_on_its_page_and_in_the_list() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    wait(version)
    step(version, "add_tag", tag=Tag.objects.create(name="Accueilli").pk)
    journey = published(version)
    assert "rencontre une panne" not in page(client, "")
    following.note_fault(journey.pk, "DataError 22003 journeys/services/leading.py:120", actor=SYSTEM)
    shown = page(client, f"{journey.pk}/")
    assert "cette automatisation rencontre une panne imprévue à chaque passage" in shown
    assert "DataError 22003 journeys/services/leading.py:120" in shown
    assert "rencontre une panne" in page(client, "")
    publishing.pause(journey, actor=SYSTEM)
    assert "rencontre une panne" not in page(client, f"{journey.pk}/"), "it makes no pass"


def test_an_automation_that_runs_says_what_became_unusable_how_to_mend_it_and_whom_it_stopped() -> None:
    client, version, kept = signed_in(Role.COMMUNICATIONS), drawn(), Tag.objects.create(name="Accueilli")
    step(version, "add_tag", tag=kept.pk)
    journey, address = published(version), f"{version.journey_id}/"
    assert "Ce qui ne marche pas" not in page(client, address)
    kept.delete()
    happens(PersonFactory())
    shown = page(client, address)
    assert "L’étiquette n’existe plus" in shown
    assert "Une version publiée ne change plus" in shown
    assert "arrêtée là où" not in shown
    run()
    shown = page(client, address)
    assert "1 personne est arrêtée là où la liste des étapes compte une panne" in shown
    assert "0 ici · 1 arrêtée" in " ".join(shown.split())
    assert "reessayer" in shown
    assert "reessayer" not in page(signed_in(Role.ORGANISER), address), "who may not let them go on has no button"
    publishing.archive(journey, actor=SYSTEM)
    assert "L’étiquette n’existe plus" not in page(client, address), "nothing of it runs"


def test_an_automation_whose_question_names_what_was_deleted_says_so_and_is_not_published() -> None:
    client, kept = signed_in(Role.COMMUNICATIONS), Tag.objects.create(name="Accueilli")
    version = drawn(only=tree(rule("tag", tag=kept.pk)))
    step(version, "leave")
    assert "posez-la autrement" not in page(client, f"{version.journey_id}/")
    journey = published(version)
    kept.delete()
    shown = page(client, f"{journey.pk}/")
    assert "Pour qui\xa0: La question nomme quelque chose qui a été supprimé" in shown
    post(client, f"{journey.pk}/acte/version/")
    shown = page(client, f"{journey.pk}/")
    assert "Continuer la version 2" in shown, "what is in force leads to what is being written"
    assert "Écrire une nouvelle version" not in shown
    post(client, f"{journey.pk}/acte/publier/")
    assert journey.live_id == Journey.objects.get().live_id, "the new one is not published"


def test_the_home_page_leads_to_the_automation_that_meets_a_fault_or_stopped_people() -> None:
    version, kept = drawn(), Tag.objects.create(name="Accueilli")
    step(version, "add_tag", tag=kept.pk)
    journey, client = published(version), signed_in(Role.COMMUNICATIONS)
    kept.delete()
    happens(PersonFactory())
    run()
    address = reverse("journeys:show", args=[journey.pk])
    assert re.search(rf'href="{address}"[^>]*>\s*1 personne arrêtée', client.get("/gestion/").content.decode())
    assert "rencontre une panne" not in client.get("/gestion/").content.decode()
    following.note_fault(journey.pk, "DataError 22003 journeys/services/leading.py:120", actor=SYSTEM)
    assert f"L’automatisation «\xa0{journey.name}\xa0» rencontre une panne" in client.get("/gestion/").content.decode()


@pytest.mark.parametrize(
    ("trigger", "compares"), [("tag", True), ("segment_in", True), ("role", True), ("happened", False)]
)
def test_what_starts_an_automation_by_comparing_says_every_five_minutes(trigger: str, compares: bool) -> None:
    assert timedelta(minutes=5) == LOOKS_EVERY, "the words of the screen"
    client, tag = signed_in(Role.COMMUNICATIONS), Tag.objects.create(name="Accueilli")
    said = {"tag": tag.pk, "role": "donor", "segment": 0, "kinds": ["confirmed"]}
    version = drawn(Trigger(trigger), {name: said[name] for name in ("tag", "role", "segment", "kinds")})
    for address in (f"{version.journey_id}/", f"{version.journey_id}/depart/?declencheur={trigger}"):
        assert ("Toutes les cinq minutes" in page(client, address)) == compares


def test_becoming_a_donor_says_that_it_is_a_first_gift() -> None:
    client, version = signed_in(Role.COMMUNICATIONS), drawn()
    shown = page(client, f"{version.journey_id}/depart/?declencheur=role")
    assert "par un premier don, non à chaque don" in shown
    assert "un don de plus de quelqu’un qui l’est déjà ne démarre rien" in shown
