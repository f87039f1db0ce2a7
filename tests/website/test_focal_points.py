"""Where a picture is cut, what its editor marked stays in it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from portevoix.accounts.types import Role
from portevoix.website.models import HomePage
from tests.website.factories import PictureFactory
from tests.website.test_moderation import member

pytestmark = pytest.mark.django_db

RED, BLUE = (220, 20, 20), (20, 20, 220)


def half_and_half() -> ContentFile[bytes]:
    """Return a wide picture: blue, with a red end at the right."""
    drawn = Image.new("RGB", (1200, 400), BLUE)
    drawn.paste(RED, (900, 0, 1200, 400))
    buffer = io.BytesIO()
    drawn.save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), name="half.png")


def centre_of(picture: Any, spec: str) -> tuple[int, ...]:
    with picture.get_rendition(spec).file.open("rb") as file:
        cut = Image.open(file).convert("RGB")
        return cut.getpixel((cut.width // 2, cut.height // 2))  # type: ignore[return-value]


def is_red(colour: tuple[int, ...]) -> bool:
    return colour[0] > colour[2]


@pytest.mark.parametrize("form", ["png", "webp", "avif"])
def test_what_was_marked_is_in_the_middle_of_what_is_cut(home: HomePage, form: str) -> None:
    plain = PictureFactory(file=half_and_half())
    spec = f"fill-300x300|format-{form}"
    assert not is_red(centre_of(plain, spec))
    marked = PictureFactory(
        file=half_and_half(), focal_point_x=1050, focal_point_y=200, focal_point_width=200, focal_point_height=200
    )
    assert is_red(centre_of(marked, spec))


def test_a_mark_that_moves_makes_another_cut(home: HomePage) -> None:
    picture = PictureFactory(file=half_and_half())
    before = picture.get_rendition("fill-300x300|format-png").url
    picture.focal_point_x, picture.focal_point_y = 1050, 200
    picture.focal_point_width = picture.focal_point_height = 200
    picture.save()
    assert picture.get_rendition("fill-300x300|format-png").url != before
    assert is_red(centre_of(picture, "fill-300x300|format-png"))


def test_the_form_of_a_picture_lets_its_editor_mark_it(home: HomePage) -> None:
    picture = PictureFactory(file=half_and_half())
    screen = member(Role.COMMUNICATIONS).get(f"/gestion/images/{picture.pk}/").content.decode()
    assert 'name="focal_point_x"' in screen
