"""The product's own site passes its own audit: the demo's, behind the nginx that we ship, read as anybody's is."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from wagtail.models import Page

from portevoix.auditor.engine.capture.browser import Chromium
from portevoix.auditor.engine.capture.names import Answer, TableResolver
from portevoix.auditor.engine.capture.options import Options
from portevoix.auditor.engine.capture.site import capture
from portevoix.auditor.engine.knowledge.base import Knowledge
from portevoix.auditor.engine.knowledge.lists import Lists, default_folder
from portevoix.auditor.engine.rules.judge import judge
from portevoix.auditor.engine.types import Capture, Criterion, Phase, Report, Status, Visit, Weight
from portevoix.conf.instance import Legal
from portevoix.kernel import clock
from portevoix.operations import supervisor
from portevoix.operations.demo.actions import build_action_pages
from portevoix.operations.demo.site import build_site
from portevoix.operations.embedded import Cluster
from portevoix.website import freshness
from tests import database
from tests.auditor import rehearsal
from tests.auditor.town import OVH, Reply, built, certificate
from tests.operations.fronting import configuration, running, serving
from tests.operations.living import free_port
from tests.territory.factories import election

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
HOST = "www.ricochet.example"
HOME = f"https://{HOST}/"
#: Where the film of the demo is kept: another machine.
FILMS = "tube.ricochet.example"
FACTS = Path(supervisor.__file__).parent / "first_instance.toml"
#: What a host knows of itself, and no campaign can invent.
HOSTED = {
    "host_name": "OVH SAS",
    "host_address": "2 rue Kellermann, 59100 Roubaix",
    "host_phone": "09 72 10 10 07",
    "host_country": "FR",
}
ZONE = {
    "NS": ("dns10.ovh.net",),
    "MX": ("1 mx1.mail.ovh.net",),
    "TXT": ("v=spf1 include:mx.ovh.com -all",),
}


@pytest.fixture
def options(settings: Settings, cluster: Cluster, transactional_db: None, tmp_path: Path) -> Iterator[Options]:
    """The demo's site as its host would have it: TLS and files by nginx, a name that leads to a machine of OVH's."""
    _as_hosted(settings, tmp_path / "data")
    database.put_back(cluster, "migrated")
    build_site(hostname=HOST, port=443)
    election(clock.today())
    build_action_pages()
    home = Page.objects.get(depth=2, locale__language_code="fr")
    Page.objects.live().child_of(home).update(show_in_menus=True)  # all that visitors can do, one click away
    freshness.advance()
    call_command("collectstatic", interactive=False, link=True, verbosity=0)
    pem, key = certificate(tmp_path, "Certigna Rehearsal")
    port = free_port()
    (tmp_path / "films").mkdir()
    with (
        built(tmp_path / "films") as films,
        serving() as behind,
        running(configuration(tmp_path, port=port, behind=behind, certificate=pem), port),
    ):
        films.add(FILMS, {"*": Reply("<!doctype html><title>Le film</title>")})
        domain = HOST.partition(".")[2]
        yield Options(
            resolver=TableResolver(
                {**films.table, HOST: Answer((OVH,), (), ("127.0.0.1", port))},
                {(domain, kind): rows for kind, rows in ZONE.items()},
            ),
            trusted_keys=(key, films.key),
            autoconsent=Lists(default_folder()).npm("@duckduckgo/autoconsent"),
            pages=26,
            quiet=0.3,
            stay=0.6,
            stay_inside=0.1,
            banner_patience=1.0,
            pictures=False,
        )


def _as_hosted(settings: Settings, folder: Path) -> None:
    """What the settings make of an address that begins with https."""
    facts = tomllib.loads(FACTS.read_text("utf-8"))["legal"]
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"legal": Legal(**{**facts, **HOSTED})})
    settings.BASE_URL = settings.WAGTAILADMIN_BASE_URL = HOME.rstrip("/")
    settings.ALLOWED_HOSTS = [HOST]
    settings.IS_SECURE = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT, settings.STATIC_ROOT = folder / "media", folder / "static"
    settings.STATIC_ROOT.mkdir(parents=True)


def seen(url: str, options: Options) -> Capture:
    async def work() -> Capture:
        async with Chromium(options) as chromium:
            return await capture(url, chromium, options)

    found: Capture = rehearsal.alone(work())
    assert not found.trouble
    return found


def faults(report: Report) -> list[str]:
    """Return all that was found but notes: warnings are no more welcome on our own pages than failures."""
    return [
        f"{finding.rule} ({finding.weight}): {finding.subject} {finding.reason} {finding.evidence[:2]}"
        for verdict in report.verdicts
        for finding in verdict.findings
        if finding.weight is not Weight.NOTE
    ]


def test_our_own_site_passes_with_no_finding_and_asks_before_it_shows_other_sites(
    options: Options, knowledge: Knowledge
) -> None:
    """One test for both, since making and serving the site takes longer than reading it."""
    _finds_nothing(options, knowledge)
    _publish_the_film()
    _is_asked_and_obeyed(replace(options, pages=3), knowledge)


def _publish_the_film() -> None:
    """Publish the draft that the demo has for it, with its film alone: the map beside it is kept in another country."""
    page = Page.objects.get(slug="en-images").get_latest_revision_as_object()
    page.body = [(block.block_type, block.value) for block in page.body if FILMS in block.value["address"]]
    page.save_revision().publish()


def _finds_nothing(options: Options, knowledge: Knowledge) -> None:
    found = seen(HOME, options)
    report = judge(found, knowledge)
    assert faults(report) == []
    assert {one.criterion: one.status for one in report.verdicts} == dict.fromkeys(Criterion, Status.PASS)
    assert {one.is_own for one in report.receivers} <= {True}
    for phase in Phase:
        visit = _visit(found, phase)
        assert len(visit.pages) > 20, "the auditor looked at little"
        assert len(visit.forms) > 5, "the auditor saw few forms"
        assert not visit.banner.is_there
        assert not visit.cookies
        assert not visit.stored


def _is_asked_and_obeyed(options: Options, knowledge: Knowledge) -> None:
    """Nothing is asked of the film's machine, nor kept, before the answer; the answer alone is kept, for six months."""
    found = seen(f"{HOME}en-images/", options)
    report = judge(found, knowledge)
    assert faults(report) == []
    assert {one.criterion: one.status for one in report.verdicts} == dict.fromkeys(Criterion, Status.PASS)
    assert {one.host: one.phases for one in report.receivers}[FILMS] == (Phase.ACCEPT,)
    asked, refused, accepted = (_visit(found, phase) for phase in Phase)
    assert asked.banner.is_there
    assert asked.banner.refuse_is_reachable
    assert (asked.clicked, asked.cookies) == ("", ())
    assert (refused.clicked, accepted.clicked) == (asked.banner.refuse, asked.banner.accept)
    assert [(one.name, f"-{FILMS}" in one.value) for one in refused.cookies] == [("portevoix_choix", True)]
    assert [(one.name, f"-{FILMS}" in one.value) for one in accepted.cookies] == [("portevoix_choix", False)]
    assert [one.stored for one in (asked, refused, accepted)] == [(), (), ()]


def _visit(found: Capture, phase: Phase) -> Visit:
    visit = found.visit(phase)
    assert visit is not None
    return visit
