"""What visitors can do on the demo's site, and what some of its people did: from actions.toml."""

from __future__ import annotations

import json
import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from wagtail.models import Page

from portevoix.accounts.types import System, Visitor
from portevoix.actions import models, services
from portevoix.actions.models import ActionPage, Enquiry, Participation
from portevoix.actions.services import inbox
from portevoix.actions.types import Filled
from portevoix.intake.links import confirmation_token
from portevoix.intake.types import SignUp
from portevoix.kernel import clock
from portevoix.people.models import Person
from portevoix.people.types import ContactStatus
from portevoix.rights.purposes import Purpose
from portevoix.territory.models import Election
from portevoix.website.models import HomePage

HERE = Path(__file__).parent
STREAMS = ("questions", "representatives")
NOT_FIELDS = {*STREAMS, "type", "in_days"}
#: How many of the demo's people answer the survey.
ANSWERS = 64


def build_action_pages() -> list[ActionPage]:
    """Make the pages under the demo's home page, but for those that are there, or need an election and find none."""
    home = HomePage.objects.order_by("pk").first()
    if home is None:
        return []
    made = []
    for entry in _texts()["page"]:
        model: type[ActionPage] = getattr(models, entry["type"])
        election = Election.objects.order_by("first_round_on").first() if hasattr(model, "election") else None
        if model.objects.exists() or (hasattr(model, "election") and election is None):
            continue
        fields = {name: value for name, value in entry.items() if name not in NOT_FIELDS}
        if election is not None:
            fields["election"] = election
        if "in_days" in entry:
            day = clock.today() + timedelta(days=entry["in_days"])
            fields["starts_at"] = datetime.combine(day, time(19, 30), clock.PARIS)
        made.append(_published(Page.objects.get(pk=home.pk), model(**fields), entry))
    return made


def build_actions() -> int:
    """Let some of the demo's people take part, each confirmed; return how many parts there are. Done once."""
    texts, pages = _texts(), {type(page): page for page in build_action_pages()}
    if models.SurveyPage not in pages or Enquiry.objects.exists():
        return 0
    confirmed = Person.objects.filter(emails__is_primary=True, emails__status=ContactStatus.VERIFIED)
    people = list(confirmed.exclude(last_name="").order_by("pk").distinct()[: ANSWERS + 40])
    for number, person in enumerate(people[:ANSWERS]):
        _takes_part(person, pages[models.SurveyPage], _answers(pages[models.SurveyPage], number, texts["survey"]))
    for number, person in enumerate(people[-20:]):
        _takes_part(person, pages[models.EventPage], {"q_guests": str(number % 3)})
    volunteers = pages[models.VolunteerPage]
    asked = {question.key: question.choices for question in volunteers.asked}
    for number, person in enumerate(people[5:14]):
        skills = list(asked["q_skills"][number % 3 : number % 3 + 2])
        _takes_part(person, volunteers, {"q_skills": skills, "q_hours": asked["q_hours"][number % 4]})
    joining = {question.key: question.choices for question in pages[models.MembershipPage].asked}
    for number, person in enumerate(people[40:43]):
        street = f"{number + 3} rue du Lavoir"
        declared = list(joining["q_statement"])
        _takes_part(person, pages[models.MembershipPage], {"q_street": street, "q_statement": declared})
    _messages(pages[models.ContactPage], people[20:24], texts["message"])
    if models.ProxyPage in pages:
        _proxies(pages[models.ProxyPage], people[30:38])
    return Participation.objects.count()


def _texts() -> dict[str, Any]:
    return tomllib.loads((HERE / "actions.toml").read_text("utf-8"))


def _published(home: Page, page: ActionPage, entry: dict[str, Any]) -> ActionPage:
    for name in STREAMS:
        if name in entry:
            blocks = [{**block, "id": f"{number:08d}-demo"} for number, block in enumerate(entry[name], 1)]
            setattr(page, name, json.dumps(blocks))
    with transaction.atomic():
        home.add_child(instance=page)
        page.save_revision().publish()
    return page


def _answers(page: ActionPage, number: int, said: dict[str, list[str]]) -> dict[str, Any]:
    keys = [question.key for question in page.asked if question.is_answer]
    way = said["ways"][number % 6]
    answers: dict[str, Any] = {
        keys[0]: way,
        keys[2]: "yes" if number % 3 == 0 else "no",
        keys[3]: str(1 + (number * 7) % 5),
    }
    if way == "En voiture":
        answers[keys[1]] = said["reasons"][number % 2 : number % 2 + 1 + number % 3]
    if number % 4 == 0:
        answers[keys[6]] = said["stories"][number // 4 % 4]
    return answers


def _messages(page: ActionPage, people: list[Person], messages: list[dict[str, str]]) -> None:
    for person, said in zip(people, messages, strict=False):
        _takes_part(person, page, {"q_subject": said["subject"], "q_message": said["text"]})
        if "answer" in said:
            inbox.answer_message(Enquiry.objects.latest("pk"), said["answer"], actor=System("demo"))


def _proxies(page: ActionPage, people: list[Person]) -> None:
    asked = {question.key: question.choices for question in page.asked}
    for number, person in enumerate(people):
        answers = {
            "q_side": asked["q_side"][number % 2],
            "q_rounds": list(asked.get("q_rounds", ())),
            "q_postcode": "23000",
            "q_commune": "Guéret",
            "q_station": str(1 + number % 5),
        }
        _takes_part(person, page, answers)


def _takes_part(person: Person, page: ActionPage, answers: dict[str, Any]) -> None:
    address = person.emails.filter(is_primary=True).first()
    if address is None:
        return
    purposes = frozenset({page.purpose} - {Purpose.SERVICE})
    taken = services.take_part(
        page, Filled(SignUp(address.address, page.url, purposes=purposes), answers), actor=Visitor()
    )
    services.confirm(confirmation_token(taken.submission), actor=Visitor())
