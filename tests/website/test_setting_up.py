"""From nothing to a published, lawful site: each step is kept, nothing is public before the last."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from wagtail.models import Locale, Page, Site

from portevoix.accounts.types import Role, System
from portevoix.actions.models import SignUpPage
from portevoix.rights.selectors.imprint import legal_facts
from portevoix.rights.services.imprint import declare_imprint
from portevoix.website import rules
from portevoix.website.exceptions import NoHomePageYet, NotLawfulYet
from portevoix.website.models import ArticlePage, HomePage, Identity, IndexPage, LegalPage, MeasurePage, ProgrammePage
from portevoix.website.rules.starting import address_after, holds_a_mark
from portevoix.website.selectors.starting import drafts, progress
from portevoix.website.services import make_pages, name_site, open_site
from portevoix.website.types import OPTIONAL_PAGES, StartingPage
from tests.accounts.factories import UserFactory, signed_in
from tests.rights.test_imprint import WHOLE, configure
from tests.website.factories import png, wagtail_roots

pytestmark = pytest.mark.django_db
ME = System("tests")
STEPS = "/gestion/mise-en-route/"


@pytest.fixture(autouse=True)
def fresh(db: None) -> None:
    """An instance as `prepare` leaves it: Wagtail's own first page, and a file that says nothing of the law."""
    wagtail_roots()
    Page.objects.filter(depth=2).delete()
    root = Page.get_first_root_node()
    welcome = root.add_child(instance=Page(title="Welcome", slug="home"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "testserver", "root_page": welcome})


@pytest.fixture
def director() -> Client:
    """The first director, as the console makes one."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True))
    return client


def soup(client: Client, address: str, status: int = 200) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == status
    return BeautifulSoup(response.content, "html.parser")


def form_of(facts: Any = WHOLE) -> dict[str, str]:
    return {name: value for name, value in asdict(facts).items() if name != "election"}


def opened(*wanted: StartingPage) -> list[Page]:
    declare_imprint(WHOLE, actor=ME)
    make_pages(wanted, actor=ME)
    return open_site({draft.page.pk for draft in drafts()}, actor=ME)


class TestBeforeItIsOpen:
    def test_visitors_are_told_that_the_site_opens_soon(self, client: Client) -> None:
        page = soup(client, "/", status=503)
        assert page.h1 is not None
        assert page.h1.text == "Ce site ouvre bientôt"

    def test_the_site_and_the_way_in_bear_the_name_that_the_host_gave(self, client: Client, settings: Any) -> None:
        configure(settings, "site", name="Ensemble pour Valmer")
        assert "Ensemble pour Valmer" in soup(client, "/", status=503).get_text(" ")
        assert "L’équipe «\u00a0Ensemble pour Valmer\u00a0»" in soup(client, "/gestion/login/").get_text(" ")
        name_site("Valmer d’abord", actor=ME)
        assert "Valmer d’abord" in soup(client, "/", status=503).get_text(" ")

    def test_drafts_change_nothing_for_visitors(self, client: Client) -> None:
        make_pages(OPTIONAL_PAGES, actor=ME)
        soup(client, "/", status=503)
        soup(client, "/actualites/", status=404)
        assert Page.objects.filter(depth__gt=1).live().count() == 0

    def test_the_first_page_of_the_back_office_leads_to_the_assistant(self, director: Client) -> None:
        panel = soup(director, "/gestion/").find(id="set-up-title")
        assert panel is not None
        assert panel.parent is not None
        assert panel.parent.select_one("a.button")["href"] == f"{STEPS}qui/"  # type: ignore[index]

    def test_who_may_not_open_the_site_is_not_led_there(self) -> None:
        assert soup(signed_in(Role.READER), "/gestion/").find(id="set-up-title") is None


class TestPages:
    def test_the_pages_that_the_law_wants_are_made_in_any_case(self) -> None:
        make_pages([], actor=ME)
        assert set(LegalPage.objects.values_list("kind", flat=True)) == set(LegalPage.Kind.values)

    def test_what_is_there_is_left_alone(self) -> None:
        make_pages([StartingPage.NEWS], actor=ME)
        assert make_pages([StartingPage.NEWS, StartingPage.SIGN_UP], actor=ME) == [SignUpPage.objects.get()]
        assert HomePage.objects.count() == 1

    def test_the_site_leads_to_the_new_home_page_and_wagtails_own_is_gone(self) -> None:
        make_pages([], actor=ME)
        assert Site.objects.get().root_page.specific == HomePage.objects.get()
        assert [page.specific_class for page in Page.objects.filter(depth=2)] == [HomePage]

    def test_the_button_at_the_top_leads_to_signing_up(self) -> None:
        make_pages([StartingPage.SIGN_UP], actor=ME)
        identity = Identity.load()
        assert identity.join_page is not None
        assert identity.join_page.specific == SignUpPage.objects.get()

    def test_the_candidates_name_comes_from_the_facts(self) -> None:
        declare_imprint(replace(WHOLE, candidate="Ada Lorme"), actor=ME)
        make_pages([StartingPage.CANDIDATE], actor=ME)
        assert Page.objects.get(slug="ada-lorme").title == "Ada Lorme"

    @pytest.mark.parametrize("language", ["fr", "en"])
    def test_starting_words_are_marked_or_whole_in_both_languages(self, settings: Any, language: str) -> None:
        settings.LANGUAGE_CODE = language
        make_pages(OPTIONAL_PAGES, actor=ME)
        waits = {draft.page.specific_class for draft in drafts() if draft.waits}
        assert {ProgrammePage, MeasurePage} <= waits
        assert not {HomePage, IndexPage, SignUpPage, LegalPage} & waits


class TestOpening:
    @pytest.mark.parametrize("name", ["publisher", "director", "host_phone"])
    def test_a_site_without_what_the_law_wants_is_refused(self, name: str) -> None:
        declare_imprint(replace(WHOLE, **{name: ""}), actor=ME)
        make_pages([], actor=ME)
        with pytest.raises(NotLawfulYet) as refusal:
            open_site(set(), actor=ME)
        assert refusal.value.facts == (name,)
        assert Page.objects.filter(depth__gt=1).live().count() == 0

    def test_nothing_opens_without_a_home_page(self) -> None:
        declare_imprint(WHOLE, actor=ME)
        with pytest.raises(NoHomePageYet):
            open_site(set(), actor=ME)

    def test_a_home_page_with_words_to_complete_opens_nothing(self) -> None:
        declare_imprint(WHOLE, actor=ME)
        make_pages([], actor=ME)
        home = HomePage.objects.get()
        home.lead = "[À compléter : …]"
        home.save_revision()
        with pytest.raises(NoHomePageYet):
            open_site(set(), actor=ME)
        assert Page.objects.filter(depth__gt=1).live().count() == 0

    def test_pages_with_words_to_complete_stay_drafts_with_what_is_under_them(self, client: Client) -> None:
        pages = opened(*OPTIONAL_PAGES)
        assert {HomePage, IndexPage, SignUpPage, LegalPage} == {page.specific_class for page in pages}
        soup(client, "/programme/", status=404)
        menu = [link.text.strip() for link in soup(client, "/").select("#menu a")]
        assert menu == ["Actualités", "Chercher"]

    def test_a_completed_page_under_a_draft_is_not_published(self) -> None:
        declare_imprint(WHOLE, actor=ME)
        make_pages([StartingPage.PROGRAMME], actor=ME)
        measure = MeasurePage.objects.get()
        measure.title, measure.lead, measure.body = "A train", "Every half hour", []
        measure.save_revision()
        assert not holds_a_mark(measure.serializable_data())
        open_site({measure.pk}, actor=ME)
        measure.refresh_from_db()
        assert not measure.live

    def test_the_legal_notice_says_every_fact(self, client: Client) -> None:
        opened()
        text = soup(client, "/mentions-legales/").get_text(" ")
        for fact in form_of().values():
            if fact not in {WHOLE.publisher_form, WHOLE.host_country}:
                assert fact in text
        assert "association de financement électoral" in text

    def test_a_home_page_copied_for_translation_waits_until_somebody_chooses_it(self, director: Client) -> None:
        make_pages([], actor=ME)
        english = Locale.objects.get_or_create(language_code="en")[0]
        for original in (HomePage.objects.get(), *LegalPage.objects.all()):
            original.copy_for_translation(english)
        declare_imprint(WHOLE, actor=ME)
        boxes = soup(director, f"{STEPS}relecture/").select("[name=pages]")
        theirs = {str(page.pk) for page in Page.objects.filter(locale=english)}
        assert {box["value"] for box in boxes if not box.has_attr("checked")} == theirs
        assert {page.locale.language_code for page in open_site(set(), actor=ME)} == {"fr"}
        chosen = HomePage.objects.get(locale=english)
        assert [page.pk for page in open_site({chosen.pk}, actor=ME)] == [chosen.pk]

    def test_what_an_editor_wrote_meanwhile_is_what_is_published(self, client: Client) -> None:
        declare_imprint(WHOLE, actor=ME)
        make_pages([], actor=ME)
        home = HomePage.objects.get()
        home.headline = "Our own words"
        home.save_revision()
        open_site(set(), actor=ME)
        assert soup(client, "/").h1.text == "Our own words"  # type: ignore[union-attr]


class TestScreens:
    def test_each_step_is_kept_and_leads_to_the_next(self, director: Client) -> None:
        assert director.get(STEPS).headers["Location"] == f"{STEPS}qui/"
        assert director.post(f"{STEPS}qui/", form_of()).headers["Location"] == f"{STEPS}apparence/"
        assert director.get(STEPS).headers["Location"] == f"{STEPS}apparence/"
        look = {**asdict(rules.LOOKS["gazette"]), "name": "Valmer", "slogan": "Ensemble"}
        logo = SimpleUploadedFile("logo.png", png(600, 600).read())
        assert director.post(f"{STEPS}apparence/", {**look, "logo": logo}).headers["Location"] == f"{STEPS}pages/"
        identity = Identity.load()
        assert (identity.name, identity.slogan, identity.look) == ("Valmer", "Ensemble", rules.LOOKS["gazette"])
        assert identity.logo is not None
        assert identity.logo.description == "Logo de Valmer"
        assert director.post(f"{STEPS}pages/", {"pages": ["news"]}).headers["Location"] == f"{STEPS}relecture/"
        assert director.get(STEPS).headers["Location"] == f"{STEPS}relecture/"
        director.post(f"{STEPS}relecture/", {"pages": [draft.page.pk for draft in drafts()]})
        assert progress().review
        assert soup(director, "/gestion/").find(id="set-up-title") is None

    def test_a_half_known_imprint_is_kept_and_the_review_says_what_is_missing(self, director: Client) -> None:
        director.post(f"{STEPS}qui/", form_of(replace(WHOLE, director="", host_phone="")))
        make_pages([], actor=ME)
        page = soup(director, f"{STEPS}relecture/")
        links = [link["href"] for link in page.select("#law ~ ul a")]
        assert links == [f"{STEPS}qui/#id_director", f"{STEPS}qui/#id_host_phone"]
        assert "legal.host_phone" in page.get_text(" ")
        assert page.select_one("main form button[disabled], form button[disabled]") is not None
        answer = director.post(f"{STEPS}relecture/", follow=True)
        assert "La loi demande encore" in answer.content.decode()
        assert not progress().review

    def test_a_link_of_the_review_leads_to_its_field(self, director: Client) -> None:
        page = soup(director, f"{STEPS}qui/")
        assert page.find(id="id_director") is not None
        assert page.find(id="id_host_phone") is not None

    def test_what_the_host_says_is_shown_and_cannot_be_contradicted(self, director: Client, settings: Any) -> None:
        configure(settings, "legal", host_name="La Ferme des serveurs", host_country="FR")
        page = soup(director, f"{STEPS}qui/")
        assert "La Ferme des serveurs" in page.get_text(" ")
        assert page.find(id="id_host_name") is None
        director.post(f"{STEPS}qui/", form_of())
        assert legal_facts().host_name == "La Ferme des serveurs"
        assert legal_facts().host_phone == WHOLE.host_phone

    def test_what_is_no_address_is_refused_with_what_was_typed(self, director: Client) -> None:
        response = director.post(f"{STEPS}qui/", form_of(replace(WHOLE, publisher_email="nowhere")))
        assert response.status_code == 400
        assert b'value="nowhere"' in response.content

    def test_a_ready_look_is_taken_at_once_and_keeps_the_name(self, director: Client) -> None:
        answer = director.post(f"{STEPS}apparence/", {"name": "Valmer", "slogan": "", "ready": "affiche"})
        assert answer.headers["Location"] == f"{STEPS}apparence/"
        assert Identity.load().look == rules.LOOKS["affiche"]
        assert b'value="Valmer"' in director.get(f"{STEPS}apparence/").content

    def test_unreadable_colours_are_refused_and_the_name_is_not_kept_either(self, director: Client) -> None:
        look = {**asdict(rules.LOOKS["onde"]), "brand": "#ffee00", "name": "Valmer"}
        assert director.post(f"{STEPS}apparence/", look).status_code == 400
        assert Identity.load().name != "Valmer"

    @pytest.mark.parametrize("name", ["logo.png", "logo.svg"])
    def test_a_logo_that_is_no_picture_is_refused(self, director: Client, name: str) -> None:
        logo = SimpleUploadedFile(name, b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
        answer = director.post(f"{STEPS}apparence/", {**asdict(rules.LOOKS["onde"]), "name": "Valmer", "logo": logo})
        assert answer.status_code == 400
        assert Identity.load().logo is None

    def test_an_election_can_be_written_on_the_way(self, director: Client) -> None:
        answer = director.post(f"{STEPS}qui/", {**form_of(), "calendar": "1"})
        assert answer.headers["Location"] == "/gestion/elections/nouvelle/"
        assert legal_facts().publisher == WHOLE.publisher

    def test_an_open_site_with_a_gap_is_a_task_and_the_editor_of_the_page_says_so(self, director: Client) -> None:
        opened()
        assert "mention légale" not in soup(director, "/gestion/").get_text(" ")
        declare_imprint(replace(WHOLE, director=""), actor=ME)
        assert "La loi demande encore 1 mention légale" in soup(director, "/gestion/").get_text(" ")
        notice = LegalPage.objects.get(kind=LegalPage.Kind.NOTICE)
        assert "Cette page a des lacunes" in soup(director, f"/gestion/pages/{notice.pk}/edit/").get_text(" ")


def test_a_name_of_the_host_is_the_first_that_is_offered(director: Client, settings: Any) -> None:
    configure(settings, "site", name="Ensemble pour Valmer")
    assert b'value="Ensemble pour Valmer"' in director.get(f"{STEPS}apparence/").content


def test_a_name_is_kept_without_a_logo() -> None:
    name_site("  Valmer ", actor=ME)
    assert (Identity.load().name, Identity.load().logo) == ("Valmer", None)


def test_publishing_words_to_complete_is_told(director: Client) -> None:
    opened(StartingPage.PROGRAMME)
    programme = ProgrammePage.objects.get()
    data = {"title": programme.title, "slug": "programme", "lead": programme.lead, "headline": "", "body-count": "0"}
    data |= {
        "seo_title": "",
        "search_description": "",
        "picture": "",
        "action-publish": "1",
        "comments-TOTAL_FORMS": "0",
    }
    data |= {"comments-INITIAL_FORMS": "0", "comments-MIN_NUM_FORMS": "0", "comments-MAX_NUM_FORMS": ""}
    answer = director.post(f"/gestion/pages/{programme.pk}/edit/", data, follow=True)
    programme.refresh_from_db()
    assert programme.live
    assert "passages à compléter" in answer.content.decode()


def test_what_somebody_made_under_the_first_page_is_never_thrown_away() -> None:
    welcome = Page.objects.get(depth=2)
    welcome.add_child(instance=HomePage(title="Ours", slug="ours", headline="Ours"))
    make_pages([], actor=ME)
    assert HomePage.objects.filter(slug="ours").exists()


def test_a_draft_that_was_never_kept_as_a_revision_opens_too() -> None:
    declare_imprint(WHOLE, actor=ME)
    make_pages([], actor=ME)
    Page.objects.update(latest_revision=None)
    assert open_site({draft.page.pk for draft in drafts()}, actor=ME)


@pytest.mark.parametrize(
    ("title", "slug", "address"),
    [
        ("Se déplacer", "theme-1", "se-deplacer"),
        ("Se loger", "theme-1", "se-loger-2"),
        ("Se déplacer", "chosen", "chosen"),
        ("[À compléter : premier thème]", "theme-1", "theme-1"),
        ("!", "theme-1", "theme-1"),
    ],
)
def test_a_starting_address_becomes_that_of_the_title(title: str, slug: str, address: str) -> None:
    assert address_after(title, slug=slug, taken={"se-loger", "accueil"}) == address


def test_a_page_that_is_written_gets_its_address_and_keeps_it_once_published(director: Client) -> None:
    opened(StartingPage.NEWS)
    article = ArticlePage.objects.get()

    def keep(title: str, act: str) -> str:
        body = {"body-count": "1", "body-0-type": "text", "body-0-id": "", "body-0-order": "0", "body-0-deleted": ""}
        body["body-0-value"] = json.dumps(
            {"blocks": [{"text": "Come.", "type": "unstyled", "key": "a"}], "entityMap": {}}
        )
        data = {"title": title, "slug": article.slug, "kind": "news", "published_on": "2026-12-01", "lead": "", **body}
        data |= {f"comments-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS")}
        data |= {"comments-MAX_NUM_FORMS": "", act: "1"} if act else {"comments-MAX_NUM_FORMS": ""}
        director.post(f"/gestion/pages/{article.pk}/edit/", data)
        article.refresh_from_db()
        return article.slug

    assert keep("Samedi, au marché", "") == "samedi-au-marche"
    assert keep("Samedi, à la gare", "action-publish") == "samedi-au-marche", "an address that was given stays"
    assert article.live


def test_every_kind_of_page_says_what_it_is_for_in_the_order_of_a_dictionary(director: Client) -> None:
    opened()
    page = soup(director, f"/gestion/pages/{HomePage.objects.get().pk}/add_subpage/")
    said, done = (
        [line.text.strip() for line in part.select("a")] for part in page.select("section:has(.office-kinds)")
    )
    assert said.index("Équipe") < said.index("Espace presse") < said.index("Page de texte")
    assert done.index("Pétition") < done.index("Questionnaire")
    assert len(said + done) > 20
    assert all(line.text.strip() for line in page.select(".office-kinds .office-meta"))
