"""Templates: those of the product are whole in both languages, and a message becomes one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from portevoix.delivery import selectors as outbox
from portevoix.mailings import letters
from portevoix.mailings.exceptions import NameTaken
from portevoix.mailings.letters import templates as ready
from portevoix.mailings.models import Mailing, Template
from portevoix.mailings.rules import checks
from portevoix.mailings.services import templates
from tests.mailings.factories import CAMPAIGN, MailingFactory
from tests.website.factories import HomePageFactory

pytestmark = pytest.mark.django_db
NAMES = [one.name for one in ready.all_ready()]


def begun(name: str) -> Mailing:
    mailing = ready.begun_from(name)
    assert mailing is not None
    return mailing


def test_both_languages_have_the_same_letters() -> None:
    french, english = ([one.name[3:] for one in ready.ready(language)] for language in ready.LANGUAGES)
    assert french == english
    assert len(french) >= 5


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_known", [True, False])
def test_each_is_a_letter_that_can_be_shown_to_anybody(name: str, is_known: bool) -> None:
    HomePageFactory()
    seen = outbox.sample(letters.compose(begun(name)), is_known=is_known)
    assert "{{" not in seen.subject + seen.text + seen.html
    assert len(seen.html.encode()) < 60_000


@pytest.mark.parametrize("name", NAMES)
def test_each_is_what_the_editor_would_keep(name: str) -> None:
    mailing = begun(name)
    try:
        mailing.body.stream_block.clean(mailing.body)
    except ValidationError as error:
        pytest.fail(str(error))


@pytest.mark.parametrize("name", NAMES)
def test_all_that_is_to_be_said_of_each_is_what_remains_to_be_written(name: str) -> None:
    HomePageFactory()
    hints = letters.hints(begun(name))
    brackets = [hint for hint in hints if checks.LEFT_TO_WRITE.search(hint.what)]
    assert brackets
    assert [hint.what for hint in hints if hint not in brackets] == []


def test_a_message_becomes_a_template_and_a_template_a_draft() -> None:
    mailing = MailingFactory(subject="Objet", preheader="Aperçu", sender_name="Noémie", reply_to="a@b.example")
    saved = templates.save_template(mailing, "Le nôtre", "Pour les lundis", actor=CAMPAIGN)
    copy = begun(str(saved.pk))
    assert (copy.title, copy.subject, copy.preheader, copy.sender_name) == ("Le nôtre", "Objet", "Aperçu", "Noémie")
    assert copy.body == mailing.body
    assert (copy.pk, copy.segment, copy.reply_to) == (None, None, "")


def test_a_template_owes_nothing_to_its_message_and_drafts_owe_it_nothing() -> None:
    mailing = MailingFactory(subject="Avant")
    saved = templates.save_template(mailing, "Le nôtre", actor=CAMPAIGN)
    Mailing.objects.filter(pk=mailing.pk).update(subject="Après")
    saved.refresh_from_db()
    assert saved.subject == "Avant"
    templates.delete_template(saved, actor=CAMPAIGN)
    assert Mailing.objects.filter(pk=mailing.pk).exists()


def test_two_templates_have_two_names() -> None:
    mailing = MailingFactory()
    templates.save_template(mailing, "Le nôtre", actor=CAMPAIGN)
    with pytest.raises(NameTaken):
        templates.save_template(mailing, "Le nôtre", actor=CAMPAIGN)
    assert Template.objects.count() == 1


@pytest.mark.parametrize("name", ["fr-inconnu", "de-welcome", "0", "x"])
def test_what_is_no_template_begins_nothing(name: str) -> None:
    assert ready.begun_from(name) is None
