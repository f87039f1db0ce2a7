"""Verdicts from captures made by hand: no browser, no network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.law import Law
from portevoix.auditor.engine.knowledge.lists import Lists
from portevoix.auditor.engine.rules.judge import judge, worst
from portevoix.auditor.engine.types import (
    Banner,
    Capture,
    Cookie,
    Criterion,
    Form,
    FormField,
    Host,
    Phase,
    Probe,
    Report,
    Request,
    Sent,
    Status,
    Stored,
    Weight,
)
from portevoix.auditor.engine.words.patterns import POLICY
from tests.auditor.seen import PAGES, SITE, capture, visit

OWN = "www.elan.example"
OWNERS = """[owners]
google = { name = "Google", parent = "Alphabet Inc.", country = "US", dpf = "STATUS", asns = [15169],\
  dpf_seen_on = 2027-01-10, domains = ["gstatic.com"] }
ovh = { name = "OVHcloud", parent = "OVH", country = "FR", domains = ["ovh.net"], asns = [16276] }
"""


def rules(report: Report, criterion: Criterion) -> set[str]:
    return {finding.rule for finding in report.verdict(criterion).findings}


def cookie(name: str, value: str = "x", **more: Any) -> Cookie:
    return Cookie(name, value, **{"domain": OWN, "days": 30.0, **more})


def to(url: str, **more: Any) -> Request:
    return Request(url, **{"kind": "script", "page": SITE, **more})


def test_a_site_with_nothing_wrong_passes_every_criterion(knowledge: Knowledge) -> None:
    report = judge(capture(), knowledge)
    assert {verdict.criterion: verdict.status for verdict in report.verdicts} == dict.fromkeys(Criterion, Status.PASS)
    assert report.overall is Status.PASS


def test_the_worst_status_counts_and_nothing_is_unknown() -> None:
    assert worst([Status.PASS, Status.UNKNOWN, Status.FAIL]) is Status.FAIL
    assert worst([Status.PASS, Status.UNKNOWN]) is Status.UNKNOWN
    assert worst([Status.PASS]) is Status.PASS
    assert worst([]) is Status.UNKNOWN


# ---- never a pass for want of evidence


@pytest.mark.parametrize(
    "seen",
    [
        capture(trouble="timeout"),
        capture(visits=()),
        capture(visits=(visit(Phase.NONE),)),
        capture(refuse={"trouble": "timeout"}),
        capture(refuse={"pages": ()}),
        capture(none={"trouble": "more happened than is noted"}),
        capture(none={"pages": (PAGES[0], replace(PAGES[1], trouble="HTTP 500"))}),
        capture(none={"probes": (Probe("automation", SITE, SITE, "navigator.webdriver"),)}),
        capture(none={"banner": Banner(True, "words", "Tout accepter", "Tout refuser")}),
    ],
    ids=[
        "blocked",
        "not visited",
        "no refusal made",
        "refusal cut",
        "refusal empty",
        "flooded",
        "one page",
        "machine sought",
        "banner not driven",
    ],
)
def test_what_was_not_seen_is_unknown(seen: Capture, knowledge: Knowledge) -> None:
    assert judge(seen, knowledge).verdict(Criterion.CONSENT).status is Status.UNKNOWN


def test_without_lists_nothing_passes_and_the_reason_is_said(tmp_path: Path) -> None:
    report = judge(capture(), Knowledge(Lists(tmp_path, roots=())))
    for criterion in (Criterion.CONSENT, Criterion.PERSONAL, Criterion.TRANSFERS, Criterion.SOVEREIGNTY):
        assert report.verdict(criterion).status is Status.UNKNOWN, criterion
        assert "list-missing" in rules(report, criterion), criterion
    assert report.missing_lists["easyprivacy.txt"] == "trackers"


def test_what_a_page_that_never_ended_did_counts_against_it_and_never_for_it(knowledge: Knowledge) -> None:
    pixel = {"requests": (to("https://www.google-analytics.com/collect?v=1"),)}
    assert judge(capture(none=pixel, trouble="timeout"), knowledge).verdict(Criterion.CONSENT).status is Status.FAIL
    riddle = judge(capture(none=pixel, trouble="a riddle for machines"), knowledge)
    assert riddle.verdict(Criterion.CONSENT).status is Status.UNKNOWN


# ---- consent


def test_a_tracking_cookie_after_a_refusal_is_told_only_if_it_was_not_there_before(knowledge: Knowledge) -> None:
    refused = {"cookies": (cookie("_fbp"),), "clicked": "Tout refuser"}
    assert "cookie-after-refusal" in rules(judge(capture(refuse=refused), knowledge), Criterion.CONSENT)
    both = judge(capture(none={"cookies": (cookie("_fbp"),)}, refuse=refused), knowledge)
    found = rules(both, Criterion.CONSENT)
    assert "cookie-before-choice" in found
    assert "cookie-after-refusal" not in found


def test_what_was_asked_before_the_click_is_not_held_against_the_refusal(knowledge: Knowledge) -> None:
    pixel = to("https://www.google-analytics.com/collect?v=1", at=1.0)
    refused = {"requests": (pixel,), "clicked": "Non", "clicked_at": 2.0}
    assert "tracker-after-refusal" not in rules(judge(capture(refuse=refused), knowledge), Criterion.CONSENT)
    late = {"requests": (replace(pixel, at=3.0),), "clicked": "Non", "clicked_at": 2.0}
    assert "tracker-after-refusal" in rules(judge(capture(refuse=late), knowledge), Criterion.CONSENT)


def test_an_identifier_is_a_value_that_differs_in_each_fresh_profile(knowledge: Knowledge) -> None:
    def told(*values: str) -> set[str]:
        phases = [{"cookies": (cookie("zz", value),)} for value in values]
        return rules(judge(capture(*phases), knowledge), Criterion.CONSENT)

    assert "unclassified-identifier" in told("aaaaaaaa1", "bbbbbbbb2", "cccccccc3")
    assert "unclassified-identifier" not in told("same-for-all", "same-for-all", "same-for-all")
    assert "unclassified-identifier" not in told("a1", "b2", "c3")


def test_a_third_partys_cookie_of_an_unknown_name_is_not_passed_over(knowledge: Knowledge) -> None:
    seen = capture(none={"cookies": (cookie("zz", domain="tiers.example"),)})
    assert judge(seen, knowledge).verdict(Criterion.CONSENT).status is Status.UNKNOWN


def test_djangos_session_is_not_taken_for_marketing(knowledge: Knowledge) -> None:
    seen = capture(none={"cookies": (cookie("sessionid", secure=True), cookie("csrftoken", secure=True))})
    assert judge(seen, knowledge).overall is Status.PASS


def test_a_cookie_set_by_a_trackers_script_is_the_trackers(knowledge: Knowledge) -> None:
    setter = "https://www.google-analytics.com/analytics.js"
    none = {"cookies": (cookie("renamed", set_by=setter),), "requests": (to(setter),)}
    assert "cookie-before-choice" in rules(judge(capture(none=none), knowledge), Criterion.CONSENT)


def test_the_sites_own_audience_is_noted_and_its_term_checked(knowledge: Knowledge) -> None:
    short = judge(capture(none={"cookies": (cookie("_pk_id.1.a", days=390.0),)}), knowledge)
    assert short.verdict(Criterion.CONSENT).status is Status.PASS
    assert "audience-claimed" in rules(short, Criterion.CONSENT)
    long = judge(capture(none={"cookies": (cookie("_pk_id.1.a", days=400.0),)}), knowledge)
    assert long.verdict(Criterion.CONSENT).status is Status.FAIL


def test_a_tracker_behind_an_own_name_is_known_by_its_alias_only(knowledge: Knowledge) -> None:
    none = {"requests": (to("https://m.elan.example/ea.js"),)}
    hidden = capture(
        none=none,
        hosts=(Host(OWN, (), ("213.186.33.5",)), Host("m.elan.example", ("e.eulerian.net",), ("109.232.1.1",))),
    )
    assert "cname-tracker-before-choice" in rules(judge(hidden, knowledge), Criterion.CONSENT)
    plain = replace(hidden, hosts=(hidden.hosts[0], replace(hidden.hosts[1], aliases=())))
    assert "cname-tracker-before-choice" not in rules(judge(plain, knowledge), Criterion.CONSENT)


def test_own_counting_behind_a_delivery_network_is_no_hidden_tracker(knowledge: Knowledge) -> None:
    none = {"requests": (to("https://www.elan.example/matomo.js"), to("https://www.elan.example/piwik.php?idsite=1"))}
    hosts = (Host(OWN, ("d111.cloudfront.net",), ("213.186.33.5",)),)
    found = rules(judge(capture(none=none, hosts=hosts), knowledge), Criterion.CONSENT)
    assert "cname-tracker-before-choice" not in found


def test_a_host_that_only_the_wire_saw_is_judged(knowledge: Knowledge) -> None:
    hosts = (Host(OWN, (), ("213.186.33.5",)), Host("www.google-analytics.com", (), ("142.250.75.238",)))
    assert "tracker-before-choice" in rules(judge(capture(hosts=hosts), knowledge), Criterion.CONSENT)


# ---- personal data


def test_strictness_makes_any_third_party_a_failure(knowledge: Knowledge) -> None:
    seen = capture(none={"requests": (to("https://fonts.gstatic.com/x.woff2"),)})
    assert judge(seen, knowledge).verdict(Criterion.PERSONAL).status is Status.UNKNOWN
    assert judge(seen, knowledge, is_strict=True).verdict(Criterion.PERSONAL).status is Status.FAIL


@pytest.mark.parametrize(
    "body",
    [
        "a=pvx7kestrel",
        "pvx7kestrel%40example.org",
        "707678376b65737472656c",
        '{"e":"cHZ4N2tlc3RyZWw"}',
        "xcHZ4N2tlc3RyZWxAZXhhbXBsZS5vcmc=",
    ],
)
def test_typed_words_are_known_in_every_dress(body: str, knowledge: Knowledge) -> None:
    seen = capture(none={"sent": (Sent("wss://tiers.example/ws", body, SITE),)})
    assert "keystrokes-sent" in rules(judge(seen, knowledge), Criterion.PERSONAL)


def test_the_mouse_is_followed_only_if_its_places_are_sent(knowledge: Knowledge) -> None:
    def told(body: str) -> bool:
        seen = capture(none={"sent": (Sent("wss://tiers.example/ws", body, SITE),)})
        return "session-recorded" in rules(judge(seen, knowledge), Criterion.PERSONAL)

    assert told('[{"x":417,"y":293},{"x":523,"y":311}]')
    assert told("417,293;523,311")
    assert not told('{"x":417,"y":293}')
    assert not told('{"height":417,"n":1,"width":523}')


def form(*fields: FormField, **more: Any) -> Form:
    told = {
        "method": "post",
        "text": "Pour vous répondre",
        "links": (f"{SITE}confidentialite Confidentialité",),
        **more,
    }
    return Form(SITE, told.pop("action", SITE), fields=(FormField("email", "email"), *fields), **told)


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (form(links=()), "form-without-policy"),
        (form(text=""), "form-without-purpose"),
        (form(method="get"), "form-by-get"),
        (form(action="http://www.elan.example/x"), "form-not-encrypted"),
        (form(action="https://tiers.example/x"), "form-to-third-party"),
        (form(FormField("lettre", "checkbox", is_ticked=True)), "form-ticked-box"),
        (form(FormField("vote", "text", "Pour qui voterez-vous ?")), "form-opinion-without-consent"),
    ],
)
def test_each_fault_of_a_form_is_told(wrong: Form, rule: str, knowledge: Knowledge) -> None:
    assert rule in rules(judge(capture(none={"forms": (wrong,)}), knowledge), Criterion.PERSONAL)
    assert rule not in rules(judge(capture(none={"forms": (form(),)}), knowledge), Criterion.PERSONAL)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "demo.localhost", "[::1]:8000"])
def test_on_this_very_machine_a_want_of_encryption_is_unknown_and_never_a_pass(host: str, knowledge: Knowledge) -> None:
    url = f"http://{host}/"
    pages = tuple(replace(one, url=url, asked=url, headers={}, tls={}) for one in PAGES)
    report = judge(capture(none={"pages": pages, "forms": (form(action=f"{url}contact"),)}, url=url), knowledge)
    found = {one.rule: one for verdict in report.verdicts for one in verdict.findings}
    for rule in ("page-not-encrypted", "form-not-encrypted"):
        assert (found[rule].weight, found[rule].reason.split(":")[0]) == (Weight.UNKNOWN, "on this machine"), rule
    assert report.verdict(Criterion.PERSONAL).status is Status.UNKNOWN
    far = judge(capture(none={"forms": (form(action="http://localhost.example/x"),)}), knowledge)
    assert far.verdict(Criterion.PERSONAL).status is Status.FAIL


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("purposes", "Usages de vos données : nouvelles, courriers"),
        ("purposes", "À quoi elles servent : vous répondre"),
        ("recipients", "Qui les voit : l’équipe de campagne"),
        ("recipients", "Nos prestataires : un hébergeur"),
    ],
)
def test_a_policy_in_plain_words_is_understood(item: str, said: str) -> None:
    assert POLICY[item].search(said)
    assert not POLICY[item].search("Pourquoi ce site ? Voici notre histoire.")


# ---- places


def test_a_certification_counts_once_somebody_has_read_the_list(knowledge: Knowledge, tmp_path: Path) -> None:
    hosts = (Host(OWN, (), ("213.186.33.5",)), Host("fonts.gstatic.com", (), ("142.250.75.238",)))
    seen = capture(none={"requests": (to("https://fonts.gstatic.com/x.woff2"),)}, hosts=hosts)
    assert judge(seen, knowledge).verdict(Criterion.TRANSFERS).status is Status.UNKNOWN
    row = OWNERS
    for status, expected in (("listed", Status.PASS), ("absent", Status.FAIL)):
        (tmp_path / "owners.toml").write_text(row.replace("STATUS", status))
        own = Knowledge(knowledge.lists, Law.read(tmp_path))
        report = judge(seen, own)
        assert report.verdict(Criterion.TRANSFERS).status is expected, status
    assert "adequate-with-reservation" in rules(judge(seen, _listed(tmp_path, row, knowledge)), Criterion.TRANSFERS)


def _listed(folder: Path, row: str, knowledge: Knowledge) -> Knowledge:
    (folder / "owners.toml").write_text(row.replace("STATUS", "listed"))
    return Knowledge(knowledge.lists, Law.read(folder))


def test_the_owner_counts_where_the_machine_is_european(knowledge: Knowledge) -> None:
    paris = capture(hosts=(Host(OWN, (), ("13.36.1.1",)),))
    report = judge(paris, knowledge)
    hosting = next(layer for layer in report.layers if layer.layer == "hosting")
    assert (hosting.place, hosting.country, hosting.status) == ("FR", "US", Status.FAIL)
    assert "CLOUD" in hosting.reach


def test_name_servers_that_do_not_answer_are_unknown(knowledge: Knowledge) -> None:
    zone = capture().zone
    assert zone is not None
    silent = capture(zone=replace(zone, name_servers=None))
    assert judge(silent, knowledge).verdict(Criterion.SOVEREIGNTY).status is Status.UNKNOWN


def test_a_site_without_mail_stands_on_nobody_for_it(knowledge: Knowledge) -> None:
    zone = capture().zone
    assert zone is not None
    report = judge(capture(zone=replace(zone, mail_servers=(), senders=())), knowledge)
    assert report.verdict(Criterion.SOVEREIGNTY).status is Status.PASS
    assert "mail" not in {layer.layer for layer in report.layers}


# ---- transparency


def test_an_invalid_certificate_fails_and_the_rest_is_unknown(knowledge: Knowledge) -> None:
    report = judge(capture(trouble="invalid TLS"), knowledge)
    assert report.verdict(Criterion.TRANSPARENCY).status is Status.FAIL
    assert report.verdict(Criterion.CONSENT).status is Status.UNKNOWN


def test_a_notice_that_could_not_be_read_is_unknown_and_one_that_is_gone_is_missing(knowledge: Knowledge) -> None:
    def with_notice(status: int) -> Status:
        page = replace(PAGES[1], status=status, trouble=f"HTTP {status}", text="")
        return (
            judge(capture(none={"pages": (PAGES[0], page, PAGES[2])}), knowledge).verdict(Criterion.TRANSPARENCY).status
        )

    assert with_notice(404) is Status.FAIL
    assert with_notice(500) is Status.UNKNOWN


def test_mixed_content_and_old_tls_are_told(knowledge: Knowledge) -> None:
    home = replace(PAGES[0], tls={"issuer": "Certigna", "protocol": "TLS 1.0"})
    none = {"requests": (to("http://www.elan.example/x.png"),), "pages": (home, *PAGES[1:])}
    found = rules(judge(capture(none=none), knowledge), Criterion.TRANSPARENCY)
    assert {"mixed-content", "tls-old"} <= found


def test_storage_is_judged_like_cookies(knowledge: Knowledge) -> None:
    stored = Stored("local", "https://www.elan.example", "_hjSession_1", "x")
    assert "storage-before-choice" in rules(judge(capture(none={"stored": (stored,)}), knowledge), Criterion.CONSENT)
