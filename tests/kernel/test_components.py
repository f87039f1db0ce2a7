"""Form components: what a screen reader is told of a field."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from django import forms
from django.template.loader import render_to_string
from wagtail.admin.widgets import AdminPageChooser


class SignUp(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="We write to you there.")
    name = forms.CharField(label="Name", required=False)
    agrees = forms.BooleanField(label="I agree", help_text="You may change your mind.")
    channels = forms.MultipleChoiceField(
        label="Channels", choices=[("a", "E-mail"), ("b", "Telephone")], widget=forms.CheckboxSelectMultiple
    )
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def field(name: str, form: forms.Form) -> BeautifulSoup:
    return BeautifulSoup(render_to_string("kernel/components/_field.html", {"field": form[name]}), "html.parser")


@pytest.mark.parametrize("name", ["email", "name", "agrees"])
def test_a_control_has_its_label(name: str) -> None:
    part = field(name, SignUp())
    control = part.find("input")
    assert control is not None
    assert part.find("label", {"for": control["id"]}) is not None


@pytest.mark.parametrize("name", ["email", "agrees"])
def test_help_and_errors_are_tied_to_the_control(name: str) -> None:
    part = field(name, SignUp({}))
    control = part.find("input")
    assert control is not None
    assert control["aria-invalid"] == "true"
    described = str(control["aria-describedby"]).split()
    assert len(described) == 2
    assert all(part.find(id=ident) is not None for ident in described)


def test_a_field_that_may_be_left_empty_says_so() -> None:
    assert part_of_optional() in field("name", SignUp()).text
    assert part_of_optional() not in field("email", SignUp()).text


def part_of_optional() -> str:
    return "(facultatif)"


def test_several_choices_stand_under_one_legend() -> None:
    part = field("channels", SignUp({}))
    assert part.select_one("fieldset > legend").text.strip() == "Channels"  # type: ignore[union-attr]
    assert len(part.select("fieldset .choice input")) == 2
    assert len(part.find_all("label")) == 2
    assert part.select_one(".field__error") is not None


def test_a_hidden_field_shows_nothing() -> None:
    assert field("secret", SignUp()).get_text(strip=True) == ""


def test_the_list_of_errors_leads_to_each_field() -> None:
    html = render_to_string("kernel/components/_errors.html", {"form": SignUp({})})
    links = [str(link["href"]) for link in BeautifulSoup(html, "html.parser").find_all("a")]
    assert links[:2] == ["#id_email", "#id_agrees"]
    assert len(links) == 3


@pytest.mark.django_db
def test_a_chooser_of_the_back_office_starts_without_a_script() -> None:
    html = AdminPageChooser().render("page", None, {"id": "id_page"})
    blocks = re.findall(r"<script([^>]*)>", html)
    assert len(blocks) == 1
    assert 'type="application/json"' in blocks[0]
    assert 'data-starts="PageChooser"' in blocks[0]
    assert 'data-argument="id_page"' in blocks[0]
