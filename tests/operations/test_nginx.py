"""nginx with the configuration that we ship: it answers by itself, shows what is new, counts each visit once."""

from __future__ import annotations

import gzip
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from wagtail.models import Page

from portevoix.audience import counter, readers
from portevoix.audience.models import DailyCount
from portevoix.website import freshness
from portevoix.website.models import HomePage, Recording
from tests.operations.fronting import NGINX, Front, configuration, running, serving
from tests.operations.living import free_port
from tests.website.factories import HomePageFactory, PictureFactory, StandardPageFactory
from tests.website.test_media import MP4, VTT


@pytest.fixture
def instance(settings: Any, tmp_path: Path) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "media"
    settings.DATA_DIR.mkdir()


@pytest.fixture
def behind(instance: None, transactional_db: None) -> Iterator[int]:
    with serving() as port:
        yield port


@pytest.fixture
def front(behind: int, tmp_path: Path) -> Iterator[Front]:
    HomePageFactory()
    freshness.advance()
    port = free_port()
    with running(configuration(tmp_path, port=port, behind=behind), port):
        yield Front(port, tmp_path)


def titled(front: Front, path: str = "/", **headers: str) -> str:
    """Return what stands between the page's h1 tags."""
    body = front.ask(path, **headers).body
    text = str((gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode())
    return text.partition("<h1>")[2].partition("</h1>")[0]


def publish(page: Page, **values: str) -> None:
    for name, value in values.items():
        setattr(page, name, value)
    page.save_revision().publish()


def in_one_second() -> None:
    """Wait for the beginning of a second: what nginx keeps, it keeps until the end of one."""
    time.sleep(1.02 - time.time() % 1)


# ------------------------------------------------------------------------------------------------------ the file
@pytest.mark.usefixtures("instance")
def test_nginx_finds_no_fault_in_the_file(tmp_path: Path) -> None:
    first = configuration(tmp_path, port=free_port(), behind=8000)
    said = subprocess.run([NGINX, "-t", "-c", str(first)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert "warn" not in said.stderr.replace("could not open error log", "")


@pytest.mark.usefixtures("instance")
def test_two_campaigns_have_one_nginx(settings: Any, tmp_path: Path) -> None:
    first = configuration(tmp_path, port=free_port(), behind=8000)
    settings.ALLOWED_HOSTS = ["a-very-long-name-of-a-campaign-of-somewhere.valmer.example", ".valmer.example"]
    (tmp_path / "other").mkdir()
    configuration(tmp_path / "other", port=free_port(), behind=8001)
    (tmp_path / "other" / "site.server").rename(tmp_path / "other.server")
    said = subprocess.run([NGINX, "-t", "-c", str(first)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


@pytest.mark.usefixtures("instance")
def test_without_a_name_of_ours_there_is_nothing_to_write(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    with pytest.raises(CommandError, match="allowed_hosts"):
        call_command("nginx")


# ---------------------------------------------------------------------------------------------- what it gives itself
def test_a_page_is_given_as_portevoix_gives_it(front: Front) -> None:
    in_one_second()
    first, again = front.ask(), front.ask()
    assert first.status == again.status == 200
    assert front.kept == 1
    assert first.body == again.body
    names = [name.lower() for name, _value in again.getheaders()]
    assert len(names) == len(set(names)), "a header is there twice"
    assert {"content-security-policy", "x-content-type-options", "referrer-policy", "x-frame-options"} <= set(names)
    assert "x-accel-expires" not in names
    tag = again.getheader("ETag")
    assert front.ask(If_None_Match=tag).status == 304


def test_each_reader_is_given_what_it_can_read(front: Front) -> None:
    in_one_second()
    assert front.ask().getheader("Content-Encoding") == "gzip"
    assert front.ask(Accept_Encoding="identity").getheader("Content-Encoding") is None
    assert front.ask(Accept_Encoding="br, gzip").getheader("Content-Encoding") == "gzip"


def test_what_is_published_is_seen_within_a_second(front: Front) -> None:
    page = StandardPageFactory(slug="programme", title="Before")
    assert titled(front, "/programme/") == "Before"
    publish(page, title="After")
    began = time.monotonic()
    while titled(front, "/programme/") != "After":
        assert time.monotonic() - began < 1.25


@pytest.mark.parametrize(("path", "gone"), [("/programme/", 404), ("/", 503)])
def test_what_is_withdrawn_is_gone_within_a_second(front: Front, path: str, gone: int) -> None:
    pages = {"/programme/": StandardPageFactory(slug="programme"), "/": HomePage.objects.get()}
    assert front.ask(path).status == 200
    pages[path].unpublish()
    began = time.monotonic()
    while front.ask(path).status != gone:
        assert time.monotonic() - began < 1.25


def test_the_marks_of_letters_lead_to_the_kept_page(front: Front) -> None:
    in_one_second()
    front.ask()
    assert front.ask("/?utm_source=letter&utm_campaign=may").status == 200
    assert front.kept == 1


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?page=2", {}),
        ("/?utm_source=a&page=2", {}),
        ("/", {"Cookie": "a=b; portevoix_session=x"}),
        ("/", {"Authorization": "Basic YTpi"}),
        ("/recherche/", {}),
        ("/nowhere/", {}),
        ("/robots.txt", {}),
        ("/theme/0123456789ab.css", {}),
    ],
)
def test_anything_else_is_asked_of_portevoix(front: Front, path: str, headers: dict[str, str]) -> None:
    front.ask(path, **headers)
    assert front.kept == 0


def test_another_way_to_write_an_address_is_another_page(front: Front) -> None:
    """Else whoever finds two ways that Portevoix and nginx read otherwise may put one page in the place of another."""
    StandardPageFactory(slug="programme", title="Programme")
    in_one_second()
    assert titled(front, "/%70rogramme/") == titled(front, "/programme/") == "Programme"
    assert front.kept == 2
    assert front.ask(method="HEAD").body == b""
    assert titled(front)


def test_another_host_is_answered_no_page_of_ours(front: Front) -> None:
    front.ask()
    assert front.ask(host="evil.example").status == 400
    assert front.kept == 1


# ----------------------------------------------------------------------------------------------------------- visits
@pytest.fixture
def _counting(front: Front, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.COUNT_VISITS = True
    monkeypatch.setattr(counter, "_writer", threading.current_thread())  # written by the test itself
    counter.flush()
    DailyCount.objects.all().delete()


def written(number: int) -> list[list[str]]:
    """Return the lines of the log once there are so many: nginx holds them for a second."""
    began = time.monotonic()
    while True:
        lines = readers.visits_log().read_text().splitlines()
        if len(lines) >= number:
            return [json.loads(line) for line in lines]
        assert time.monotonic() - began < 5, lines
        time.sleep(0.05)


@pytest.mark.usefixtures("_counting")
def test_each_visit_counts_once_whoever_answers(front: Front) -> None:
    for number in range(40):
        front.ask(Referer="https://www.qwant.com/?q=secret" if number % 2 else f"http://localhost:{front.port}/news/")
    counter.flush()
    by_portevoix = sum(row.views for row in DailyCount.objects.all())
    lines = written(40 - by_portevoix)
    assert 1 <= by_portevoix < 20 < len(lines)
    counter.count_log()
    counts = {(row.path, row.origin): (row.views, row.visits) for row in DailyCount.objects.all()}
    assert counts == {("/", "search"): (20, 20), ("/", ""): (20, 0)}


def test_the_log_holds_the_hour_the_page_and_the_host_of_before(front: Front) -> None:
    StandardPageFactory(slug="programme")
    in_one_second()
    for _time in range(3):
        front.ask(
            "/programme/?utm_source=x&utm_medium=y&utm_campaign=z&par=abc234defg",
            Referer="https://me:pw@lemonde.fr:443/people/anne?id=12#x",
        )
    lines = written(2)
    hour, *rest = lines[0]
    assert hour[13:19] == ":00:00"
    assert rest == [f"localhost:{front.port}", "/programme/", "lemonde.fr", "x", "1", "y", "z"]
    assert "abc234defg" not in readers.visits_log().read_text()
    assert "127.0.0.1" not in readers.visits_log().read_text()


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        *(("Tract_2-a.b", "Tract_2-a.b"), ("march%C3%A9+aux%20puces", "march%C3%A9+aux%20puces")),
        *(("anne%40mail.example", ""), ("anne@mail.example", ""), ("06.39.98.12.34", ""), ("x" * 61, "")),
    ],
)
def test_a_word_of_a_link_that_could_name_somebody_is_not_in_the_log(front: Front, word: str, kept: str) -> None:
    in_one_second()
    for _time in range(3):
        front.ask(f"/?utm_source={word}&utm_medium={word}&utm_campaign={word}&par=Anne")
    assert written(2)[0][4:] == [kept, "", kept, kept]


def test_who_opted_out_and_who_is_no_reader_is_not_in_the_log(front: Front) -> None:
    in_one_second()
    front.ask()
    front.ask(Sec_GPC="1")
    front.ask(DNT="1")
    front.ask(User_Agent="Googlebot/2.1")
    front.ask(User_Agent="")
    front.ask(Cookie="portevoix_session=x")
    front.ask(Referer="https://the-last.example/")
    assert [line[3] for line in written(1)] == ["the-last.example"]


# ------------------------------------------------------------------------------------------------------------ files
def test_static_files_are_given_by_nginx(front: Front, settings: Any) -> None:
    folder = settings.DATA_DIR / "static" / "kernel"
    folder.mkdir(parents=True)
    for name in ("base.0123456789ab.css", "base.css"):
        (folder / name).write_text("/* é */" * 50)
        (folder / f"{name}.gz").write_bytes(gzip.compress(b"packed"))
    hashed, plain = front.ask("/static/kernel/base.0123456789ab.css"), front.ask("/static/kernel/base.css")
    assert hashed.getheader("Content-Type") == "text/css; charset=utf-8"
    assert gzip.decompress(hashed.body) == b"packed"
    assert hashed.getheader("Cache-Control") == "public, max-age=31536000, immutable"
    assert plain.getheader("Cache-Control") == "public, max-age=60"
    assert hashed.getheader("X-Content-Type-Options") == plain.getheader("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../portevoix.toml",
        "/static/%2e%2e/portevoix.toml",
        "/static../portevoix.toml",
        "/media/images/../../portevoix.toml",
        "/media/images/..%2f..%2fportevoix.toml",
        "/media/original_images/secret.png",
        "/_donne/recordings/film.mp4",
        "/_donne/../portevoix.toml",
        "/visits.log",
    ],
)
def test_no_other_file_of_the_instance_can_be_asked_for(front: Front, settings: Any, path: str) -> None:
    (settings.DATA_DIR / "portevoix.toml").write_text("secret")
    for name in ("original_images/secret.png", "recordings/film.mp4"):
        (settings.MEDIA_ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.MEDIA_ROOT / name).write_text("secret")
    answer = front.ask(path)
    assert answer.status in {400, 404}
    assert b"secret" not in answer.body


def test_pictures_are_given_by_nginx_and_can_do_nothing(front: Front) -> None:
    rendition = PictureFactory().get_rendition("width-320|format-avif")
    answer = front.ask(rendition.url)
    assert answer.status == 200
    assert answer.getheader("Content-Type") == "image/avif"
    assert "sandbox" in answer.getheader("Content-Security-Policy")
    assert "max-age=86400" in answer.getheader("Cache-Control")


def test_videos_are_given_by_nginx_if_portevoix_allows_it(front: Front, settings: Any) -> None:
    film = Recording(title="Film", locale=HomePage.objects.get().locale)
    film.file.save("film é.mp4", ContentFile(MP4), save=False)
    film.captions.save("film.vtt", ContentFile(VTT), save=False)
    film.save()
    answer = front.ask(f"/media/{film.file.name}".replace("é", "%C3%A9"), Range="bytes=4-7")
    assert (answer.status, answer.body) == (206, MP4[4:8])
    assert answer.getheader("Content-Type") == "video/mp4"
    assert "sandbox" in answer.getheader("Content-Security-Policy")
    (settings.MEDIA_ROOT / "recordings" / "gone.mp4").write_bytes(MP4)
    assert front.ask("/media/recordings/gone.mp4").status == 404
