"""Pages on which citizens act, and what browsers send them."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from bs4 import BeautifulSoup
from django.test import Client
from wagtail.models import Site

from portevoix.accounts.types import Visitor
from portevoix.actions import services
from portevoix.actions.models import (
    ActionPage,
    OpenLetterPage,
    Participation,
    PetitionPage,
    ShareCode,
    SignUpPage,
    SurveyPage,
)
from portevoix.actions.types import Filled, Origin
from portevoix.delivery.models import Batch
from portevoix.intake.links import confirmation_token
from portevoix.intake.types import SignUp
from portevoix.rights.purposes import Purpose
from tests.website.factories import wagtail_roots

P = TypeVar("P", bound=ActionPage)


def published(page: P) -> P:
    """Return the page, published under the root of the default site."""
    wagtail_roots()
    site = Site.objects.select_related("root_page").filter(is_default_site=True).first()
    assert site is not None
    site.root_page.add_child(instance=page)
    return page


def sign_up_page(**fields: object) -> SignUpPage:
    """Return a published sign-up page under the root of the default site."""
    usual = {"title": "Rejoindre", "slug": "rejoindre", "introduction": "<p>Venez.</p>"}
    return published(SignUpPage(**{**usual, **fields}))


def petition(**fields: object) -> PetitionPage:
    """Return a published petition."""
    usual = {
        "title": "Sauvons la ligne 7",
        "slug": "ligne-7",
        "addressee": "le maire",
        "text": "<p>Il faut un bus.</p>",
    }
    return published(PetitionPage(**{**usual, **fields}))


def open_letter(*first: tuple[str, str], **fields: object) -> OpenLetterPage:
    """Return a published open letter with its first signatories."""
    usual = {"title": "Lettre pour l’hôpital", "slug": "hopital", "addressee": "la préfète", "text": "<p>Madame,</p>"}
    page = OpenLetterPage(**{**usual, **fields})
    signed = [block("signatory", number, name=name, quality=quality) for number, (name, quality) in enumerate(first)]
    page.first_signatories = json.dumps(signed)
    return published(page)


def code_of(taken: Participation) -> str:
    """Return the code of a participant's own link."""
    return ShareCode.objects.get(page=taken.page_id, person=taken.person_id).code


def survey(*questions: dict[str, Any], **fields: object) -> SurveyPage:
    """Return a published survey of these questions of its own, in order; each has the key q_<its number>."""
    page = SurveyPage(**{"title": "Votre avis", "slug": "avis", **fields})
    page.questions = json.dumps([block("question", number, **said) for number, said in enumerate(questions, 1)])
    return published(page)


def block(kind: str, number: int = 1, /, **value: Any) -> dict[str, Any]:
    """Return a block of a form as the database keeps it."""
    return {"type": kind, "id": f"{number:08d}-0000-0000-0000-000000000000", "value": value}


def key(number: int) -> str:
    """Return the key of a survey's question."""
    return f"q_{number:08d}"


def fill(client: Client, page: ActionPage, query: str = "", **answers: Any) -> Any:
    """Fill the form in as a browser does: with what the page holds, hidden fields included."""
    shown = BeautifulSoup(client.get(page.url + query).content, "html.parser")
    hidden = {field["name"]: field.get("value", "") for field in shown.select("form input[type=hidden]")}
    usual = {"email": "maelle@mail.example", "agreement": "on"}
    return client.post(page.url + query, {**hidden, **usual, **answers})


def participation(page: ActionPage, email: str = "maelle@mail.example", **said: Any) -> Participation:
    """Return a part in an action, confirmed by its link unless told otherwise."""
    is_confirmed = said.pop("confirmed", True)
    answers, is_public = said.pop("answers", {}), said.pop("is_public", False)
    handed, origin = said.pop("may_be_handed_over", False), said.pop("origin", Origin())
    purposes = frozenset({page.purpose} - {Purpose.SERVICE} | set(said.pop("purposes", ())))
    filled = Filled(SignUp(email, page.url, purposes=purposes, **said), answers, is_public, handed, origin)
    taken = services.take_part(page, filled, actor=Visitor())
    if is_confirmed:
        services.confirm(confirmation_token(taken.submission), actor=Visitor())
        taken.refresh_from_db()
    return taken


def last_letter() -> str:
    """Return the text of the last letter."""
    return Batch.objects.latest("id").text
