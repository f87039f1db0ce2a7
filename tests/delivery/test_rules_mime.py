"""What a reader's mail program finds, read back with the standard library's own parser."""

from __future__ import annotations

import html
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.delivery.exceptions import LetterError, MalformedMergeField, UnknownMergeField, UnsafeHeader
from portevoix.delivery.rules.mime import CompiledLetter, Particulars, header_words, quoted
from portevoix.delivery.types import Letter

KNOWN = {"first_name", "commune", "unsubscribe_url"}
NOBODY = dict.fromkeys(KNOWN, "")
TO_MARIE = Particulars(
    recipient="marie@exemple.fr", message_id="m1.ab@exemple.fr", date="Tue, 24 Nov 2026 10:00:00 +0100"
)
#: What mail cannot carry as it is: a line end is a line end, whatever the system that wrote it.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
AWKWARD = st.lists(
    st.sampled_from(["\n", "\r\n", "\r", " ", "\t", ".", "From ", "=", "é", "😀", "a" * 75, "--", "\0", "\u2028"])
).map("".join)
ANY_WORDS = st.one_of(ANY_TEXT, AWKWARD)


def letter(**parts: object) -> Letter:
    usual = {
        "subject": "Bonjour",
        "text": "Bonjour",
        "sender_name": "Camille Aubrac",
        "sender_address": "campagne@exemple.fr",
    }
    return Letter(**(usual | parts))  # type: ignore[arg-type]


def rendered(written: Letter, values: dict[str, str] | None = None, to: Particulars = TO_MARIE) -> bytes:
    return CompiledLetter(written, known=KNOWN).render(NOBODY | (values or {}), to)


def read(message: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(message, policy=default))  # type: ignore[arg-type]


def words_of(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return cast("bytes", part.get_payload(decode=True)).decode().replace("\r\n", "\n")


def as_sent(words: str) -> str:
    return words.replace("\r\n", "\n")


@given(before=ANY_WORDS, value=ANY_WORDS, after=ANY_WORDS)
def test_text_and_html_are_read_exactly_as_written(before: str, value: str, after: str) -> None:
    # A brace is the author's syntax, tested apart; a parsed message ends its lines as its first one does.
    before, after = before.replace("{", "("), after.replace("{", "(")
    written = letter(text=f"T{before}{{{{ first_name }}}}{after}", html=f"<p>{before}{{{{ first_name }}}}{after}</p>")
    message = rendered(written, {"first_name": value})
    seen = read(message)
    assert words_of(seen, "plain") == as_sent(f"T{before}") + as_sent(value) + as_sent(after)
    assert words_of(seen, "html") == as_sent(f"<p>{before}") + as_sent(html.escape(value)) + as_sent(f"{after}</p>")


@given(value=ANY_WORDS, fixed=ANY_WORDS)
def test_every_line_fits_and_no_line_begins_with_a_dot(value: str, fixed: str) -> None:
    fixed = fixed.replace("{", "(")
    written = letter(subject=f"{fixed} {{{{ first_name }}}}", text=f"T{fixed}{{{{ first_name }}}}", html=f"<p>{fixed}")
    message = rendered(written, {"first_name": value})
    assert message.isascii()
    lines = message.split(b"\r\n")
    assert all(len(line) <= 76 for line in lines)
    assert not any(line.startswith((b".", b"From ")) for line in lines)
    assert b"\r" not in message.replace(b"\r\n", b"")
    assert b"\n" not in message.replace(b"\r\n", b"")


@given(before=ANY_WORDS, value=ANY_WORDS)
def test_a_subject_is_read_as_written_and_never_leaves_its_line(before: str, value: str) -> None:
    written = letter(subject=f"S{before.replace('{', '(')}: {{{{ first_name }}}}")
    message = rendered(written, {"first_name": value})
    seen = read(message)
    names = [name.lower() for name in seen]
    assert sorted(names) == sorted(set(names))
    own = "subject message-id date to from mime-version content-type content-transfer-encoding"
    assert set(names) == set(own.split())
    expected = f"S{before.replace('{', '(')}: {value}"
    assert "".join(seen["Subject"].split()) == "".join(_without_controls(expected).split())


def _without_controls(words: str) -> str:
    return "".join(
        " " if ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" else sign for sign in words
    )


def test_a_short_plain_subject_stays_readable() -> None:
    assert b"Subject: Rendez-vous samedi, Marie\r\n" in rendered(
        letter(subject="Rendez-vous samedi, {{ first_name }}"), {"first_name": "Marie"}
    )


@pytest.mark.parametrize("words", ["Élise", "a" * 200, "été " * 60, "😀" * 50, "=?utf-8?b?w6k=?=", " a ", ""])
def test_header_words_are_decoded_to_themselves(words: str) -> None:
    seen = read(b"Subject: " + header_words(words) + b"\r\n\r\n")
    assert seen["Subject"] == words


def test_a_name_with_a_line_end_cannot_add_a_header() -> None:
    message = rendered(letter(subject="{{ first_name }}"), {"first_name": "Marie\r\nBcc: all@exemple.fr\r\n\r\nx"})
    assert read(message)["Bcc"] is None
    assert read(message)["Subject"] == "Marie  Bcc: all@exemple.fr    x"


def test_a_name_with_markup_is_only_words_in_html() -> None:
    written = letter(html='<a title="{{ first_name }}">{{ first_name }}</a>', text="{{ first_name }}")
    seen = read(rendered(written, {"first_name": '"><script>alert(1)</script>'}))
    assert "<script>" not in words_of(seen, "html")
    assert words_of(seen, "plain") == '"><script>alert(1)</script>\n'.removesuffix("\n")


def test_what_is_missing_is_replaced_by_the_authors_words() -> None:
    written = letter(
        subject="Bonjour {{ first_name|à vous }}",
        text="Cher·e {{first_name|voisin·e}},",
        html="<p>{{ first_name|chère&nbsp;amie }}</p>",
    )
    seen = read(rendered(written))
    assert seen["Subject"] == "Bonjour à vous"
    assert words_of(seen, "plain") == "Cher·e voisin·e,"
    assert words_of(seen, "html") == "<p>chère&nbsp;amie</p>"


def test_what_is_known_replaces_the_authors_words() -> None:
    seen = read(rendered(letter(text="{{ first_name|vous }}, {{ commune }}"), {"first_name": "Zoé"}))
    assert words_of(seen, "plain").rstrip("\n") == "Zoé, "


@pytest.mark.parametrize("part", ["subject", "text", "html"])
def test_an_unknown_field_is_named_when_the_letter_is_compiled(part: str) -> None:
    with pytest.raises(UnknownMergeField, match="unknown merge field: firstname") as caught:
        CompiledLetter(letter(**{part: "Bonjour {{ firstname }}"}), known=KNOWN)
    assert caught.value.name == "firstname"


@pytest.mark.parametrize(
    "source",
    ["{{", "{{ }}", "{{ First }}", "{{ first_name", "{{ first name }}", "{{ a|{b} }}"],
)
def test_a_brace_that_is_no_field_is_shown_to_the_author(source: str) -> None:
    with pytest.raises(MalformedMergeField, match=r"\{\{"):
        CompiledLetter(letter(text=f"Bonjour {source} !"), known=KNOWN)


def test_a_style_sheet_is_not_a_merge_field() -> None:
    page = "<style>@media print{p{color:red}}</style><p>a</p>"
    assert words_of(read(rendered(letter(html=page))), "html") == page


def test_only_the_fields_in_use_are_asked_for() -> None:
    written = letter(subject="{{ first_name }}", text="{{ commune }}", html="{{ commune }}{{ first_name }}")
    assert CompiledLetter(written, known=KNOWN).fields == ("commune", "first_name")


@pytest.mark.parametrize("parts", [{"text": " \n"}, {"subject": ""}])
def test_a_letter_without_subject_or_text_is_refused(parts: dict[str, str]) -> None:
    with pytest.raises(LetterError):
        CompiledLetter(letter(**parts), known=KNOWN)


def test_one_click_headers_are_those_of_rfc_8058() -> None:
    url = "https://campagne.exemple.fr/unsubscribe/" + "x" * 90
    to = Particulars(recipient="a@exemple.fr", message_id="a@b", date="d", unsubscribe_url=url)
    message = rendered(letter(list_name="La lettre de Camille"), to=to)
    seen = read(message)
    assert seen["List-Unsubscribe"].strip() == f"<{url}>"
    assert seen["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert seen["List-Id"] == "La lettre de Camille <lettre.exemple.fr>"
    assert "Bcc" not in seen
    assert seen["To"] == "a@exemple.fr"


def test_a_letter_that_is_not_to_a_list_has_no_list_header() -> None:
    assert not any(name.startswith("List-") for name in read(rendered(letter())))


def test_the_sender_is_shown_with_any_name() -> None:
    seen = read(rendered(letter(sender_name="Élise “Lise” d'Été, pour vous", reply_to="equipe@exemple.fr")))
    assert seen["From"].addresses[0].display_name == "Élise “Lise” d'Été, pour vous"
    assert seen["From"].addresses[0].addr_spec == "campagne@exemple.fr"
    assert seen["Reply-To"] == "equipe@exemple.fr"


def test_more_headers_may_be_asked_for() -> None:
    seen = read(rendered(letter(headers={"Auto-Submitted": "auto-generated", "X-Motif": "été"})))
    assert seen["Auto-Submitted"] == "auto-generated"
    assert seen["X-Motif"] == "été"


@pytest.mark.parametrize(
    "parts",
    [
        {"headers": {"X-A": "a\r\nBcc: b@exemple.fr"}},
        {"headers": {"X-A\r\nBcc": "b"}},
        {"headers": {"Bcc": "b@exemple.fr"}},
        {"headers": {"subject": "two"}},
        {"headers": {"X-A": "a" * 1000}},
        {"sender_name": "a\r\nBcc: b@exemple.fr"},
        {"sender_address": "a@exemple.fr\r\nBcc: b@exemple.fr"},
        {"reply_to": "a b@exemple.fr"},
        {"list_name": "a\nb"},
    ],
)
def test_a_header_that_would_leave_its_line_is_refused(parts: dict[str, object]) -> None:
    with pytest.raises(UnsafeHeader):
        CompiledLetter(letter(**parts), known=KNOWN)


def test_plain_words_stay_readable_in_the_source() -> None:
    assert quoted("Réunion samedi.\nVenez !") == b"R=C3=A9union samedi.\r\nVenez !"
