"""Standard letters: in the campaign's words where it has some, and never without what the law asks for."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.models import User
from portevoix.accounts.types import Role
from portevoix.actions.letters import confirming
from portevoix.correspondence import letters, rules, selectors, services
from portevoix.correspondence.models import OwnWords
from portevoix.correspondence.types import LANGUAGES, STANDARDS, Facts, Words
from portevoix.delivery import selectors as outbox
from portevoix.delivery.exceptions import LetterError, UnclosedCondition, UnknownMergeField
from portevoix.delivery.rules import merge
from portevoix.delivery.types import MERGE_FIELDS
from tests.accounts.factories import signed_in, staff
from tests.mailings.factories import deliver

pytestmark = pytest.mark.django_db
LINK = "https://ondes.example/confirmer/abc"
OURS = Words(
    subject="Plus qu’un clic, {{ first_name|à vous }}",
    title="Plus qu’un clic",
    opening="Salut,\n\nC’est {{ site }} qui vous écrit.",
    button="C’est bien moi",
    closing="À très vite !",
)


def facts() -> Facts:
    with translation.override("fr"):
        return confirming(LINK)


def written(language: str = "fr"):  # type: ignore[no-untyped-def]
    return letters.write("actions.confirm", {}, facts(), language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_has_words_in_each_language_that_can_leave(language: str) -> None:
    assert len(STANDARDS) >= 10
    subjects = set()
    for key, _standard in STANDARDS.items():
        made = outbox.sample(letters.sample(key, selectors.default_words(key, language), language=language))
        assert made.subject
        assert "{{" not in made.subject + made.text + made.html
        subjects.add(made.subject)
    assert len(subjects) == len(STANDARDS)


def test_french_and_english_defaults_differ() -> None:
    for key, _standard in STANDARDS.items():
        assert selectors.default_words(key, "fr") != selectors.default_words(key, "en")


def test_the_campaigns_words_are_said_with_the_link_and_the_laws_sentences() -> None:
    services.edit("actions.confirm", "fr", OURS, actor=staff(Role.COMMUNICATIONS))
    made = outbox.sample(written())
    assert made.subject == "Plus qu’un clic, Camille"
    for part in (made.text, made.html):
        assert LINK in part
        assert "C’est" in part
        assert "30 jours" in part
        assert "À très vite" in part
    assert "C’est bien moi" in made.html


def test_another_language_keeps_its_own_words() -> None:
    services.edit("actions.confirm", "fr", OURS, actor=staff())
    assert "One click" in written("en").subject


def test_a_language_that_the_product_does_not_speak_is_written_to_in_french() -> None:
    services.edit("actions.confirm", "fr", OURS, actor=staff())
    assert "Plus qu’un clic" in written("br").subject


def test_going_back_gives_the_products_words() -> None:
    before = written()
    services.edit("actions.confirm", "fr", OURS, actor=staff())
    assert written() != before
    assert services.restore("actions.confirm", "fr", actor=staff())
    assert written() == before


def test_a_field_that_does_not_exist_is_refused_before_anybody_waits_for_it() -> None:
    with pytest.raises(UnknownMergeField):
        services.edit("actions.confirm", "fr", Words(subject="{{ nowhere }}", title="a", opening="b"), actor=staff())
    assert OwnWords.objects.count() == 0


def test_words_that_cannot_be_filled_in_any_more_are_left_for_the_products() -> None:
    OwnWords.objects.create(key="actions.confirm", language="fr", subject="{{ gone }}", title="a", opening="b")
    assert "confirmer" in written().subject


def test_a_line_end_in_a_subject_starts_no_header() -> None:
    hostile = Words(subject="Bonjour\nBcc: x@mail.example", title="a", opening="b", button="c")
    assert "\n" not in letters.sample("actions.confirm", hostile, language="fr").subject


def test_what_a_member_of_staff_wrote_to_somebody_is_never_filled_in() -> None:
    quoted = Facts(quote="Votre code {{ last_name }}", reason="r")
    made = letters.compose(selectors.default_words("actions.request_answered", "fr"), {}, quoted, language="fr")
    assert "{ { last_name } }" in made.text


def test_markup_in_words_is_words() -> None:
    hostile = Words(subject="a", title="<script>x</script>", opening="<b>gras</b>", button="c")
    html = letters.sample("actions.confirm", hostile, language="fr").html
    assert "<script>x" not in html
    assert "&lt;b&gt;gras" in html


def test_a_value_that_holds_a_field_is_only_words() -> None:
    assert rules.filled("{{ site }}", {"site": "{{ last_name }}"}, known=set()) == "{ { last_name } }"
    with pytest.raises(LetterError):
        rules.filled("{{ other }}", {"site": "x"}, known=set())


CONDITION = "{{ si first_name }}Cher {{ first_name }}{{ sinon }}Bonjour à vous{{ fin }}, c’est {{ site }}."


@pytest.mark.parametrize(("name", "said"), [("Zoé", "Cher Zoé, c’est Ondes."), ("", "Bonjour à vous, c’est Ondes.")])
def test_a_condition_about_the_reader_stays_open_until_the_letter_leaves(name: str, said: str) -> None:
    left = rules.filled(CONDITION, {"site": "Ondes"}, known={"first_name"})
    assert "Ondes" in left
    assert merge.filled(merge.cut(left, known={"first_name"}), {"first_name": name}) == said


@pytest.mark.parametrize(
    "asked",
    ["commune = Rennes, L’Haÿ-les-Roses", "commune != Rennes, Brest", "pas commune = Rennes", "not commune", "commune"],
)
@pytest.mark.parametrize("commune", ["Rennes", "L’Haÿ-les-Roses", "Vannes", ""])
def test_an_open_condition_asks_what_its_author_asked(asked: str, commune: str) -> None:
    words = f"{{{{ if {asked} }}}}oui{{{{ else }}}}non{{{{ end }}}}"
    left = rules.filled(words, {}, known={"commune"})
    answers = {
        merge.filled(merge.cut(one, known={"commune"}), {"commune": commune}) for one in (words, left, escape(left))
    }
    assert len(answers) == 1


def test_a_condition_about_a_blank_is_decided_at_once() -> None:
    words = "{{ if site }}De {{ site }}{{ else }}Sans nom{{ end }}"
    assert rules.filled(words, {"site": "Ondes"}, known=set()) == "De Ondes"
    assert rules.filled(words, {"site": ""}, known=set()) == "Sans nom"


def test_a_standard_letter_leaves_with_its_condition_in_both_parts() -> None:
    opening = "{{ si commune = Rennes }}Rendez-vous place Sainte-Anne.\n\nÀ jeudi{{ sinon }}À bientôt{{ fin }} !"
    services.edit("actions.confirm", "fr", replace(OURS, opening=opening), actor=staff(Role.COMMUNICATIONS))
    letter = written()
    for part, write in ((letter.text, str), (letter.html, escape)):
        pieces = merge.cut(part, known=MERGE_FIELDS)
        values = dict.fromkeys(merge.names_in(pieces), "x")
        there, elsewhere = (
            merge.filled(pieces, values | {"commune": one}, escape=write) for one in ("Rennes", "Vannes")
        )
        assert "Sainte-Anne" in there
        assert "À bientôt" not in there
        assert "À bientôt" in elsewhere
        assert "Sainte-Anne" not in elsewhere
        assert there.count("<p") == there.count("</p>")
        assert elsewhere.count("<p") == elsewhere.count("</p>")


def test_a_condition_that_is_never_closed_is_refused() -> None:
    with pytest.raises(UnclosedCondition):
        services.edit("actions.confirm", "fr", replace(OURS, opening="{{ si commune }}Là"), actor=staff())
    assert not OwnWords.objects.exists()


def test_only_who_writes_for_the_campaign_changes_words() -> None:
    for role in (Role.ORGANISER, Role.READER, Role.DATA_OFFICER):
        with pytest.raises(NotAllowed):
            services.edit("actions.confirm", "fr", OURS, actor=staff(role))


def test_the_screens_show_change_and_give_back_a_letter() -> None:
    client: Client = signed_in(Role.COMMUNICATIONS)
    assert "Confirmation d’un formulaire" in client.get("/gestion/lettres/").content.decode()
    address = "/gestion/lettres/actions.confirm/fr/"
    page = client.get(address).content.decode()
    assert "30 jours" in page
    said = {"subject": OURS.subject, "title": OURS.title, "opening": OURS.opening, "button": OURS.button}
    assert client.post(address, said).status_code == 302
    preview = client.get(address + "apercu/")
    assert "C’est bien moi" in preview.content.decode()
    assert "sandbox" in preview["Content-Security-Policy"]
    refused = client.post(address, said | {"opening": "{{ nowhere }}"})
    assert "nowhere" in refused.content.decode()
    assert client.post(address + "defaut/").status_code == 302
    assert OwnWords.objects.count() == 0
    assert client.get("/gestion/lettres/nothing/fr/").status_code == 404


def test_an_example_never_holds_a_link_that_works() -> None:
    for key, _standard in STANDARDS.items():
        made = letters.sample(key, selectors.default_words(key, "fr"), language="fr")
        assert "/droits/" not in made.text
        assert "demande/" not in made.text


class TestTrying:
    def test_a_test_goes_to_whoever_asks_with_the_words_as_they_were_saved(self) -> None:
        services.edit("actions.confirm", "fr", OURS, actor=staff())
        client = signed_in(Role.COMMUNICATIONS)
        User.objects.filter(pk=User.objects.latest("pk").pk).update(email="com@ondes.example")
        page = client.post("/gestion/lettres/actions.confirm/fr/essai/", follow=True).content.decode()
        assert "Un essai est en route vers com@ondes.example" in page
        (sent,) = deliver().sent
        assert sent.recipient == "com@ondes.example"
        assert "Plus qu’un clic" in str(message_from_bytes(sent.content, policy=policy.default)["Subject"])

    @pytest.mark.parametrize("key", list(STANDARDS))
    def test_each_letter_can_be_tried(self, key: str) -> None:
        me = staff(Role.COMMUNICATIONS)
        services.send_test(key, "en", User.objects.get(), actor=me)
        assert len(deliver().sent) == 1

    def test_without_an_address_it_says_so(self) -> None:
        client = signed_in(Role.COMMUNICATIONS)
        User.objects.update(email="")
        page = client.post("/gestion/lettres/actions.confirm/fr/essai/", follow=True).content.decode()
        assert "aucun essai n’a été envoyé" in page


def test_the_fields_that_may_be_placed_stand_as_they_are_written() -> None:
    page = signed_in(Role.COMMUNICATIONS).get("/gestion/lettres/actions.remind_meeting/fr/").content.decode()
    for name in ("meeting", "day", "first_name"):
        assert f"<code>{{{{ {name} }}}}</code>" in page
    assert "verbatim" not in page
