"""Every rule by name: each has a site, planted or written by hand, on which it finds something."""

from __future__ import annotations

import tomllib
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as BrowserError

from portevoix.auditor.engine import words
from portevoix.auditor.engine.capture.names import TableResolver
from portevoix.auditor.engine.capture.record import Record
from portevoix.auditor.engine.capture.trouble import of_error
from portevoix.auditor.engine.capture.wire import Wire
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.cookies import CookieDatabase, Row
from portevoix.auditor.engine.knowledge.law import Law
from portevoix.auditor.engine.knowledge.lists import Lists
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.rules.sovereignty import AS_LAYER
from portevoix.auditor.engine.types import (
    Capture,
    Cookie,
    Criterion,
    Form,
    FormField,
    Host,
    Phase,
    Probe,
    Request,
    Status,
    Weight,
)
from tests.auditor import cases
from tests.auditor.seen import OVH, PAGES, SITE, TLS, capture, visit

OWN = "www.elan.example"
VERBS = ("outside", "reached", "unknown")
TABLE = tomllib.loads((Path(words.__file__).parent / "rules.toml").read_text("utf-8"))
#: A service of each layer, by a name that the tables know.
SERVICES = {
    "analytics": "https://www.google-analytics.com/collect?v=1",
    "payment": "https://js.stripe.com/v3/",
    "video": "https://www.youtube.com/embed/x",
    "fonts": "https://fonts.gstatic.com/x.woff2",
    "cdn": "https://unpkg.com/x",
    "captcha": "https://www.google.com/recaptcha/api.js",
    "map": "https://maps.googleapis.com/x",
    "consent": "https://cdn.cookielaw.org/x.js",
    "social": "https://platform.twitter.com/widgets.js",
    "advertising": "https://ad.doubleclick.net/x",
    "other": "https://api.github.com/x",
}


def to(*urls: str) -> dict[str, Any]:
    return {"requests": tuple(Request(url, kind="script", page=SITE) for url in urls)}


def without(page: int, item: str) -> Capture:
    """Return a site whose notice or policy says everything but one thing."""
    pattern = {1: words.patterns.NOTICE, 2: words.patterns.POLICY}[page][item]
    text = PAGES[page].text
    while found := pattern.search(text):
        text = text[: found.start()] + "…" + text[found.end() :]
    pages = [*PAGES]
    pages[page] = replace(PAGES[page], text=text + " " + "…" * 200)
    return capture(none={"pages": tuple(pages)})


def zone(**more: Any) -> Capture:
    told = capture().zone
    assert told is not None
    return capture(zone=replace(told, **more))


FORM = Form(SITE, SITE, "post", (FormField("email", "email"),), "Pour vous répondre", (f"{SITE}confidentialite",))
SEEN: dict[tuple[str, str], Capture] = {
    ("general", "site-not-seen"): capture(trouble="timeout"),
    ("general", "pass-incomplete"): capture(refuse={"trouble": "timeout"}),
    ("general", "one-page-only"): capture(none={"pages": PAGES[:1]}),
    ("general", "not-all-noted"): capture(none={"gaps": ("more requests than are noted",)}),
    ("general", "automation-sought"): capture(accept={"probes": (Probe("automation", SITE, SITE),)}),
    ("consent", "cookie-said-to-follow"): capture(none={"cookies": (Cookie("dtCookie", "v1", OWN, days=30.0),)}),
    ("transparency", "notice-without-text"): capture(
        none={"pages": (PAGES[0], replace(PAGES[1], text="Voir l’image."), PAGES[2])}
    ),
    ("transparency", "tls-invalid"): capture(trouble="invalid TLS"),
    ("transparency", "tls-old"): capture(
        none={"pages": (replace(PAGES[0], tls={**TLS, "protocol": "TLS 1.1"}), *PAGES[1:])}
    ),
    ("transparency", "mixed-content"): capture(none=to("http://www.elan.example/x.png")),
    ("sovereignty", "reached-certificate"): capture(
        none={"pages": (replace(PAGES[0], tls={"issuer": "Google Trust Services"}), *PAGES[1:])}
    ),
    ("sovereignty", "unknown-certificate"): capture(
        none={"pages": (replace(PAGES[0], tls={"issuer": "Personne"}), *PAGES[1:])}
    ),
    ("sovereignty", "unknown-hosting"): capture(hosts=(Host(OWN, (), ("193.55.96.1",)),)),
    **{("sovereignty", f"outside-{layer}"): capture() for layer in ("hosting", "names", "mail", "certificate")},
    ("sovereignty", "unknown-mail"): zone(mail_servers=None),
    **{("sovereignty", f"reached-{layer}"): capture(none=to(url)) for layer, url in SERVICES.items()},
    **{
        ("sovereignty", f"{verb}-{layer}"): capture(none=to(url))
        for verb in ("outside", "unknown")
        for layer, url in SERVICES.items()
    },
    **{
        ("transparency", f"{rule}-without-{item}"): without(page, item)
        for page, rule, items in ((1, "notice", words.patterns.NOTICE), (2, "policy", words.patterns.POLICY))
        for item in items
    },
}


def known_rules() -> set[tuple[str, str]]:
    """Return every rule that reports have words for; sovereignty's verbs stand for all their layers."""
    found = {("general", rule) for rule in TABLE["general"]["rules"]} - {("general", "nothing-found")}
    for criterion in Criterion:
        if criterion is not Criterion.SOVEREIGNTY:
            found |= {(str(criterion), rule) for rule in TABLE[criterion]["rules"]}
    return found | {("sovereignty", f"{verb}-{layer}") for verb in VERBS for layer in TABLE["sovereignty"]["layers"]}


def planted() -> set[str]:
    return {rule for case in cases.ALL for rule in case.expects}


#: Notes change no verdict, and have their own tests in test_rules.py.
NOTED = {"audience-claimed", "adequate-with-reservation", "consent-tool-third-party"}


def known_as(rule: tuple[str, str], knowledge: Knowledge) -> Knowledge:
    """Return what must be known for a rule to find something: nobody abroad, or everybody in Switzerland."""
    owners = knowledge.law.owners
    if rule[1].startswith("unknown-"):
        owners = tuple(one for one in owners if one.country == "FR")
    elif rule[1].startswith("outside-"):
        owners = tuple(replace(one, country="CH") for one in owners)
    known = copy(knowledge)  # with the lists that it has read
    known.law = replace(knowledge.law, owners=owners)
    known.open_cookies = CookieDatabase((Row("dtCookie", True, (), "Dynatrace"),))
    return known


def test_each_rule_has_a_site_on_which_it_finds_something() -> None:
    rules = known_rules()
    assert len(rules) > 90
    lists = {("general", "list-missing")}  # the next test but one
    left = {one for one in rules - set(SEEN) - lists if one[1] not in planted() | NOTED}
    assert left == set()


@pytest.mark.parametrize("rule", SEEN, ids=lambda rule: "-".join(rule))
def test_a_rule_finds_what_is_written_for_it(rule: tuple[str, str], knowledge: Knowledge) -> None:
    report = judge(SEEN[rule], known_as(rule, knowledge))
    assert rule[1] in {one.rule for verdict in report.verdicts for one in verdict.findings}
    clean = judge(capture(), knowledge)
    assert rule[1] not in {one.rule for verdict in clean.verdicts for one in verdict.findings}


def test_a_missing_list_is_a_rule_too(tmp_path: Path) -> None:
    report = judge(capture(), Knowledge(Lists(tmp_path, roots=())))
    assert "list-missing" in {one.rule for one in report.verdict(Criterion.CONSENT).findings}
    assert report.overall is Status.UNKNOWN


def test_every_rule_in_the_code_has_words() -> None:
    """A rule that reports cannot say would end them."""
    named = {rule for _group, rule in known_rules()}
    for case in cases.ALL:
        assert case.expects <= named, case.name
    assert set(AS_LAYER.values()) <= set(TABLE["sovereignty"]["layers"])


def test_an_old_way_of_ciphering_is_a_failure_of_the_way(knowledge: Knowledge) -> None:
    url, error = "https://x.example/", BrowserError("net::ERR_SSL_VERSION_OR_CIPHER_MISMATCH at https://x.example/")
    trouble = of_error(error, url, Wire(TableResolver({})), Record())
    assert trouble == "old TLS"
    report = judge(capture(trouble=trouble), knowledge)
    assert report.verdict(Criterion.TRANSPARENCY).decided_by == ("tls-old",)
    assert report.verdict(Criterion.CONSENT).status is Status.UNKNOWN


# ---- never a pass for want of evidence


@pytest.mark.parametrize(
    "seen",
    [
        capture(visits=(visit(Phase.NONE), visit(Phase.REFUSE))),
        capture(accept={"trouble": "timeout"}),
        capture(accept={"pages": PAGES[:1]}),
        capture(none={"gaps": ("a frame could not be read",)}),
        capture(refuse={"gaps": ("more storage than is noted",)}),
        capture(none={"pages": (replace(PAGES[0], links=()),)}),
        capture(none={"probes": (Probe("automation", SITE, SITE),)}),
        capture(hosts=(Host(OWN, (), ("193.55.96.1",)),)),
        capture(hosts=(Host(OWN, (), ("12.0.0.1",)),)),
        capture(hosts=(Host(OWN, (), ("147.135.1.1",)),)),
        capture(hosts=()),
    ],
    ids=[
        "no acceptance made",
        "acceptance cut",
        "acceptance on one page only",
        "a frame unread",
        "storage cut",
        "a page alone",
        "machine sought",
        "own host of nobody, in the EEA",
        "own host of nobody, in the US",
        "French host in the US",
        "no host seen",
    ],
)
def test_the_whole_is_unknown_for_want_of_one_part(seen: Capture, knowledge: Knowledge) -> None:
    assert judge(seen, knowledge).overall is Status.UNKNOWN


def test_a_machine_sought_leaves_every_lawful_criterion_unknown(knowledge: Knowledge) -> None:
    report = judge(capture(refuse={"probes": (Probe("automation", SITE, SITE),)}), knowledge)
    for criterion in (Criterion.CONSENT, Criterion.PERSONAL, Criterion.TRANSFERS):
        assert report.verdict(criterion).status is Status.UNKNOWN, criterion


def test_a_gap_never_softens_a_failure(knowledge: Knowledge) -> None:
    none = {**to("https://www.google-analytics.com/collect?v=1"), "gaps": ("more requests than are noted",)}
    assert judge(capture(none=none), knowledge).verdict(Criterion.CONSENT).status is Status.FAIL


def test_the_basis_may_be_a_click_away_but_not_nowhere(knowledge: Knowledge) -> None:
    def weight(pages: tuple[Any, ...]) -> Weight:
        found = judge(capture(none={"forms": (FORM,), "pages": pages}), knowledge).verdict(Criterion.PERSONAL).findings
        return next(one.weight for one in found if one.rule == "form-without-basis")

    assert weight(PAGES) is Weight.WARNING
    silent = replace(PAGES[2], text=PAGES[2].text.replace("Base juridique : votre consentement.", ""))
    assert weight((*PAGES[:2], silent)) is Weight.FAIL
    agreed = replace(FORM, text="Avec votre accord, pour vous répondre")
    assert judge(capture(none={"forms": (agreed,)}), knowledge).verdict(Criterion.PERSONAL).status is Status.PASS


# ---- each pass by its own wire


def test_a_connection_is_held_against_the_pass_that_made_it(knowledge: Knowledge) -> None:
    ga = "www.google-analytics.com"
    hosts = (Host(OWN, (), (OVH,)), Host(ga, (), ("142.250.75.238",)))

    def found(phase: str, at: float) -> set[str]:
        made: dict[str, dict[str, Any]] = {name: {"dialled": {OWN: 0.1}} for name in ("none", "refuse", "accept")}
        made["refuse"] |= {"clicked": "Tout refuser", "clicked_at": 5.0}
        made[phase]["dialled"] = {OWN: 0.1, ga: at}
        told = judge(capture(**made, hosts=hosts), knowledge).verdict(Criterion.CONSENT)
        return {one.rule for one in told.findings if one.weight is Weight.FAIL}

    assert found("none", 0.2) == {"tracker-before-choice"}
    assert found("accept", 9.0) == set()
    assert found("refuse", 2.0) == set()
    assert found("refuse", 9.0) == {"tracker-after-refusal"}


# ---- what the law says of places


def test_only_the_european_area_is_sovereign(knowledge: Knowledge) -> None:
    law = knowledge.law
    assert {code: law.is_european(code) for code in ("FR", "NO", "GB", "CH", "IL", "BR", "NZ", "US", "")} == {
        **dict.fromkeys(("FR", "NO"), True),
        **dict.fromkeys(("GB", "CH", "IL", "BR", "NZ", "US", ""), False),
    }


def test_an_american_machine_needs_an_american_company_with_a_certificate(knowledge: Knowledge) -> None:
    law: Law = knowledge.law
    french = law.owner_of_network(16276)
    assert law.of_receiver("FR", french) == ("adequate", "owner:FR")
    assert law.of_receiver("US", french) == ("unknown", "server:US")
    google = law.owner_of_network(15169)
    assert google is not None
    read = replace(google, dpf="listed", dpf_seen_on="2027-01-10")
    assert law.of_receiver("US", read)[0] == "adequate with reservation"


def test_a_short_name_is_a_trackers_only_at_home(knowledge: Knowledge) -> None:
    for name in ("fr", "mc", "sb", "SM", "MR"):
        assert knowledge.law.cookie_class(name)[0] == "tracker"
        assert knowledge.law.cookie_class(name, is_own=True)[0] == ""
    assert knowledge.law.cookie_class("_ga", is_own=True)[0] == "tracker"


def test_strictness_spares_no_consent_tool(knowledge: Knowledge) -> None:
    seen = capture(none=to("https://sdk.privacy-center.org/loader.js"))
    assert judge(seen, knowledge).verdict(Criterion.PERSONAL).status is Status.PASS
    assert judge(seen, knowledge, is_strict=True).verdict(Criterion.PERSONAL).status is Status.FAIL


def test_the_bare_word_contact_is_no_contact(knowledge: Knowledge) -> None:
    text = PAGES[2].text.replace("dpo@elan.example", "nous")

    def told(more: str) -> bool:
        pages = (*PAGES[:2], replace(PAGES[2], text=f"{text} {more}"))
        found = judge(capture(none={"pages": pages}), knowledge).verdict(Criterion.TRANSPARENCY).findings
        return "policy-without-contact" in {one.rule for one in found}

    assert told("Contact")
    assert not told("Pour nous écrire : vie-privee@elan.example")
    assert not told("Contactez-nous par le formulaire de contact")
