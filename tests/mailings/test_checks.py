"""What an author is told before a letter leaves: each hint where it belongs, silence where there is nothing to say."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from portevoix.mailings import letters
from portevoix.mailings.letters import sheets
from portevoix.mailings.rules import checks, links, spam
from portevoix.mailings.services import plain_texts
from portevoix.mailings.types import Hint, Weight
from tests.actions.factories import petition
from tests.mailings.factories import CAMPAIGN, Block, MailingFactory, body
from tests.segments.factories import SegmentFactory, rule, tree
from tests.website.factories import HomePageFactory, PictureFactory, StandardPageFactory

GOOD = {"subject": "Un train toutes les demi-heures", "preheader": "Quarante lignes, un carnet."}
ENOUGH = "mot " * 60


@pytest.fixture(autouse=True)
def in_french() -> Any:
    with translation.override("fr"):
        yield


def sheet(**facts: Any) -> checks.Sheet:
    usual = {
        **GOOD,
        "words": (("Bloc 1", ENOUGH),),
        "links": (checks.Link("Bloc 1", "Le programme", "https://a.example/"),),
    }
    return checks.Sheet(**{**usual, **facts})


def said(**facts: Any) -> list[Hint]:
    return checks.hints(sheet(**facts))


def link(words: str = "Le programme", address: str = "https://a.example/") -> dict[str, Any]:
    return {"links": (checks.Link("Bloc 1, texte", words, address),)}


def test_a_letter_with_nothing_to_correct_hears_nothing() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("facts", "where", "words"),
    [
        ({"preheader": ""}, "Ligne d’aperçu", "Il n’y en a pas"),
        (
            {"preheader": "{{ if commune }}{{ end }}"},
            "Ligne d’aperçu",
            "Il n’y en a pas",
        ),
        ({"preheader": GOOD["subject"].upper()}, "Ligne d’aperçu", "la même chose"),
        ({"subject": "x" * 61}, "Objet", "61 caractères"),
        ({"subject": "VENEZ TOUS SAMEDI"}, "Objet", "capitales"),
        ({"subject": "Venez ! Vite !"}, "Objet", "exclamation"),
        ({"subject": "RE: notre échange"}, "Objet", "réponse"),
        ({"subject": "Fwd : à lire"}, "Objet", "réponse"),
        ({"subject": "🎉🎉🎉 Fête"}, "Objet", "pictogrammes"),
        ({"subject": "C’est gratuit"}, "Objet", "gratuit"),
        ({"size": 90_000}, "Toute la lettre", "90\xa0ko"),
        ({"words": (("Bloc 1", "mot " * 1300),), "headings": (("Bloc 1", "Titre"),)}, "Toute la lettre", "1300 mots"),
        ({"words": (("Bloc 3, texte", ENOUGH + "[le montant]"),)}, "Bloc 3, texte", "[le montant]"),
        ({"subject": "Samedi à [heure]"}, "Objet", "[heure]"),
        ({"bare": ("commune",)}, "Mots qui changent selon la personne", "commune"),
        ({"is_text_stale": True}, "Texte seul", "avant"),
        (link(address="http://a.example/"), "Bloc 1, texte", "sans chiffrement"),
        (link(address="https://bit.ly/3x"), "Bloc 1, texte", "raccourcit"),
        (link(address="https://93.184.216.34/x"), "Bloc 1, texte", "cache son nom"),
        (link(address="https://xn--pple-43d.example/"), "Bloc 1, texte", "cache son nom"),
        (link(address="https://banque.example@a.example/"), "Bloc 1, texte", "cache son nom"),
        (link("www.b.example", "https://a.example/"), "Bloc 1, texte", "mène à une autre"),
        (link(address="https://a.example/?fbclid=x"), "Bloc 1, texte", "suit les gens"),
        (link("cliquez ici"), "Bloc 1, texte", "ne dit pas où il mène"),
        (link("Read more…"), "Bloc 1, texte", "ne dit pas où il mène"),
        ({"links": ()}, "Toute la lettre", "ne mène nulle part"),
        ({"pictures": (checks.Picture("Bloc 2", "", False),)}, "Bloc 2", "pas de description"),
        ({"pictures": (checks.Picture("Bloc 2", "IMG_2034.jpg", False),)}, "Bloc 2", "nom de fichier"),
        ({"pictures": (checks.Picture("Bloc 2", "a" * 200, False),)}, "Bloc 2", "200 caractères"),
        (
            {"pictures": (checks.Picture("Bloc 2", "Un train", False),), "words": (("Bloc 1", "Venez"),)},
            "Toute la lettre",
            "image",
        ),
        ({"words": (("Bloc 1", "mot " * 300),)}, "Toute la lettre", "sans titre"),
        ({"headings": (("Bloc 4", "NOS PROPOSITIONS"),)}, "Bloc 4", "capitales"),
        ({"shouted": (("Bloc 4", "Nos propositions"),)}, "Bloc 4", "titre"),
        ({"is_title_for_some": True}, "Toute la lettre", "certains lecteurs"),
        ({"contrasts": (("Boutons", 2.1),)}, "Couleurs du site", "2.1"),
        ({"dead": (checks.Link("Bloc 1", "Le plan", "https://ondes.example/plan/"),)}, "Bloc 1", "n’existe pas"),
    ],
)
def test_each_fault_is_told_where_it_is_and_why(facts: dict[str, Any], where: str, words: str) -> None:
    found = said(**facts)
    assert [hint for hint in found if hint.where == where and words in hint.what], found
    assert all(hint.why for hint in found)


@pytest.mark.parametrize(
    "facts",
    [
        {"subject": "L’ONU vote demain"},
        {"subject": "Venez !"},
        {"subject": "Réunion : samedi"},
        {"subject": "{{ first_name|Bonjour }}, êtes-vous libre ?"},
        {"words": (("Bloc 1", ENOUGH + " garantir le climat, tout engagement"),)},
        {"pictures": (checks.Picture("Bloc 2", "", True),)},
        {"pictures": (checks.Picture("Bloc 2", "Un train passe devant la gare", False),)},
        {"shouted": (("Bloc 4", "C’est maintenant que cela se joue."),)},
        {"contrasts": (("Texte", 4.5),)},
        {"size": 80_000},
        link("a.example", "https://www.a.example/plan"),
        link("écrivez-nous", "mailto:a@b.example"),
        {"home": "chez-nous.example", **link(address="http://chez-nous.example/plan/")},
    ],
)
def test_what_is_fine_is_left_in_peace(facts: dict[str, Any]) -> None:
    assert said(**facts) == []


def test_same_words_for_different_places_are_told_once() -> None:
    twins = tuple(checks.Link("Bloc 1", "Le programme", f"https://a.example/{at}") for at in range(3))
    assert [hint.what for hint in said(links=twins)] == [
        "Plusieurs liens disent «\xa0le programme\xa0» et mènent à des endroits différents."
    ]


def test_what_must_be_corrected_comes_first() -> None:
    weights = [hint.weight for hint in said(subject="x" * 80, preheader="")]
    assert weights == [Weight.WARNING, Weight.ADVICE]


def test_words_of_junk_are_told_once_each_with_a_reason() -> None:
    found = said(subject="Gratuit", words=(("Bloc 1", ENOUGH + "gratuit, cliquez ici"),))
    assert len(found) == 2
    assert {hint.where for hint in found} == {"Objet", "Bloc 1"}


@pytest.mark.parametrize("words", ["Click here", "100 % offert", "Act now", "Vous avez gagné", "argent facile"])
def test_the_list_of_junk_knows_both_languages(words: str) -> None:
    assert spam.smells_in(words)


def test_every_host_is_read_even_from_a_broken_address() -> None:
    assert links.host_of("https://[::1/") == ""
    assert links.host_of("mailto:a@b.example") == ""


def hints(*blocks: Block, **words: Any) -> list[str]:
    return [hint.what for hint in letters.hints(MailingFactory(blocks=blocks, **{**GOOD, **words}))]


def text(words: str = ENOUGH, address: str = "https://a.example/") -> Block:
    return ("text", f'<p>{words} <a href="{address}">Le programme</a></p>')


@pytest.mark.django_db
def test_a_real_letter_is_read_block_by_block() -> None:
    image = PictureFactory(description="photo 12")
    blocks = [
        ("heading", "Titre"),
        text(),
        ("picture", {"image": {"image": image.pk, "decorative": False, "alt_text": "photo 12"}, "caption": ""}),
        (
            "columns",
            {
                "left": [{"type": "text", "value": '<p><a href="http://b.example/">Ici</a></p>'}],
                "right": [{"type": "heading", "value": "Suite"}],
            },
        ),
    ]
    found = letters.hints(MailingFactory(blocks=blocks, **GOOD))
    assert {(hint.where, hint.what[:20]) for hint in found} == {
        ("Bloc 3, image", "La description «\xa0pho"),
        ("Bloc 4, deux colonnes", "«\xa0Ici\xa0» mène à une a"),
        ("Bloc 4, deux colonnes", "Le lien «\xa0Ici\xa0» ne d"),
    }


@pytest.mark.django_db
def test_a_page_that_the_site_does_not_have_is_found_without_asking_anybody() -> None:
    HomePageFactory()
    StandardPageFactory(slug="programme")
    StandardPageFactory(slug="brouillon", draft=True)
    there = ["/programme/", "/", "/programme/?a=1#b"]
    gone = ["/plan/", "/brouillon/", "/programme/plan/"]
    assert [path for path in there if sheets.is_dead(f"https://ondes.example{path}")] == []
    assert [path for path in gone if not sheets.is_dead(f"https://ondes.example{path}")] == []
    assert not sheets.is_dead("https://a.example/plan/")
    assert [what for what in hints(text(address="https://ondes.example/plan/")) if "n’existe pas" in what]


@pytest.mark.django_db
def test_a_field_without_other_words_is_told_unless_a_condition_asks_first() -> None:
    assert any("commune" in what for what in hints(text("à {{ commune }} " + ENOUGH)))
    assert hints(text("{{ if commune }}à {{ commune }}{{ end }} " + ENOUGH)) == []


@pytest.mark.django_db
def test_a_title_for_some_readers_only_is_told() -> None:
    heading = {"type": "heading", "value": "Titre"}
    passage = ("passage", {"field": "commune", "test": "known", "values": "", "then": [heading], "otherwise": []})
    assert any("certains lecteurs" in what for what in hints(passage, text()))


@pytest.mark.django_db
def test_a_text_written_before_the_letter_changed_is_told() -> None:
    mailing = MailingFactory(blocks=[text()], **GOOD)
    plain_texts.write_plain_text(mailing, "Le mien.", actor=CAMPAIGN)
    assert letters.hints(mailing) == []
    mailing.body = body(text("Autre chose. " + ENOUGH))
    mailing.save()
    assert [hint.where for hint in letters.hints(mailing)] == ["Texte seul"]


@pytest.mark.django_db
def test_the_products_own_colours_can_be_read() -> None:
    ratios = dict(sheets.contrasts())
    assert len(ratios) == 9
    assert {what: ratio for what, ratio in ratios.items() if ratio < checks.READABLE} == {}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "is_told"),
    [
        ({"criterion": "took_part"}, True),
        ({"criterion": "brought_others"}, True),
        ({"criterion": "interaction", "kind": "participated", "days": 9}, True),
        ({"criterion": "interaction", "kind": "attended", "days": 9}, True),
        ({"criterion": "never", "kind": "participated"}, True),
        ({"criterion": "last_ago", "kind": "participated", "days": 9}, True),
        ({"criterion": "last_before", "kind": "attended", "day": "2026-01-01"}, True),
        ({"criterion": "interaction", "kind": "tagged", "days": 9}, False),
        ({}, False),
    ],
)
def test_who_writes_by_an_action_is_told_that_it_serves_nothing_else(asked: dict[str, Any], is_told: bool) -> None:
    if asked and "kind" not in asked:
        asked = {**asked, "action": petition().pk}
    inner = SegmentFactory(tree=tree(asked) if asked else tree())
    mailing = MailingFactory(segment=SegmentFactory(tree=tree(rule("segment", segment=inner.pk))))
    told = [hint.what for hint in letters.hints(mailing)]
    assert any("l’action à laquelle elles ont participé" in what for what in told) == is_told
