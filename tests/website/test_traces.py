"""Where, when and with what a picture or a film was taken stays with the campaign."""

from __future__ import annotations

import io
import struct
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from portevoix.website.models import HomePage, Picture, Recording
from portevoix.website.rules.traces import blank_traces, without_traces
from tests.website.factories import PictureFactory, wagtail_roots

PHONE, HOME, XMP = b"Telephone 12", b"at my sister's", b"<x:xmpmeta>48.85N 2.35E</x:xmpmeta>"
TRACES = (PHONE, HOME, XMP, b"Exif", b"eXIf", b"xap/1.0", b"xmpmeta")


def photo(form: str = "JPEG", *, turned: bool = True) -> bytes:
    """Return a wide picture as a telephone writes it upright: place, device, comment, and profile of colours."""
    exif = Image.Exif()
    exif[0x010F] = PHONE.decode()
    if turned:
        exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 51.0, 24.0), 3: "E", 4: (2.0, 21.0, 7.0)})
    drawn = Image.new("RGB", (600, 400), "#4326e0")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    remarks = PngInfo()
    remarks.add_text("Comment", HOME.decode())
    remarks.add_itxt("XML:com.adobe.xmp", XMP.decode())
    told: dict[str, Any] = {"PNG": {"pnginfo": remarks}, "JPEG": {"comment": HOME, "xmp": XMP}}.get(form, {"xmp": XMP})
    buffer = io.BytesIO()
    drawn.save(buffer, form, exif=exif, icc_profile=profile, **told)
    return buffer.getvalue()


def read(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def is_silent(content: bytes) -> bool:
    """Tell whether nothing of what the telephone wrote is left; an AVIF has an empty "Exif" of its own at times."""
    return not any(trace in content for trace in TRACES) and not read(content).getexif()


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_picture_keeps_its_pixels_and_its_colours_and_says_nothing_more(form: str) -> None:
    taken = photo(form, turned=False)
    plain = without_traces(taken)
    assert not is_silent(taken)
    assert is_silent(plain)
    assert read(plain).tobytes() == read(taken).tobytes()
    assert read(plain).info["icc_profile"] == read(taken).info["icc_profile"]
    assert without_traces(plain) == plain


@pytest.mark.parametrize("content", [b"", b"GIF89a...", b"\xff\xd8\xff\xe1\x00", b"\x89PNG\r\n\x1a\n\x00\x00"])
def test_what_is_no_whole_picture_does_no_harm(content: bytes) -> None:
    assert content.startswith(without_traces(content))


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("spec", ["max-1056x2400", "fill-80x80", "original", "width-1300"])
def test_what_everybody_may_fetch_says_nothing_of_where_it_was_taken(client: Client, form: str, spec: str) -> None:
    picture = PictureFactory(file=ContentFile(photo(form), name=f"a.{form.lower()}"))
    made = picture.get_rendition(spec)
    content = b"".join(client.get(made.url).streaming_content)  # type: ignore[attr-defined]
    assert is_silent(content)
    assert read(content).info["icc_profile"]
    if spec == "max-1056x2400":
        assert read(content).size == (400, 600)  # upright, as it was held
    assert client.get(f"/media/{picture.file.name}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "avif"])
def test_several_sizes_made_at_once_say_nothing_either(home: HomePage, form: str) -> None:
    picture = PictureFactory(file=ContentFile(photo(), name="a.jpg"))
    for made in picture.get_renditions(f"width-100|format-{form}", f"width-200|format-{form}").values():
        with made.file.open("rb") as file:
            assert is_silent(file.read())


def box(kind: bytes, *within: bytes) -> bytes:
    body = b"".join(within)
    return struct.pack(">I4s", 8 + len(body), kind) + body


PLACE = b"+48.8566+002.3522/"
FILM = b"".join(
    [
        box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41"),
        box(
            b"moov",
            box(b"mvhd", b"\x01" * 100),
            box(b"trak", box(b"tkhd", b"\x02" * 84), box(b"udta", box(b"loci", PLACE))),
            box(b"udta", box(b"\xa9xyz", PLACE), box(b"\xa9mak", PHONE)),
            box(b"meta", box(b"keys", b"com.apple.quicktime.location.ISO6709"), box(b"ilst", PLACE)),
        ),
        box(b"uuid", b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8", XMP),
        struct.pack(">I4sQ", 1, b"mdat", 16 + 5000) + b"udta" + b"\x07" * 4996,
    ]
)


def test_a_film_loses_where_it_was_made_and_nothing_moves_in_it() -> None:
    film = io.BytesIO(FILM)
    assert blank_traces(film) == 4
    left = film.getvalue()
    assert not any(told in left for told in (PLACE, PHONE, XMP, b"location"))
    assert len(left) == len(FILM)
    for kept in (b"mvhd", b"tkhd", b"mdatudta", b"mdat" + FILM[FILM.index(b"mdat") + 4 :]):
        assert kept not in FILM or left.index(kept) == FILM.index(kept)
    assert blank_traces(film) == 0


@pytest.mark.parametrize("content", [b"", b"ID3\x03" + bytes(60), FILM[:200], b"\x00\x00\x00\x01moov"])
def test_a_file_that_is_no_whole_film_is_left_alone(content: bytes) -> None:
    file = io.BytesIO(content)
    blank_traces(file)
    assert len(file.getvalue()) == len(content)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["film.mp4", "talk.m4a"])
def test_a_recording_that_everybody_may_play_says_nothing_of_where_it_was_made(client: Client, name: str) -> None:
    wagtail_roots()
    film = Recording.objects.create(title="A film", file=SimpleUploadedFile(name, FILM))
    content = b"".join(client.get(film.file.url).streaming_content)  # type: ignore[attr-defined]
    assert PLACE not in content
    assert len(content) == len(FILM)


@pytest.mark.django_db
def test_a_recording_saved_again_is_not_read_again(client: Client) -> None:
    wagtail_roots()
    film = Recording.objects.create(title="A film", file=SimpleUploadedFile("film.mp4", FILM))
    before = Path(film.file.path).stat().st_mtime_ns
    Recording.objects.get(pk=film.pk).save()
    assert Path(film.file.path).stat().st_mtime_ns == before


@pytest.mark.django_db
def test_what_was_given_out_before_is_silenced_in_its_place(home: HomePage) -> None:
    made = PictureFactory(file=ContentFile(photo(), name="a.jpg")).get_rendition("max-1056x2400")
    gone = PictureFactory(file=ContentFile(photo(), name="b.jpg")).get_rendition("max-1056x2400")
    film = Recording.objects.create(title="A film", file=SimpleUploadedFile("film.mp4", FILM))
    Path(made.file.path).write_bytes(photo(turned=False))
    Path(film.file.path).write_bytes(FILM)
    Path(gone.file.path).unlink()
    import_module("portevoix.website.migrations.0012_files_without_traces").silence(apps, None)
    assert is_silent(Path(made.file.path).read_bytes())
    assert PLACE not in Path(film.file.path).read_bytes()
    assert Picture.objects.get(pk=made.image_id).get_rendition("max-1056x2400").url == made.url  # letters lead there
