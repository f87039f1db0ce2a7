"""Nothing passes for want of a list, or by one of long ago, nor of a machine or a form that nobody looked at."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date

import pytest

from portevoix.auditor.engine.knowledge.base import OPEN_COOKIES, Knowledge
from portevoix.auditor.engine.knowledge.cookies import CookieDatabase
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import (
    Capture,
    Cookie,
    Criterion,
    Finding,
    Form,
    FormField,
    Host,
    Request,
    Status,
    Verdict,
    Weight,
)
from portevoix.auditor.engine.words.forms import asks_for_persons, is_unread
from portevoix.auditor.engine.words.patterns import BASIS, POLICY_LINK, PURPOSE
from tests.auditor.seen import OVH, SITE, capture
from tests.auditor.town import ALIBABA, AWS_PARIS, HETZNER

OWN = "www.elan.example"
FORM = Form(
    SITE,
    f"{SITE}contact",
    "post",
    (FormField("email", "email"),),
    "Avec votre accord, pour vous répondre",
    (f"{SITE}confidentialite",),
)


def without_cookies(knowledge: Knowledge) -> Knowledge:
    known = copy(knowledge)
    known.__dict__.pop("missing", None)
    known.open_cookies = CookieDatabase()
    return known


def of(seen: Capture, criterion: Criterion, knowledge: Knowledge) -> Verdict:
    return judge(seen, knowledge).verdict(criterion)


def named(verdict: Verdict, rule: str) -> Finding:
    return next(one for one in verdict.findings if one.rule == rule)


# ---- the names of cookies


def test_without_the_database_a_cookie_that_only_it_could_clear_is_unknown(knowledge: Knowledge) -> None:
    known, seen = without_cookies(knowledge), capture(none={"cookies": (Cookie("quelque", "1", OWN, days=3.0),)})
    assert of(seen, Criterion.CONSENT, knowledge).status is Status.PASS
    told = of(seen, Criterion.CONSENT, known)
    assert (told.status, told.decided_by) == (Status.UNKNOWN, ("list-missing",))
    assert (named(told, "list-missing").subject, named(told, "list-missing").reason) == (OPEN_COOKIES, "cookies")
    assert judge(seen, known).missing_lists == {OPEN_COOKIES: "cookies"}


def test_without_the_database_what_our_own_table_knows_is_judged(knowledge: Knowledge) -> None:
    known = without_cookies(knowledge)
    assert of(capture(), Criterion.CONSENT, known).status is Status.PASS
    session = capture(none={"cookies": (Cookie("sessionid", "x", OWN, secure=True),)})
    assert of(session, Criterion.CONSENT, known).status is Status.PASS
    tracked = capture(none={"cookies": (Cookie("_fbp", "x", OWN, days=30.0),)})
    assert of(tracked, Criterion.CONSENT, known).status is Status.FAIL


# ---- every machine behind a name


@pytest.mark.parametrize("places", [(OVH, ALIBABA), (ALIBABA, OVH)])
def test_the_worst_machine_behind_a_name_counts_wherever_it_is_named(
    places: tuple[str, ...], knowledge: Knowledge
) -> None:
    seen = capture(hosts=(Host(OWN, (), places),))
    told = of(seen, Criterion.TRANSFERS, knowledge)
    assert told.status is Status.FAIL
    evidence = named(told, "country-not-adequate").evidence
    assert len(evidence) == 2
    for place in places:
        assert any(place in one.detail for one in evidence), place
    own = next(one for one in judge(seen, knowledge).receivers if one.host == OWN)
    assert (own.address, own.adequacy, len(own.machines)) == (ALIBABA, "inadequate", 2)


def test_two_machines_at_home_pass(knowledge: Knowledge) -> None:
    seen = capture(hosts=(Host(OWN, (), (OVH, HETZNER)),))
    assert of(seen, Criterion.TRANSFERS, knowledge).status is Status.PASS
    assert of(seen, Criterion.SOVEREIGNTY, knowledge).status is Status.PASS


def test_a_service_whose_second_machine_is_americas_is_reached(knowledge: Knowledge) -> None:
    hosts = (Host(OWN, (), (OVH,)), Host("tiers.example", (), (OVH, AWS_PARIS)))
    none = {"requests": (Request("https://tiers.example/x.js", "script", page=SITE),)}
    assert of(capture(none=none, hosts=hosts), Criterion.SOVEREIGNTY, knowledge).decided_by == ("reached-other",)


# ---- the list of the EU-US framework


@pytest.mark.parametrize("dpf", ["listed", "absent"])
def test_a_list_read_more_than_a_year_ago_says_nothing(dpf: str, knowledge: Knowledge) -> None:
    google = knowledge.law.owner_of_host("fonts.gstatic.com")
    assert google is not None
    read = replace(google, dpf=dpf, dpf_seen_on="2026-01-10")
    law = replace(knowledge.law, today=date(2027, 1, 10))
    assert law.of_owner(read)[0] == {"listed": "adequate with reservation", "absent": "inadequate"}[dpf]
    old = replace(knowledge.law, today=date(2027, 1, 12))
    assert old.of_owner(read) == ("unknown", "dpf:lapsed:2026-01-10")
    known = copy(knowledge)
    known.law = replace(old, owners=tuple(read if one.key == "google" else one for one in old.owners))
    none = {"requests": (Request("https://fonts.gstatic.com/x.woff2", "font", page=SITE),)}
    hosts = (Host(OWN, (), (OVH,)), Host("fonts.gstatic.com", (), ("142.250.75.238",)))
    told = of(capture(none=none, hosts=hosts), Criterion.TRANSFERS, known)
    assert (told.status, told.decided_by) == (Status.UNKNOWN, ("certification-not-checked",))


# ---- where a form sends


def sent(*requests: Request) -> Capture:
    return capture(none={"forms": (replace(FORM, sent=requests),)})


MAIL = "email=pvx7kestrel%40example.org"


def test_a_form_that_was_tried_passes_once_its_words_were_seen_to_go_home(knowledge: Knowledge) -> None:
    def status(*requests: Request) -> Status:
        return of(sent(*requests), Criterion.PERSONAL, knowledge).status

    assert status(Request(f"{SITE}contact", "document", "POST", body=MAIL)) is Status.PASS
    assert status(Request(f"{SITE}contact", "fetch", "POST", body=MAIL)) is Status.PASS
    assert status() is Status.UNKNOWN
    assert status(Request(f"{SITE}pouls", "fetch", "POST", body="ok")) is Status.UNKNOWN
    assert status(Request("https://tiers.example/f", "fetch", "POST", body=MAIL)) is Status.UNKNOWN
    assert status(Request("https://www.google-analytics.com/g/collect", "ping", "POST", body=MAIL)) is Status.FAIL


def test_whoever_a_script_sends_a_form_to_receives(knowledge: Knowledge) -> None:
    seen = sent(Request("https://mc.yandex.ru/f", "fetch", "POST", body=MAIL))
    assert of(seen, Criterion.TRANSFERS, knowledge).status is Status.FAIL
    told = next(one for one in judge(seen, knowledge).receivers if one.host == "mc.yandex.ru")
    assert told.phases == ("form",)


def test_a_script_that_was_not_followed_is_unknown_and_a_form_by_itself_is_known(knowledge: Knowledge) -> None:
    script = replace(FORM, method="script")
    assert of(capture(none={"forms": (script,)}), Criterion.PERSONAL, knowledge).decided_by == ("form-not-followed",)
    assert of(capture(none={"forms": (FORM,)}), Criterion.PERSONAL, knowledge).status is Status.PASS


# ---- what a form asks for, in the languages around


@pytest.mark.parametrize(
    "called",
    [
        *("Nombre y apellidos", "nombre", "Correo", "Teléfono móvil", "Dirección", "Fecha de nacimiento"),
        *("Cognome", "Nome", "Cellulare", "Indirizzo", "Posta elettronica", "Codice fiscale"),
        *("Vorname", "Anschrift", "PLZ", "Geburtsdatum", "Handy", "Straße"),
    ],
)
def test_a_field_that_asks_for_a_person_is_known_by_its_name(called: str) -> None:
    assert asks_for_persons(replace(FORM, fields=(FormField("a", "text", called),)))


@pytest.mark.parametrize("called", ["Nombre de places", "Nombre d’enfants", "Sujet", "Ricerca", "Menge", "Importe"])
def test_a_field_that_asks_for_a_thing_is_no_persons(called: str) -> None:
    form = replace(FORM, fields=(FormField("a", "text", called),))
    assert not asks_for_persons(form)
    assert not is_unread(form)


def test_a_field_that_is_called_nothing_is_unknown_and_a_trap_is_not(knowledge: Knowledge) -> None:
    nameless = replace(FORM, fields=(FormField("a1", "text"),))
    told = of(capture(none={"forms": (nameless,)}), Criterion.PERSONAL, knowledge)
    assert (told.status, told.decided_by) == (Status.UNKNOWN, ("form-not-read",))
    trap = replace(FORM, fields=(FormField("a1", "text", is_seen=False),))
    assert of(capture(none={"forms": (trap,)}), Criterion.PERSONAL, knowledge).status is Status.PASS


@pytest.mark.parametrize(
    ("words", "pattern"),
    [
        *(
            (link, POLICY_LINK)
            for link in ("Política de protección de datos", "Tratamiento de datos", "Datos personales")
        ),
        *((link, POLICY_LINK) for link in ("Informativa", "Dati personali", "Trattamento dei dati", "Privatsphäre")),
        *((said, PURPOSE) for said in ("para responder a su mensaje", "per rispondere", "um Ihnen zu antworten")),
        *((said, BASIS) for said in ("base giuridica", "Ich bin einverstanden", "acconsento")),
    ],
)
def test_what_a_form_says_is_read_in_the_languages_around(words: str, pattern: object) -> None:
    assert pattern.search(words)  # type: ignore[attr-defined]
    assert not pattern.search("Unser Programm, nuestro programa, il nostro programma")  # type: ignore[attr-defined]


def test_a_failure_is_not_softened_by_a_missing_list(knowledge: Knowledge) -> None:
    cookies = (Cookie("quelque", "1", OWN, days=3.0), Cookie("_fbp", "x", OWN, days=30.0))
    told = of(capture(none={"cookies": cookies}), Criterion.CONSENT, without_cookies(knowledge))
    assert told.status is Status.FAIL
    assert {one.weight for one in told.findings} >= {Weight.FAIL, Weight.UNKNOWN}
