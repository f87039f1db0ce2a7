"""What is printed is what is shown; no value is ever read as markup; the file is tagged and in its language."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime

import pytest
from django.test import Client
from pypdf import PdfReader

from portevoix.accounts.types import Role
from portevoix.registers import writers
from portevoix.registers.selectors.record import record
from portevoix.registers.types import Document, Section, pairs, points, table, words
from tests.accounts.factories import signed_in
from tests.registers.factories import ProcessorFactory, breach

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOSTILE = [
    '#panic("x")',
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0"',
    "$ x^2 $",
    "*gras* _italique_ `code`",
    "= Titre",
    "<label> @ref",
    "// commentaire",
    "/* commentaire */",
    '"); #panic("y"); ("',
    "\\u{41} \\",
    "]) #panic() #([",
    "{{ settings.SECRET_KEY }} {% now %}",
    "<script>alert(1)</script>",
    "\x00\x01\x02",
    "é ’ « » 漢字 \U0001f600",
    "Ligne une\nLigne deux",
    "x" * 3000,
    "",
]


def read(content: bytes) -> str:
    """Return a file's text without the spaces and hyphens that lines add."""
    pages = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return bare(pages)


def bare(text: str) -> str:
    return re.sub(r"[\s\u00ad\u2010-]", "", unicodedata.normalize("NFKC", text))


def document(*values: str) -> Document:
    rows = [(value, value) for value in values]
    section = Section(values[0], [words(*values), pairs(rows), points(values), table(values[:2], rows)])
    return Document(values[0], values[-1], values[0], "fr", [section])


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_is_read_as_markup(value: str) -> None:
    told = read(writers.pdf(document(value or "vide", value), at=AT))
    printable = "".join(c for c in value if c.isprintable() and ord(c) < 0x2000)
    assert bare(printable)[:200] in "".join(c for c in told if c.isprintable() and ord(c) < 0x2000)
    assert "root:x:0" not in told


def test_the_file_has_title_language_tags_fonts_and_a_date() -> None:
    reader = PdfReader(io.BytesIO(writers.pdf(document("Registre", "Sous-titre"), at=AT)))
    catalogue = reader.trailer["/Root"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Registre"
    assert catalogue["/Lang"] == "fr"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalogue
    assert "pdfuaid" in catalogue["/Metadata"].get_data().decode()
    assert reader.metadata.creation_date == AT
    fonts = {name for page in reader.pages for name in page["/Resources"]["/Font"].values()}  # type: ignore[index]
    assert fonts
    for font in fonts:
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())


def test_a_sign_that_no_font_has_is_printed_as_a_box_rather_than_nothing_at_all() -> None:
    reader = PdfReader(io.BytesIO(writers.pdf(document("Registre", "漢字 \U0001f600 fin"), at=AT)))
    catalogue = reader.trailer["/Root"]
    assert "pdfuaid" not in catalogue["/Metadata"].get_data().decode()
    assert catalogue["/MarkInfo"]["/Marked"]
    assert "fin" in reader.pages[-1].extract_text()


def test_the_same_register_at_the_same_moment_is_the_same_file() -> None:
    assert writers.pdf(document("Registre", "x"), at=AT) == writers.pdf(document("Registre", "x"), at=AT)


@pytest.mark.django_db
def test_the_print_of_the_record_has_every_fact_of_the_page() -> None:
    ProcessorFactory(name="Nuage de Brocéliande", safeguards="Clauses types de 2021")
    told = read(signed_in().get("/gestion/registres/traitements/pdf/").content)
    seen = 0
    for section in record().sections:
        for block in section.blocks:
            for row in [[section.title], block.heads, *block.rows]:
                for cell in row:
                    assert bare(cell) in told, cell
                    seen += 1
    assert seen > 300


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "traitements/pdf/",
        "acces/pdf/",
        "sous-traitants/pdf/",
        "violations/pdf/",
        "violations/{}/brouillon/",
        "analyse/pdf/",
    ],
)
def test_each_register_prints(path: str) -> None:
    made = breach(title="#panic()", circumstances='Fuite \\ #read("/etc/passwd")')
    answer = signed_in(Role.DATA_OFFICER).get("/gestion/registres/" + path.format(made.pk))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert len(read(answer.content)) > 300


@pytest.mark.django_db
def test_the_draft_follows_the_form_of_the_authority() -> None:
    made = breach(persons=1234, circumstances="Un export joint par erreur.")
    told = read(signed_in().get(f"/gestion/registres/violations/{made.pk}/brouillon/").content)
    order = ["Typedenotification", "Responsabledetraitement", "Laviolation", "Lespersonnes", "Conséquencesprobables"]
    # The contents say each title first.
    places = [told.rindex(title) for title in order]
    assert places == sorted(places)
    assert "1234" in told
    assert "Unexportjointparerreur." in told


@pytest.mark.django_db
def test_a_print_is_for_who_answers_for_the_data(client: Client) -> None:
    assert client.get("/gestion/registres/traitements/pdf/").status_code == 302
    for role in (Role.ORGANISER, Role.READER):
        answer = signed_in(role).get("/gestion/registres/traitements/pdf/")
        assert answer["Content-Type"] != "application/pdf"
