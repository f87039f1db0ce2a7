from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
import unicodedata
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from portevoix.kernel import normalise
from portevoix.operations.generation.columns import COLUMNS, line
from portevoix.operations.generation.flaws import FLAWS
from portevoix.operations.generation.people import Order, people, write
from portevoix.operations.generation.sources import places
from portevoix.territory import readers, rules

FICTION = ("+33199 00", "+33261 91", "+33353 01", "+33465 71", "+33536 49", "+33639 98")
#: SHA-256 of the first 2,500 rows of seed 1. It changes with the generator or its data, and then for everyone.
KNOWN = "826e0e277edae874d756cff730122242593676fa79f0dfb64ece15be837c0849"


def _file(order: Order) -> bytes:
    out = io.BytesIO()
    for _ in write(order, out):
        pass
    return out.getvalue()


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.fixture(scope="module")
def clean() -> list[dict[str, str]]:
    return _rows(_file(Order(30_000, 4, dirt=0)))


@pytest.fixture(scope="module")
def spoilt() -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for row, flaw in people(Order(2_000, 4, dirt=1)):
        found[flaw].append(row)
    return found


def test_the_same_seed_gives_the_same_bytes_on_every_machine() -> None:
    assert hashlib.sha256(_file(Order(2_500, 1))).hexdigest() == KNOWN


def test_another_seed_gives_other_people() -> None:
    one, two = (_rows(_file(Order(500, seed))) for seed in (1, 2))
    same = sum(a["full_name"] == b["full_name"] for a, b in zip(one, two, strict=True))
    assert same < 10


def test_a_person_depends_on_the_seed_and_the_number_only() -> None:
    whole = [row for row, _ in people(Order(2_600, 7))]
    part = [row for row, _ in people(Order(1_200, 7, first=1_400))]
    assert part == whole[1_399:2_599]


def test_the_share_of_dirt_does_not_change_who_comes() -> None:
    cleaner = [row["nationbuilder_id"] + row["primary_city"] for row, flaw in people(Order(1_000, 3, dirt=0))]
    dirtier = [(row["nationbuilder_id"] + row["primary_city"], flaw) for row, flaw in people(Order(1_000, 3, dirt=0.5))]
    assert all(mine == theirs for mine, (theirs, flaw) in zip(cleaner, dirtier, strict=True) if not flaw)


def test_the_header_is_that_of_nationbuilder() -> None:
    header = _file(Order(1, 1)).decode().splitlines()[0].split(",")
    assert tuple(header) == COLUMNS
    assert len(set(header)) == len(header) > 80
    assert {"email1_is_bad", "primary_zip", "unsubscribed_at", "tag_list", "support_level", "religion"} < set(header)


def test_every_line_has_every_column_whatever_it_holds() -> None:
    rows = _rows(_file(Order(3_000, 5, dirt=0.9)))
    assert len(rows) == 3_000
    assert all(None not in row and None not in row.values() for row in rows)
    assert any("\n" in row["note"] and '"' in row["note"] for row in rows)


def test_a_field_with_a_comma_a_quote_or_a_line_break_is_quoted() -> None:
    row = dict.fromkeys(COLUMNS, "") | {"note": 'a, "b"\nc'}
    assert next(csv.DictReader(io.StringIO(line(row), newline=""), fieldnames=COLUMNS)) == row


def test_people_live_where_the_french_live(clean: list[dict[str, str]]) -> None:
    """Pearson's chi-square over the départements: 106 degrees of freedom, one chance in 100,000 to pass 180."""
    names = {name: code for code, name, _ in readers.rows("departements")}
    population: Counter[str] = Counter()
    for commune in readers.communes():
        population[commune.departement] += commune.population if not commune.parent else 0
    living = Counter(names[row["primary_county"]] for row in clean)
    scale = len(clean) / population.total()
    chi_square = sum((living[code] - n * scale) ** 2 / (n * scale) for code, n in population.items())
    assert chi_square < 180


def test_the_divided_cities_are_drawn_by_arrondissement(clean: list[dict[str, str]]) -> None:
    paris = [row for row in clean if row["primary_city"] == "Paris"]
    assert 0.02 < len(paris) / len(clean) < 0.04
    assert len({row["primary_zip"] for row in paris}) >= 18
    assert not {"75056", "69123", "13055"} & {place.code for place in places().things}


def test_every_address_leads_to_a_real_commune(clean: list[dict[str, str]]) -> None:
    known = {(postcode, key) for postcode, key, _ in readers.rows("postcodes")}
    written = {(row["primary_zip"], rules.city_key(row["primary_city"])) for row in clean}
    assert len(written) > 5_000
    assert written <= known


def test_first_names_are_of_their_sex_and_generation(clean: list[dict[str, str]]) -> None:
    def of(sex: str, decade: str) -> Counter[str]:
        return Counter(r["first_name"] for r in clean if r["sex"] == sex and r["born_at"][6:9] == decade)

    assert of("F", "196")["Nathalie"] > 3 * of("F", "199")["Nathalie"]
    assert of("M", "200")["Lucas"] > of("M", "195")["Lucas"]
    assert of("F", "196")["Philippe"] == 0
    assert of("M", "196").most_common(1)[0][0] in {"Philippe", "Éric", "Eric", "Thierry", "Pascal"}


def test_family_names_have_their_real_share(clean: list[dict[str, str]]) -> None:
    shares = Counter(row["last_name"] for row in clean)
    assert 0.004 < shares["Martin"] / len(clean) < 0.009
    assert len(shares) > 5_000


def test_no_address_and_no_number_can_reach_anyone(clean: list[dict[str, str]]) -> None:
    emails = [row[column] for row in clean for column in ("email", "email1", "email2") if row[column]]
    assert len(emails) > 40_000
    domains = {email.rpartition("@")[2] for email in emails}
    assert all(
        domain.endswith(".example") or domain in {"example.org", "example.net", "example.com"} for domain in domains
    )
    numbers = [row[column] for row in clean for column in ("mobile_number", "phone_number") if row[column]]
    assert len(numbers) > 15_000
    allowed = tuple(prefix.replace(" ", "") for prefix in FICTION)
    assert all((normalise.phone(number) or "").startswith(allowed) for number in numbers)
    assert len({"".join("9" if c.isdigit() else c for c in number) for number in numbers}) >= 7


def test_a_clean_file_is_clean(clean: list[dict[str, str]]) -> None:
    emails = [row["email"] for row in clean if row["email"]]
    assert len(set(emails)) == len(emails)
    assert all(normalise.email(email) == email for email in emails)
    assert all(len(row["primary_zip"]) == 5 for row in clean)
    assert not any(row["religion"] or row["church"] or row["ethnicity"] or row["unsubscribed_at"] for row in clean)
    assert not any(row["do_not_contact"] == "true" or row["email1_is_bad"] == "true" for row in clean)


def test_about_two_rows_in_a_hundred_are_spoilt_in_every_way() -> None:
    flaws = Counter(flaw for _, flaw in people(Order(30_000, 4)))
    assert 0.017 < 1 - flaws.pop("") / 30_000 < 0.023
    assert flaws.keys() == {flaw.__name__ for flaw in FLAWS}


def test_each_flaw_spoils_what_its_name_says(spoilt: dict[str, list[dict[str, str]]]) -> None:
    assert all(normalise.email(row["email"]) is None for row in spoilt["bad_email"])
    assert all(row["do_not_contact"] == "true" for row in spoilt["not_to_be_contacted"])
    assert all(row["email"] and row["email1_is_bad"] == "true" for row in spoilt["email_known_bad"])
    assert all(row["unsubscribed_at"].endswith(" UTC") for row in spoilt["unsubscribed"])
    assert all(row["religion"] + row["church"] + row["ethnicity"] for row in spoilt["sensitive_columns"])
    assert all(len(row["primary_zip"]) == 4 for row in spoilt["short_postcode"])
    assert all(not row["full_name"] for row in spoilt["nameless"])
    for row in spoilt["decomposed_accents"]:
        text = row["full_name"] + row["primary_city"] + row["primary_address1"]
        assert unicodedata.normalize("NFC", text) != text


def test_a_duplicate_is_an_earlier_address_in_other_letters() -> None:
    seen: set[str] = set()
    again = []
    for row, flaw in people(Order(3_000, 4, dirt=0.2)):
        if flaw == "same_email_again":
            again.append(row["email"])
        elif not flaw:
            seen.add(row["email"])
    assert len(again) > 20
    assert all(email not in seen and normalise.email(email) in seen for email in again)


def test_dates_come_in_three_formats_and_some_in_none(spoilt: dict[str, list[dict[str, str]]]) -> None:
    shapes = {"".join("9" if c.isdigit() else c for c in row["created_at"]) for row in spoilt["other_dates"]}
    assert shapes == {"99/99/9999", "9999-99-99T99:99:99Z"}
    assert {"1961-07-14", "07/14/1961"} < {row["born_at"] for row in spoilt["other_dates"]}


def test_a_large_file_takes_no_more_memory_than_a_small_one() -> None:
    for _ in islice(people(Order(10, 1)), 10):
        pass  # names and places are read once
    tracemalloc.start()
    for _ in write(Order(6_000, 1), _Nowhere()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 2**20


class _Nowhere(io.BytesIO):
    def write(self, content: object) -> int:
        return 0


def test_the_console_writes_the_file_and_sums_it_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "people.csv"
    call_command("generate_people", "--rows", "1500", "--seed", "9", "--out", str(target), "--json")
    told = json.loads(capsys.readouterr().out)
    content = target.read_bytes()
    assert (told["rows"], told["bytes"]) == (1500, len(content))
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert list(tmp_path.iterdir()) == [target]


def test_without_a_file_the_rows_go_to_standard_output_and_the_summary_beside(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    call_command("generate_people", "--rows", "20", "--seed", "9")
    out, err = capfdbinary.readouterr()
    assert len(_rows(out)) == 20
    assert b"20 people" in err


def test_a_file_that_cannot_be_written_gives_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(CommandError, match=r"nowhere/people\.csv cannot be written"):
        call_command("generate_people", "--rows", "5", "--out", str(tmp_path / "nowhere/people.csv"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("wrong", [["--rows", "0"], ["--rows", "many"], ["--rows", "5", "--dirt", "2"]])
def test_a_wrong_number_is_refused_with_what_is_accepted(wrong: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    with pytest.raises(CommandError, match="please"):
        call_command("generate_people", *wrong)
