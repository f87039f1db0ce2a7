"""Files as they come: encodings, separators, broken rows, what is no table at all."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portevoix.intake.exceptions import FileRefused
from portevoix.intake.readers import opening, tables
from portevoix.intake.readers.tables import Row
from portevoix.intake.types import Fault, Reason

TITLES = "email,first_name"


def read(path: Path) -> tuple[list[str], list[Row]]:
    with tables.table(path, opening.inspect(path)) as table:
        return table.titles, list(table.rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_read_whatever_its_encoding_separator_and_line_ends(
    file: Path, encoding: str, separator: str, end: str
) -> None:
    lines = [("email", "prénom"), ("a@mail.example", "Élodie"), ("b@mail.example", "Anaïs")]
    written(file, "".join(separator.join(line) + end for line in lines).encode(encoding))
    titles, rows = read(file)
    assert titles == ["email", "prénom"]
    assert [(row.number, row.cells, row.fault) for row in rows] == [
        (2, ["a@mail.example", "Élodie"], None),
        (3, ["b@mail.example", "Anaïs"], None),
    ]


def test_a_separator_declared_for_spreadsheets_is_obeyed(file: Path) -> None:
    titles, rows = read(written(file, "sep=;\nemail;note\na@mail.example;x,y,z\n"))
    assert titles == ["email", "note"]
    assert rows[0].cells == ["a@mail.example", "x,y,z"]


def test_a_zip_with_one_table_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", people_csv=f"{TITLES}\na@mail.example,Anne\n".encode(), readme_pdf=b"x")
    assert read(path)[1][0].cells == ["a@mail.example", "Anne"]


REFUSED = {
    "empty": (b"", Fault.EMPTY),
    "blank": (b"\xef\xbb\xbf \r\n\r\n", Fault.EMPTY),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"x" * 100, Fault.WORKBOOK),
    "gzip": (b"\x1f\x8b" + b"x" * 100, Fault.COMPRESSED),
    "a PDF": (b"%PDF-1.7 " + b"x" * 100, Fault.NOT_TEXT),
    "a picture": (bytes(range(256)) * 50, Fault.NOT_TEXT),
    "a broken zip": (b"PK\x03\x04" + b"x" * 100, Fault.ZIP_DAMAGED),
    "the same title twice": (b"email,Email\na@mail.example,b\n", Fault.SAME_TITLE),
    "too many columns": (",".join(f"c{number}" for number in range(1001)).encode() + b"\n", Fault.TOO_WIDE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_refused_by_a_sentence(file: Path, name: str) -> None:
    content, fault = REFUSED[name]
    with pytest.raises(FileRefused) as refusal:
        read(written(file, content))
    assert refusal.value.fault == fault
    for language in ("fr", "en"):
        with translation.override(language):
            assert "%(" not in str(refusal.value)


def test_a_workbook_under_another_name_is_refused_as_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "people.csv", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(FileRefused) as refusal:
        read(tmp_path / "people.csv")
    assert refusal.value.fault == Fault.WORKBOOK


@pytest.mark.parametrize("members", [{}, {"a_csv": b"email\n", "b_csv": b"email\n"}, {"a_pdf": b"x"}])
def test_a_zip_holds_one_table(tmp_path: Path, members: dict[str, bytes]) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(zipped(tmp_path / "p.zip", **members))
    assert refusal.value.fault == Fault.ZIP_NOT_ONE


def test_a_zip_that_swells_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(zipped(tmp_path / "p.zip", bomb_csv=b"0" * 40_000_000))
    assert refusal.value.fault == Fault.ZIP_SWELLS


def test_a_damaged_member_of_a_zip_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "p.zip", people_csv=f"{TITLES}\n".encode() + b"a@mail.example,Anne\n" * 50)
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refusal:
        read(path)
    assert refusal.value.fault == Fault.ZIP_DAMAGED


def faults(path: Path) -> dict[int, Reason]:
    return {row.number: row.fault for row in read(path)[1] if row.fault}


def test_ragged_rows_are_told_and_the_others_are_read(file: Path) -> None:
    written(file, f"{TITLES}\na@mail.example\nb@mail.example,B,C\nc@mail.example,C,,\nd@mail.example,D\n")
    assert faults(file) == {2: Reason.TOO_FEW_CELLS, 3: Reason.TOO_MANY_CELLS}
    assert [row.cells[0] for row in read(file)[1] if not row.fault] == ["c@mail.example", "d@mail.example"]


def test_blank_lines_count_as_a_spreadsheet_counts_them(file: Path) -> None:
    written(file, f"{TITLES}\n\na@mail.example,Anne\n")
    assert [(row.number, row.fault) for row in read(file)[1]] == [(3, None)]


def test_a_quotation_mark_never_closed_loses_its_own_row_only(file: Path) -> None:
    lines = [TITLES, *(f"p{number}@mail.example,P" for number in range(2, 2000))]
    lines[10] = 'p11@mail.example,"P'
    written(file, "\n".join(lines) + "\n")
    assert faults(file) == {11: Reason.OPEN_QUOTE}
    assert len(read(file)[1]) == 1998


def test_a_quotation_mark_closed_by_another_one_far_below_loses_their_two_rows_only(file: Path) -> None:
    lines = [TITLES, *(f"p{number}@mail.example,P" for number in range(2, 2000))]
    lines[10], lines[500] = 'p11@mail.example,"P', 'p501@mail.example,"P'
    written(file, "\n".join(lines) + "\n")
    assert faults(file) == {11: Reason.OPEN_QUOTE, 501: Reason.OPEN_QUOTE}


def test_lines_inside_quotes_are_one_cell(file: Path) -> None:
    written(file, f'{TITLES}\na@mail.example,"An\nne"\n')
    assert read(file)[1] == [Row(2, ["a@mail.example", "An\nne"], None)]


def test_a_cell_of_a_million_characters_loses_its_own_row_only(file: Path) -> None:
    written(file, f"{TITLES}\na@mail.example,{'x' * 1_000_000}\nb@mail.example,B\n")
    assert faults(file) == {2: Reason.ENDLESS_CELL}


def test_a_line_without_end_is_not_kept_in_memory(file: Path) -> None:
    written(file, f"{TITLES}\n{'x,' * 6_000_000}\nb@mail.example,B\n")
    assert faults(file) == {2: Reason.TOO_MANY_CELLS}


def test_a_nul_loses_its_own_row_only(file: Path) -> None:
    written(file, f"{TITLES}\na@mail.example,A\0\nb@mail.example,B\n")
    assert faults(file) == {2: Reason.NUL}


def test_broken_bytes_in_a_utf_8_file_lose_their_own_row_only(file: Path) -> None:
    good = "b@mail.example,Élodie\n".encode() * 20
    written(file, f"{TITLES}\n".encode() + b"a@mail.example,Ana\xefs\n" + good)
    assert faults(file) == {2: Reason.BROKEN_BYTES}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(content=st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(tmp_path: Path, content: bytes) -> None:
    try:
        read(written(tmp_path / "any.csv", content))
    except FileRefused:
        return


CELLS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=20), separator=st.sampled_from(tables.SEPARATORS))
def test_what_a_spreadsheet_writes_is_what_is_read(tmp_path: Path, rows: list[tuple[str, ...]], separator: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([("email", "a", "b"), *rows])
    _titles, found = read(written(tmp_path / "any.csv", text.getvalue()))
    assert [tuple(row.cells) for row in found] == rows
