"""What the composer refuses to keep, field by field, in sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from portevoix.kernel import clock
from portevoix.mailings.forms import faults_of
from portevoix.mailings.models import Mailing

pytestmark = pytest.mark.django_db
STREAM = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
THERE = "https://a.example/"
HELLO = {"type": "text", "value": "<p>Bonjour.</p>"}


def cleaned(kind: str, value: Any) -> Any:
    """Return a block of the letter as a form keeps it."""
    block = STREAM.child_blocks[kind]
    return block.clean(block.to_python(value))


def refused(kind: str, value: Any) -> set[str]:
    """Return the fields that a form refuses."""
    with pytest.raises(ValidationError) as caught:
        cleaned(kind, value)
    return set(getattr(caught.value, "block_errors", None) or {"": ""})


PETITION = {"title": "Signez", "label": "Oui", "address": THERE}
GIFT = {"title": "Donnez", "label": "Oui", "address": THERE, "amounts": [20], "parameter": "montant"}
SHARE = {"words": "Tu viens ?", "address": THERE, "by": ["mail"]}
PASSAGE = {"field": "commune", "test": "is", "values": "Rennes", "then": [HELLO], "otherwise": []}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("petition", PETITION),
        ("event", {**PETITION, "starts_at": "2027-06-12T18:30", "ends_at": "2027-06-12T19:30"}),
        ("donation", GIFT),
        ("share", SHARE),
        ("passage", PASSAGE),
        ("passage", {**PASSAGE, "test": "known", "values": ""}),
        ("columns", {"left": [HELLO], "right": [HELLO]}),
        ("text", "<p>{{ if commune }}a{{ else }}b{{ end }}</p>"),
    ],
)
def test_what_is_whole_is_kept(kind: str, value: Any) -> None:
    assert cleaned(kind, value) is not None


@pytest.mark.parametrize(
    ("kind", "value", "fields"),
    [
        ("petition", {**PETITION, "address": ""}, {"address"}),
        ("petition", {**PETITION, "address": "javascript:alert(1)"}, {"address"}),
        ("petition", {**PETITION, "title": ""}, {"title"}),
        ("petition", {**PETITION, "words": "{{ prenom }}"}, {"words"}),
        ("petition", {**PETITION, "label": "{{ if commune }}Oui"}, {"label"}),
        ("event", {**PETITION, "ends_at": "2027-06-12T19:30"}, {"ends_at"}),
        ("event", {**PETITION, "starts_at": "2027-06-12T18:30", "ends_at": "2027-06-12T18:30"}, {"ends_at"}),
        ("donation", {**GIFT, "amounts": [0]}, {"amounts"}),
        ("donation", {**GIFT, "amounts": [7501]}, {"amounts"}),
        ("donation", {**GIFT, "parameter": "a&b"}, {"parameter"}),
        ("share", {**SHARE, "words": "{{ first_name }} ?"}, {"words"}),
        ("share", {**SHARE, "by": []}, {"by"}),
        ("passage", {**PASSAGE, "values": ""}, {"values"}),
        ("passage", {**PASSAGE, "values": "…"}, {"values"}),
        ("passage", {**PASSAGE, "values": "Rennes }}"}, {"values"}),
        ("passage", {**PASSAGE, "test": "known"}, {"values"}),
        ("passage", {**PASSAGE, "field": "unsubscribe_url"}, {"field"}),
        ("passage", {**PASSAGE, "then": []}, {"then"}),
        ("passage", {**PASSAGE, "field": "first_name"}, {"test"}),
        ("button", {"label": "{{ if last_name != Martin }}a{{ end }}", "address": THERE}, {"label"}),
        ("columns", {"left": [HELLO], "right": []}, {"right"}),
        ("button", {"label": "{{ prenom }}", "address": THERE}, {"label"}),
    ],
)
def test_what_is_not_is_refused_at_its_place(kind: str, value: Any, fields: set[str]) -> None:
    assert refused(kind, value) == fields


def test_a_condition_across_paragraphs_is_refused_in_a_sentence() -> None:
    with pytest.raises(ValidationError) as caught:
        cleaned("text", "<p>{{ if commune }}a</p><p>b{{ end }}</p>")
    assert "begins in one paragraph" in str(caught.value) or "commence dans un paragraphe" in str(caught.value)


@pytest.mark.parametrize("asked", ["if first_name = Mohamed, Fatima", "si last_name != Martin", "if full_name = A"])
def test_names_are_compared_with_no_values(asked: str) -> None:
    with pytest.raises(ValidationError) as caught:
        cleaned("text", f"<p>{{{{ {asked} }}}}a{{{{ end }}}}</p>")
    assert "compare" in str(caught.value)
    assert cleaned("text", "<p>{{ if first_name }}a{{ end }}</p>") is not None


def test_texts_compare_no_names_either() -> None:
    from portevoix.journeys.forms import TextForm
    from portevoix.mailings.forms import ShortMessageForm

    words = "{{ if first_name = Ada }}a{{ end }} à jeudi"
    assert "words" in ShortMessageForm({"title": "T", "words": words}).errors
    form = TextForm({})
    form.cleaned_data = {"words": words}
    with pytest.raises(ValidationError):
        form.clean_words()


def test_a_passage_does_not_hold_another() -> None:
    assert "passage" not in STREAM.child_blocks["passage"].child_blocks["then"].child_blocks


def test_faults_deep_in_blocks_come_out_as_sentences() -> None:
    from portevoix.mailings.wagtail_hooks import MailingViewSet
    from tests.mailings.screens import filled_in

    form_class = MailingViewSet().get_form_class()
    form = form_class(filled_in(**{"body-0-value": "{{ prenom }}"}))
    assert not form.is_valid()
    assert [fault for fault in faults_of(form) if "prenom" in fault]
    assert all(isinstance(fault, str) for fault in faults_of(form))


def test_dates_are_those_of_now_on() -> None:
    """A card keeps the moment that was typed, in the zone of the campaign."""
    soon = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    kept = cleaned("event", {**PETITION, "starts_at": soon.isoformat()})
    assert kept["starts_at"] == soon
