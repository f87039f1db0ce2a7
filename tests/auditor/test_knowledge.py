"""Lists and tables: what they say, and what is said when they are not there."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from portevoix.auditor.engine.domains import full_address, registrable
from portevoix.auditor.engine.knowledge.base import OPEN_COOKIES, Knowledge
from portevoix.auditor.engine.knowledge.cookies import CookieDatabase, Row
from portevoix.auditor.engine.knowledge.law import ADEQUATE, INADEQUATE, RESERVED, UNKNOWN, Law
from portevoix.auditor.engine.knowledge.lists import COOKIES, DATABASE, Lists
from portevoix.auditor.engine.knowledge.ranges import Ranges, plain_number
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Cookie, Criterion, Weight
from tests.auditor.seen import capture

PAGE = "https://www.elan.example/"


@pytest.mark.parametrize(
    ("host", "main"),
    [
        ("www.elan.example", "elan.example"),
        ("a.b.gouv.fr", "b.gouv.fr"),
        ("x.github.io", "x.github.io"),
        ("ELAN.org.", "elan.org"),
        ("192.0.2.1", "192.0.2.1"),
    ],
)
def test_names_belong_together_by_the_public_suffix_list(host: str, main: str) -> None:
    assert registrable(host) == main


def test_an_address_without_a_scheme_is_asked_for_by_https() -> None:
    assert full_address("elan.example") == "https://elan.example"
    assert full_address("http://elan.example") == "http://elan.example"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.google-analytics.com/analytics.js", "script"),
        ("https://www.facebook.com/tr?id=1&ev=PageView&noscript=1", "image"),
        ("https://www.google-analytics.com/g/collect?v=2&tid=G-1", "ping"),
        ("wss://ws.hotjar.com/api/v2/client/ws", "websocket"),
    ],
)
def test_trackers_are_known_with_the_filter_that_matched(knowledge: Knowledge, url: str, kind: str) -> None:
    assert len(knowledge.filter_for(url, PAGE, kind)) > 3


@pytest.mark.parametrize(
    "url", ["https://www.elan.example/main.js", "https://fonts.gstatic.com/x.woff2", "data:text/plain,x"]
)
def test_what_follows_nobody_is_not_taken_for_a_tracker(knowledge: Knowledge, url: str) -> None:
    assert knowledge.filter_for(url, PAGE, "script") == ""


def test_addresses_lead_to_countries_networks_and_owners(knowledge: Knowledge) -> None:
    assert knowledge.country("213.186.33.5") == "FR"
    assert knowledge.country("2001:41d0::1") == "FR"
    assert knowledge.network("213.186.33.5")[0] == 16276
    owner = knowledge.owner("nobody.example", address="13.36.1.1")
    assert owner is not None
    assert (owner.parent, owner.country) == ("Amazon.com, Inc.", "US")


def test_an_address_that_no_list_has_is_unknown(knowledge: Knowledge) -> None:
    assert knowledge.country("198.51.100.7") == ""
    assert knowledge.network("198.51.100.7") == (0, "")
    assert knowledge.owner("nobody.example", address="198.51.100.7") is None


def test_every_list_tells_its_version(knowledge: Knowledge) -> None:
    assert set(knowledge.versions) >= {
        "easylist.txt",
        "easyprivacy.txt",
        "third-party-web",
        "@ip-location-db/asn",
        "tor-geoipdb",
        "tables",
    }


def test_lists_that_are_absent_are_named(tmp_path: Path) -> None:
    without = Knowledge(Lists(tmp_path, roots=()))
    assert not without.knows_trackers
    assert without.filter_for("https://www.google-analytics.com/collect", PAGE, "image") == ""
    assert set(without.missing.values()) == {"trackers", "companies", "banners", "networks", "countries", "cookies"}


@pytest.mark.parametrize("count", [1, 2, 3, 10, 1000])
def test_a_range_is_found_wherever_it_lies_in_its_file(tmp_path: Path, count: int) -> None:
    path = tmp_path / "ranges"
    path.write_text("# head\n#\n" + "".join(f'{n * 10},{n * 10 + 5},C{n},"A, B"\n' for n in range(count)))
    ranges = Ranges(path, plain_number)
    for number in range(count):
        assert ranges.find(number * 10) == [str(number * 10), str(number * 10 + 5), f"C{number}", "A, B"]
        assert (ranges.find(number * 10 + 5) or ["?"])[0] == str(number * 10)
        assert ranges.find(number * 10 + 6) is None
    assert ranges.find(count * 10 + 100) is None


# ---- the law


def test_countries_are_adequate_by_the_dated_table() -> None:
    law = Law.read()
    assert [law.adequacy_of(code) for code in ("FR", "CH", "JP", "US", "RU", "")] == [
        ADEQUATE,
        ADEQUATE,
        RESERVED,
        RESERVED,
        INADEQUATE,
        UNKNOWN,
    ]


def test_the_framework_is_in_force_until_the_table_says_otherwise() -> None:
    law = Law.read()
    assert law.framework["in_force"] == "True"
    assert law.framework["since"] == "2023-07-10"
    fallen = {**law.adequacy["adequate"], "US": {**law.adequacy["adequate"]["US"], "until": date(2026, 11, 1)}}
    after = replace(law, adequacy={**law.adequacy, "adequate": fallen}, today=date(2026, 11, 2))
    assert after.framework["in_force"] == "False"
    assert after.adequacy_of("US") == INADEQUATE
    certified = replace(Law.read().owner_of_host("x.google.com"), dpf_seen_on="2026-10-01")  # type: ignore[type-var]
    assert after.of_owner(certified)[0] == INADEQUATE, "no list makes up for a decision that fell"
    assert replace(law, today=date(2023, 7, 9)).adequacy_of("US") == INADEQUATE


def test_a_company_that_says_it_is_certified_is_not_believed() -> None:
    claiming = [owner for owner in Law.read().owners if owner.dpf_claim]
    assert claiming
    for owner in claiming:
        assert owner.dpf_claimed_on, owner.key
        assert Law.read().of_owner(owner)[0] == UNKNOWN, owner.key


def test_the_graver_of_machine_and_company_counts() -> None:
    law = Law.read()
    yandex, ovh = law.owner_of_host("x.yandex.net"), law.owner_of_host("x.ovh.net")
    assert law.of_receiver("FR", ovh)[0] == ADEQUATE
    assert law.of_receiver("FR", yandex)[0] == INADEQUATE
    assert law.of_receiver("RU", ovh)[0] == INADEQUATE
    assert law.of_receiver("", ovh)[0] == UNKNOWN
    assert law.of_receiver("FR", None)[0] == UNKNOWN


def test_owners_point_at_countries_that_have_a_name_and_no_domain_twice() -> None:
    from portevoix.auditor.engine import words

    law, seen = Law.read(), set()
    assert len(law.owners) > 100
    for owner in law.owners:
        assert words.country_name(owner.country, "fr") != owner.country, owner.key
        assert owner.parent, owner.key
        for domain in set(owner.domains):
            assert domain not in seen, domain
            seen.add(domain)
    asns = [asn for owner in law.owners for asn in owner.asns]
    assert len(asns) == len(set(asns))


def test_a_certification_has_its_day_or_is_not_believed() -> None:
    for owner in Law.read().owners:
        if owner.country == "US" and not owner.dpf_seen_on:
            assert Law.read().of_receiver("FR", owner)[0] == UNKNOWN
            return
    raise AssertionError("no owner was looked at")


def test_what_is_known_of_an_owner_says_from_where_and_when_or_is_said_unknown() -> None:
    law = Law.read()
    told = {owner.key: owner for owner in law.owners}
    assert told["gandi"].known_from.endswith(", 2026-11-30")
    assert told["octopuce"].known_from == ""
    assert told["octopuce"].certification == ""
    assert told["google"].certification == "dpf:not checked"
    assert law.owners_counted["companies"] == len(law.owners)
    assert 0 < law.owners_counted["sourced"] < law.owners_counted["companies"]
    for owner in law.owners:
        assert bool(owner.source) == bool(owner.seen_on), owner.key


def test_the_company_that_runs_a_service_counts_even_under_a_european_parent() -> None:
    law = Law.read()
    mailgun, mailjet = law.owner_of_host("mxa.mailgun.org"), law.owner_of_host("in.mailjet.com")
    assert mailgun is not None
    assert mailjet is not None
    assert (mailgun.country, mailjet.country) == ("US", "SE")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sessionid", "necessary"),
        ("_ga_ABC", "tracker"),
        ("_pk_id.1.ab", "audience"),
        ("tarteaucitron", "necessary"),
        ("zz", ""),
    ],
)
def test_cookies_are_sorted_by_their_names(name: str, kind: str) -> None:
    assert Law.read().cookie_class(name)[0] == kind


def test_a_certificates_issuer_leads_to_its_company() -> None:
    law = Law.read()
    assert [getattr(law.issuer(name), "key", None) for name in ("R11", "E6", "Certigna Services CA", "Nobody")] == [
        "letsencrypt",
        "letsencrypt",
        "certigna",
        None,
    ]


def test_the_open_database_is_believed_of_an_owners_domain_and_doubted_of_a_name_alone(tmp_path: Path) -> None:
    rows = [
        {"category": "Marketing", "cookie": "uid", "domain": "adform.net (3rd party)", "dataController": "Adform"},
        {"category": "Analytics", "cookie": "dtCookie", "domain": "", "wildcardMatch": "1"},
        {"category": "Analytics", "cookie": "sp", "domain": ""},
        {"category": "Marketing", "cookie": "europe", "domain": ""},
        {"category": "Analytics", "cookie": "stg_global_opt_out", "domain": ""},
        {"category": "Functional", "cookie": "cookiePreferences", "domain": ""},
    ]
    (tmp_path / "base.json").write_text(json.dumps({"Dynatrace": rows}))
    told = CookieDatabase.read(tmp_path / "base.json").follower
    assert told("uid", "track.adform.net", is_own=False) == "Adform"
    assert told("uid", "notadform.net", is_own=False) == ""
    assert told("dtCookie1", "www.elan.example", is_own=True) == "Dynatrace"
    for name in ("uid", "sp", "europe", "stg_global_opt_out", "cookiePreferences", "autre"):
        assert told(name, "www.elan.example", is_own=True) == ""


def test_a_cookie_of_the_open_database_fails_abroad_and_is_doubted_at_home(knowledge: Knowledge) -> None:
    known = copy(knowledge)
    known.open_cookies = CookieDatabase(
        (Row("uid", False, ("adform.net",), "Adform"), Row("dtCookie", True, (), "Dynatrace"))
    )

    def found(name: str, host: str) -> set[tuple[str, Weight]]:
        seen = capture(none={"cookies": (Cookie(name, "v1", host, days=30.0),)})
        return {(one.rule, one.weight) for one in judge(seen, known).verdict(Criterion.CONSENT).findings}

    assert found("uid", "c.adform.net") == {("cookie-before-choice", Weight.FAIL)}
    assert found("dtCookie", "www.elan.example") == {("cookie-said-to-follow", Weight.UNKNOWN)}
    assert found("rien_de_tel", "www.elan.example") == set()


def test_without_the_open_database_nothing_is_known_of_it_and_with_it_its_version_is_told(tmp_path: Path) -> None:
    assert Knowledge(Lists(tmp_path, roots=())).open_cookies.rows == ()
    assert OPEN_COOKIES not in Knowledge(Lists(tmp_path, roots=())).versions
    folder = tmp_path / "node_modules" / COOKIES
    (folder / DATABASE).parent.mkdir(parents=True)
    (folder / DATABASE).write_text("{}")
    (folder / "package.json").write_text('{"version": "3.8.2"}')
    assert Knowledge(Lists(tmp_path, roots=())).versions[OPEN_COOKIES] == f"{COOKIES} 3.8.2"
