"""Pictures, videos, sounds: what lies about itself, or what some could not see or hear, is refused with the reason."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
import zlib
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from wagtail.documents import get_document_model
from wagtail.documents.forms import get_document_form
from wagtail.images.forms import get_image_form

from portevoix.accounts.services import mandates
from portevoix.accounts.types import Invitation, Role, System
from portevoix.website.models import HomePage, Picture, Recording
from portevoix.website.rules.files import fault_of_captions, is_document, kind_of_recording
from portevoix.website.views.ranges import front_word
from tests.website.factories import PictureFactory, StandardPageFactory, png, wagtail_roots
from tests.website.test_page_types import filled

MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + b"\x00" * 300
WEBM = b"\x1aE\xdf\xa3\x93B\x82\x84webmB\x87\x81\x02B\x85\x81\x02" + b"\x00" * 300
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"\x00" * 300
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nBonjour à toutes\n".encode()


def upload(name: str, content: bytes, **fields: str) -> Any:
    data = {"title": "A picture", "description": "What it shows", "collection": "1", **fields}
    form = get_image_form(Picture)(data, {"file": SimpleUploadedFile(name, content)})
    form.fields.pop("collection", None)
    return form


def faults(form: Any, field: str = "file") -> str:
    assert not form.is_valid()
    return " ".join(form.errors.get(field, []))


def huge_png(width: int, height: int) -> bytes:
    """Return a PNG that is all of one colour: a bomb, small in its file and large in memory."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])
    packer, row = zlib.compressobj(9), b"\x00" * (1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.django_db
class TestPictures:
    @pytest.fixture(autouse=True)
    def _roots(self) -> None:
        wagtail_roots()

    def test_a_picture_is_taken(self) -> None:
        assert upload("a.png", png(20, 20).read()).is_valid()

    def test_without_the_words_that_stand_for_it_it_is_refused(self) -> None:
        assert faults(upload("a.png", png(20, 20).read(), description=""), "description")

    def test_a_drawing_that_can_carry_a_script_is_refused(self) -> None:
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        assert "GIF, JPG" in faults(upload("a.svg", svg))
        assert faults(upload("a.png", svg))

    def test_a_picture_of_fifty_megapixels_is_refused_with_the_limit(self) -> None:
        said = (
            faults(upload("a.png", huge_png(10_000, 5_000))).replace("\xa0", "").replace("\u202f", "").replace(" ", "")
        )
        assert "40000000" in said

    def test_a_bomb_is_refused_with_the_limit_too(self) -> None:
        assert "40000000" in faults(upload("a.png", huge_png(30_000, 30_000)))

    def test_a_file_that_is_not_what_its_name_says_is_refused(self) -> None:
        buffer = io.BytesIO()
        Image.new("RGB", (20, 20)).save(buffer, "GIF")
        assert faults(upload("a.png", buffer.getvalue()))
        assert faults(upload("a.jpg", b"<html><script>alert(1)</script>"))

    def test_a_page_gives_light_forms_at_several_sizes(self, client: Client, home: HomePage) -> None:
        image = {"image": PictureFactory().pk, "decorative": False, "alt_text": "A field of blue"}
        filled(StandardPageFactory(slug="seen"), "body", ("picture", {"image": image, "caption": ""}))
        picture = BeautifulSoup(client.get("/seen/").content, "html.parser").main.picture  # type: ignore[union-attr]
        assert picture is not None
        assert [source["type"] for source in picture.find_all("source")] == ["image/avif", "image/webp"]
        widths = [one.split()[-1] for one in str(picture.source["srcset"]).split(", ")]  # type: ignore[index]
        assert widths == ["480w", "960w", "1200w"]  # no larger than it is, and each once
        assert picture.img["alt"] == "A field of blue"  # type: ignore[index]
        for source in picture.find_all("source"):
            for one in str(source["srcset"]).split(", "):
                response = client.get(one.split()[0])
                assert response.status_code == 200
                assert response.headers["Content-Type"] == source["type"]
                b"".join(response.streaming_content)  # type: ignore[attr-defined]

    def test_a_decoration_has_no_words(self, client: Client, home: HomePage) -> None:
        image = {"image": PictureFactory().pk, "decorative": True, "alt_text": ""}
        filled(StandardPageFactory(slug="seen"), "body", ("picture", {"image": image, "caption": ""}))
        page = BeautifulSoup(client.get("/seen/").content, "html.parser")
        assert page.select_one("main img")["alt"] == ""  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("a.mp4", MP4, "video/mp4"), ("a.webm", WEBM, "video/webm"), ("a.mp3", MP3, "audio/mpeg")],
)
def test_a_recording_is_known_by_its_first_bytes(name: str, content: bytes, kind: str) -> None:
    assert kind_of_recording(name, content) == kind


@pytest.mark.parametrize("name", ["a.mp4", "a.mp3", "a.ogg", "a.exe", "a.svg", "a", "a.mp4.html"])
@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", WEBM, b""])
def test_what_is_not_what_its_name_says_is_refused(name: str, content: bytes) -> None:
    assert kind_of_recording(name, content) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.txt", VTT), ("a.vtt", b"1\n00:00"), ("a.vtt", b"WEBVTT\n"), ("a.vtt", "WEBVTT é".encode("latin1"))],
)
def test_what_is_no_caption_is_refused(name: str, words: bytes) -> None:
    assert fault_of_captions(name, words)
    assert fault_of_captions("a.vtt", VTT) is None


def recording(name: str = "film.mp4", content: bytes = MP4, **fields: Any) -> Recording:
    wagtail_roots()
    return Recording(title="A film", file=SimpleUploadedFile(name, content), **fields)


@pytest.mark.django_db
class TestRecordings:
    def test_a_video_without_captions_is_refused(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            recording().clean()
        assert "captions" in refusal.value.message_dict

    def test_a_sound_without_its_text_is_refused(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            recording("talk.mp3", MP3).clean()
        assert "transcript" in refusal.value.message_dict
        recording("talk.mp3", MP3, transcript="<p>All that is said.</p>").clean()

    def test_a_page_under_the_name_of_a_video_is_refused(self) -> None:
        with pytest.raises(ValidationError) as refusal:
            recording("film.mp4", b"<html>").clean()
        assert "file" in refusal.value.message_dict

    @pytest.fixture
    def film(self) -> Recording:
        film = recording(captions=SimpleUploadedFile("film.vtt", VTT))
        film.clean()
        film.save()
        return film

    def test_a_player_is_given_the_part_it_asks_for(self, client: Client, film: Recording) -> None:
        response: Any = client.get(film.file.url, headers={"Range": "bytes=4-11"})
        assert response.status_code == 206
        assert b"".join(response.streaming_content) == b"ftypisom"
        assert response.headers["Content-Range"] == f"bytes 4-11/{len(MP4)}"
        last: Any = client.get(film.file.url, headers={"Range": "bytes=-4"})
        assert b"".join(last.streaming_content) == MP4[-4:]
        whole: Any = client.get(film.file.url)
        assert whole.headers["Accept-Ranges"] == "bytes"
        assert b"".join(whole.streaming_content) == MP4

    def test_only_our_own_nginx_is_told_where_a_file_is(self, client: Client, film: Recording) -> None:
        invented: Any = client.get(film.file.url, headers={"X-Portevoix-Front": "0" * 64})
        assert b"".join(invented.streaming_content) == MP4
        ours = client.get(film.file.url, headers={"X-Portevoix-Front": front_word()})
        assert ours.headers["X-Accel-Redirect"].endswith(".mp4")
        assert ours.content == b""

    @pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=9-4"])
    def test_a_part_that_is_not_there_is_refused(self, client: Client, film: Recording, asked: str) -> None:
        assert client.get(film.file.url, headers={"Range": asked}).status_code == 416

    def test_captions_come_with_it_and_files_of_nobody_do_not(self, client: Client, film: Recording) -> None:
        response: Any = client.get(film.captions.url)
        assert response.headers["Content-Type"].startswith("text/vtt")
        b"".join(response.streaming_content)
        for path in (
            "/media/recordings/other.mp4",
            "/media/recordings/../portevoix.toml",
            "/media/recordings/%2e%2e/x",
        ):
            assert client.get(path).status_code == 404

    @pytest.mark.parametrize(("role", "is_let_in"), [(Role.COMMUNICATIONS, True), (Role.READER, False)])
    def test_who_edits_the_site_chooses_among_them_and_nobody_else(
        self, film: Recording, role: Role, is_let_in: bool
    ) -> None:
        someone = Invitation(email="a@campaign.example", first_name="A", last_name="B", role=role, departement_code="")
        browser = Client()
        browser.force_login(mandates.invite(someone, actor=System("tests")))
        for address in ("", "results/", f"chosen/{film.pk}/", f"chosen-multiple/?id={film.pk}"):
            answer = browser.get(f"/gestion/snippets/choose/website/recording/{address}")
            assert (answer.status_code == 200 and film.title in answer.content.decode()) is is_let_in, address

    def test_a_page_plays_it_with_its_captions(self, client: Client, home: HomePage, film: Recording) -> None:
        block = ("recording", {"recording": film.pk, "caption": "Three minutes"})
        filled(StandardPageFactory(slug="film"), "body", block)
        video = BeautifulSoup(client.get("/film/").content, "html.parser").video
        assert video is not None
        assert video["preload"] == "none"
        assert video.track["kind"] == "captions"  # type: ignore[index]


DOCUMENTS = [
    ("kit.pdf", b"%PDF-1.7\n", True),
    ("kit.PDF", b"\xef\xbb\xbf%PDF-1.4", True),
    ("kit.pdf", b"<!doctype html><script>alert(1)</script>", False),
    ("kit.pdf", b"MZ\x90\x00", False),
    ("lettre.docx", b"PK\x03\x04\x14\x00", True),
    ("lettre.odt", b"<html><body>", False),
    ("lettre.rtf", b"{\\rtf1\\ansi", True),
    ("lieux.csv", "commune;jour\nGuéret;12\n".encode("latin-1"), True),
    ("lieux.csv", "commune;jour".encode("utf-16"), True),
    ("lieux.csv", b" <script>alert(1)</script>", False),
    ("notes.txt", b"<svg onload=alert(1)>", False),
    ("notes.txt", b"2 < 3, dit-on", True),
    ("mesures.csv", b"BMI;nom\n24;Ana\n", True),
    ("mesures.csv", b"BM\x1a\x02\x00\x00", False),
    ("notes.txt", b"%PDF-1.7\n", False),
    ("notes.txt", b"\x7fELF\x02\x00", False),
    ("page.html", b"<html>", False),
]


@pytest.mark.parametrize(("name", "head", "is_so"), DOCUMENTS)
def test_a_document_is_judged_by_its_first_bytes(name: str, head: bytes, is_so: bool) -> None:
    assert is_document(name, head) is is_so


@pytest.mark.django_db
def test_a_page_of_the_web_that_is_called_a_pdf_is_refused_and_a_pdf_is_taken() -> None:
    def sent(content: bytes) -> Any:
        form = get_document_form(get_document_model())(
            {"title": "Kit"}, {"file": SimpleUploadedFile("kit.pdf", content)}
        )
        form.fields.pop("collection", None)
        return form

    assert "pas ce que dit son nom" in faults(sent(b"<html><script>alert(1)</script>"))
    form = sent(b"%PDF-1.4 rest")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["file"].read() == b"%PDF-1.4 rest"


@pytest.mark.django_db
def test_an_archive_that_is_a_bomb_is_given_as_it_came_since_nobody_here_unpacks_it(client: Client) -> None:
    """It harms no server of ours; whoever downloads it asked for a file of the campaign, put there by its team."""
    wagtail_roots()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(50 * 1024 * 1024))
    bomb = packed.getvalue()
    assert len(bomb) < 100 * 1024
    form = get_document_form(get_document_model())({"title": "Kit"}, {"file": SimpleUploadedFile("kit.zip", bomb)})
    form.fields.pop("collection", None)
    tracemalloc.start()
    try:
        assert form.is_valid(), form.errors
        kept = get_document_model()(title="Kit", file=form.cleaned_data["file"])
        kept.save()
        given = b"".join(client.get(kept.url).streaming_content)  # type: ignore[attr-defined]
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert given == bomb
