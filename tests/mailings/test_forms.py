"""What the editor refuses, where, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.rich_text import RichText

from portevoix.delivery import exceptions as letters
from portevoix.mailings import exceptions
from portevoix.mailings.blocks import LetterBlock
from portevoix.mailings.forms import ConfirmationForm
from portevoix.mailings.types import Confirmation
from portevoix.mailings.wording import explain
from tests.website.factories import HomePageFactory

BLOCKS = LetterBlock().child_blocks


@pytest.fixture(autouse=True)
def in_french() -> Any:
    with translation.override("fr"):
        yield


def faults(kind: str, value: Any) -> str:
    """Return what the editor says of a block, or nothing."""
    block = BLOCKS[kind]
    try:
        block.clean(block.normalize(value))
    except ValidationError as error:
        inner = getattr(error, "block_errors", None)
        found = list(inner.values()) if inner else [error]
        return " ".join(message for one in found for message in one.messages)
    return ""


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("heading", "Bonjour {{ prenom }}"),
        ("text", RichText("<p>Bonjour {{ prenom }}</p>")),
        ("quote", {"words": "{{ prenom }}", "speaker": "x", "role": ""}),
        ("quote", {"words": "x", "speaker": "{{ prenom }}", "role": ""}),
    ],
)
def test_an_unknown_field_is_named_at_its_block(kind: str, value: Any) -> None:
    assert faults(kind, value) == "Le champ «\xa0prenom\xa0» n’existe pas\xa0: utilisez l’un de ceux de la liste."


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("heading", "Bonjour {{ first_name|à vous }}"),
        ("text", RichText("<p>Bonjour {{ first_name|à vous }}, de {{ commune }}</p>")),
        ("quote", {"words": "x", "speaker": "y", "role": ""}),
        ("button", {"label": "x", "page": None, "address": "https://a.example/"}),
        ("button", {"label": "x", "page": None, "address": "mailto:a@b.example"}),
    ],
)
def test_good_words_pass(kind: str, value: Any) -> None:
    assert faults(kind, value) == ""


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.example", "programme"])
def test_a_hostile_button_is_refused_at_its_address(address: str) -> None:
    said = faults("button", {"label": "x", "page": None, "address": address})
    assert "n’est pas permis" in said
    assert address in said


@pytest.mark.django_db
def test_a_button_leads_to_one_place() -> None:
    page = HomePageFactory()
    both = {"label": "x", "page": page, "address": "https://a.example/"}
    neither = {"label": "x", "page": None, "address": ""}
    for value in (both, neither):
        assert faults("button", value) == "Choisissez une page ou donnez une adresse, l’une des deux."


def test_braces_that_hold_no_field_are_pointed_at() -> None:
    assert "Ces accolades ne contiennent pas un champ" in faults("heading", "Bonjour {{")


def test_sending_needs_its_box_ticked() -> None:
    form = ConfirmationForm({"digest": "x", "count": "3"})
    assert form.errors["is_sure"] == ["Cochez la case pour confirmer."]
    assert ConfirmationForm({"digest": "x", "count": "3", "is_sure": "1"}).is_valid()


def test_the_box_says_to_how_many() -> None:
    form = ConfirmationForm(seen=Confirmation("x", 1234))
    label = (
        str(form.fields["is_sure"].label).replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{NO-BREAK SPACE}", " ")
    )
    assert label == "J’ai relu cette lettre, et je l’envoie à 1 234 personnes."


ERRORS = [
    letters.UnknownMergeField("x"),
    letters.MalformedMergeField("{{ x"),
    letters.UnsafeHeader("From"),
    exceptions.HostileLink("javascript:x"),
    exceptions.DeadLink("ici"),
    exceptions.MissingPicture(),
    exceptions.EmptyLetter(),
    exceptions.TooHeavy(200_000),
    exceptions.NoSenderIdentity(),
    exceptions.NotADraft(),
    exceptions.NotBeingSent(),
    exceptions.NoSegment(),
    exceptions.UnreadableSegment(),
    exceptions.SegmentOfOpinions(),
    exceptions.NobodyToReach(),
    exceptions.ChangedMeanwhile(),
    exceptions.NoAddressForTests(),
    letters.UnclosedCondition("{{ if x }}"),
    letters.StrayMark("{{ end }}"),
    letters.TooManyConditions("{{ if x }}"),
    exceptions.CrossedCondition("{{ if x }}"),
    exceptions.NotApproved(),
    exceptions.NothingAsked(),
    exceptions.OwnApproval(),
    exceptions.AskedAlready(),
    exceptions.NoApprovalAsked(),
    exceptions.NoWords(),
    exceptions.NameTaken(),
    exceptions.NobodyChosen(),
    exceptions.NobodyToTest(),
    exceptions.OpensNotAllowed(),
    exceptions.NoSuchNotice(),
    exceptions.NotScheduled(),
    exceptions.HourPassed(),
    exceptions.NoSuchHour(),
    exceptions.SenderGone(),
    exceptions.NotATrial(),
    exceptions.IsAVersion(),
    exceptions.NotATrialYet(),
    exceptions.TooManyVersions(),
    exceptions.TooFewReaders(),
    exceptions.AlreadyDecided(),
    exceptions.TrialPaused(),
    exceptions.NotSentYet(),
    exceptions.NotAMobile(),
    letters.NoTextProvider(),
    letters.NoWords(),
    letters.TooManyParts(11),
]


def test_each_error_has_a_sentence_of_its_own() -> None:
    said = {type(error): explain(error) for error in ERRORS}
    declared = {
        kind
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and kind.__module__ == exceptions.__name__ and not kind.__subclasses__()
    }
    assert declared <= set(said)
    assert len(set(said.values())) == len(ERRORS)
    assert "Cette lettre ne peut pas être envoyée telle qu’elle est écrite." not in said.values()
