"""Political advertisements (regulation (EU) 2024/900): label, notice, register, and whom they may be sent to."""

from __future__ import annotations

import json
from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from portevoix.accounts.exceptions import NotAllowed
from portevoix.accounts.types import Role
from portevoix.delivery.models import Batch
from portevoix.kernel import clock
from portevoix.mailings import letters, selectors
from portevoix.mailings.exceptions import NoSuchNotice, NotADraft
from portevoix.mailings.models import Advert, Mailing, Notice, OwnText
from portevoix.mailings.selectors.adverts import OFFICIAL
from portevoix.mailings.services import advertising, composing, sending
from portevoix.people.models import Person
from portevoix.rights import services as rights
from portevoix.rights.purposes import Advertising, Basis, Purpose
from tests.accounts.factories import staff
from tests.mailings.adverts import advert, declared
from tests.mailings.factories import CAMPAIGN, MailingFactory, deliver, send
from tests.mailings.screens import address, browser, words
from tests.people.factories import PersonFactory, reachable
from tests.segments.factories import SegmentFactory, rule, tree
from tests.territory.factories import CommuneFactory, election

pytestmark = pytest.mark.django_db


def among(*parts: dict[str, Any], match: str = "all") -> Mailing:
    mailing: Mailing = MailingFactory(segment=SegmentFactory(tree=tree(*parts, match=match)))
    advert(mailing)
    return mailing


def agreeing(at: str = "oui@mail.example") -> Person:
    person = reachable(at, born_on=date(1980, 5, 17), language="fr")
    rights.give(person, Purpose.TARGETING, basis=Basis.CONSENT, evidence={}, source="tests", actor=CAMPAIGN)
    return person


def test_a_message_is_no_advertisement_until_the_campaign_says_so() -> None:
    mailing = MailingFactory()
    assert selectors.advertising_of(mailing) == Advertising.NONE
    assert letters.compose(mailing).html.find("publicites/") == -1


@pytest.mark.parametrize(
    "part",
    [
        rule("language", language="fr"),
        rule("departement", departement="35"),
        rule("ground", purpose="newsletter"),
    ],
)
def test_language_territory_and_the_subscription_alone_are_no_targeting(part: dict[str, Any]) -> None:
    CommuneFactory()
    assert selectors.advertising_of(among(part)) == Advertising.GENERAL


@pytest.mark.parametrize(
    "part",
    [
        rule("gender", gender="F"),
        rule("ground", purpose="newsletter", since="2026-01-01"),
        rule("ground", purpose="visits"),
        rule("known_since", day="2026-01-01"),
        {"match": "none", "parts": [rule("gender", gender="F")]},
    ],
)
def test_anything_else_is_wherever_it_stands_in_the_segment(part: dict[str, Any]) -> None:
    assert selectors.advertising_of(among(rule("language", language="fr"), part)) == Advertising.TARGETED


def test_a_segment_that_names_a_targeted_one_is_targeted_and_one_that_cannot_be_read_is_taken_for_it() -> None:
    inner = SegmentFactory(tree=tree(rule("gender", gender="F")))
    assert selectors.advertising_of(among(rule("segment", segment=inner.pk))) == Advertising.TARGETED
    assert selectors.advertising_of(among({"criterion": "gone"})) == Advertising.TARGETED


def passage(field: str) -> tuple[str, Any]:
    then = [{"type": "text", "value": "<p>a</p>"}]
    return ("passage", {"field": field, "test": "known", "values": "", "then": then, "otherwise": []})


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ({"blocks": [passage("commune")]}, Advertising.GENERAL),
        ({"blocks": [passage("first_name")]}, Advertising.TARGETED),
        ({"blocks": [("text", "<p>{{ if commune = Rennes }}a{{ end }}</p>")]}, Advertising.GENERAL),
        ({"blocks": [("text", "<p>{{ si <b>first_name</b> = Mohamed }}a{{ fin }}</p>")]}, Advertising.TARGETED),
        ({"subject": "{{ if last_name }}a{{ end }}"}, Advertising.TARGETED),
        ({"blocks": [("text", "<p>Bonjour {{ first_name|à vous }}.</p>")]}, Advertising.GENERAL),
    ],
)
def test_passages_choose_readers_as_segments_do(made: dict[str, Any], expected: Advertising) -> None:
    mailing = MailingFactory(segment=SegmentFactory(tree=tree(rule("ground", purpose="newsletter"))), **made)
    advert(mailing)
    assert selectors.advertising_of(Mailing.objects.get(pk=mailing.pk)) == expected


def test_passages_of_a_plain_text_choose_readers_too() -> None:
    mailing = among(rule("ground", purpose="newsletter"))
    OwnText.objects.create(
        mailing=mailing, words="{{ if full_name }}a{{ end }}", derived_digest="x", written_at=clock.now()
    )
    assert selectors.advertising_of(Mailing.objects.get(pk=mailing.pk)) == Advertising.TARGETED


def test_a_targeted_one_goes_only_to_who_agreed_to_that_and_says_so_before_it_leaves() -> None:
    agreeing()
    reachable("non@mail.example", born_on=date(1980, 5, 17), language="fr", gender="F")
    Person.objects.update(gender="F")
    mailing = among(rule("gender", gender="F"))
    page = words(browser().get(address("send", mailing.pk)))
    assert "ou d’âge inconnu" in page
    send(mailing)
    assert {one.recipient for one in deliver().sent} == {"oui@mail.example"}
    assert Batch.objects.get().advertising == Advertising.TARGETED


def test_a_general_one_leaves_out_only_those_known_to_be_under_17() -> None:
    reachable("inconnu@mail.example")
    reachable("jeune@mail.example", born_on=clock.today() - timedelta(days=5000))
    send(among())
    assert {one.recipient for one in deliver().sent} == {"inconnu@mail.example"}


def test_the_letter_says_at_its_head_what_it_is_in_both_parts() -> None:
    reachable("oui@mail.example")
    mailing = MailingFactory()
    advert(mailing, election=election(date(2027, 6, 13), name="Municipales de Villedeau"))
    send(mailing)
    message = message_from_bytes(deliver().sent[0].content, policy=policy.default)
    for part in message.iter_parts():  # type: ignore[attr-defined]
        said = part.get_content()
        place = said.index("Publicité politique")
        assert place < said.index("Les petits trains")
        assert "Liste des Ondes" in said[place:]
        assert "Municipales de Villedeau" in said[place:]
        assert "n’ont été choisis que" in " ".join(said[place:].split())
    # The link is counted like any other, and leads to the notice.
    targets = Batch.objects.get().links.values_list("target", flat=True)
    assert f"https://ondes.example/publicites/{Advert.objects.get().code}/" in targets


def test_only_a_draft_is_declared_and_a_colleague_without_the_right_declares_nothing() -> None:
    mailing = MailingFactory()
    with pytest.raises(NotAllowed):
        advertising.declare_advert(mailing, declared(), actor=staff(Role.ORGANISER))
    reachable("oui@mail.example")
    send(mailing)
    for act in (
        lambda: advertising.declare_advert(mailing, declared(), actor=CAMPAIGN),
        lambda: advertising.withdraw_advert(mailing, actor=CAMPAIGN),
    ):
        with pytest.raises(NotADraft):
            act()


def test_the_mark_can_be_taken_from_a_draft() -> None:
    mailing = among()
    advertising.withdraw_advert(mailing, actor=CAMPAIGN)
    assert selectors.advertising_of(mailing) == Advertising.NONE


def published(**said: Any) -> Mailing:
    reachable("oui@mail.example")
    mailing: Mailing = MailingFactory()
    advert(mailing, **said)
    return send(mailing)


def test_there_is_no_notice_before_it_leaves_and_one_from_then_on(client: Client) -> None:
    mailing = MailingFactory()
    code = advert(mailing).code
    assert client.get(f"/publicites/{code}/").status_code == 404
    reachable("oui@mail.example")
    send(mailing)
    page = client.get(f"/publicites/{code}/", headers={"accept-language": "fr"})
    said = " ".join(BeautifulSoup(page.content, "html.parser").get_text(" ").split())
    for fact in ("Liste des Ondes", "140", "facture de l’hébergeur", "plaintes@ondes.example", "privée"):
        assert fact in said


def test_its_reach_is_told_when_the_last_letter_has_left_by_another_version() -> None:
    mailing = published()
    assert Notice.objects.get().content["reach"] == {"people": None}
    deliver()
    Batch.objects.update(finished_at=clock.now())
    sending.finish(Mailing.objects.get(pk=mailing.pk), actor=CAMPAIGN)
    first, second = Notice.objects.order_by("version")
    assert (first.version, second.version) == (1, 2)
    assert second.content["reach"] == {"people": 1}
    assert first.first_at == second.first_at


def test_it_says_what_the_regulation_asks_for(client: Client) -> None:
    published(election=election(date(2027, 6, 13), name="Municipales"), payer="Association des Amis")
    told = Notice.objects.get().content
    assert told["sponsor"]["name"] == "Liste des Ondes"
    assert told["paid_by"] == "Association des Amis"
    assert told["period"] == {"from": "2026-12-01", "until": "2026-12-15"}
    assert told["amounts"]["euros"] == "140.50"
    assert (told["amounts"]["origin"], told["amounts"]["place"]) == ("private", "inside")
    assert told["linked_to"]["election"] == "Municipales"
    assert told["linked_to"]["election_days"] == ["2027-06-13"]
    assert told["linked_to"]["official_information"] == OFFICIAL
    assert OFFICIAL in client.get(f"/publicites/{Notice.objects.get().code}/").content.decode()
    assert told["targeting"]["used"] is False
    assert told["complaints"] == "plaintes@ondes.example"


def test_a_targeted_one_says_how_its_readers_were_chosen_in_plain_words() -> None:
    person = agreeing()
    Person.objects.filter(pk=person.pk).update(gender="F")
    send(among(rule("gender", gender="F")))
    targeting = Notice.objects.get().content["targeting"]
    assert targeting["used"] is True
    assert "femme" in targeting["logic"]
    assert "art. 18" in targeting["legal_ground"]


def test_a_correction_is_another_version_that_keeps_the_former_one(client: Client) -> None:
    published()
    first = Notice.objects.get()
    amounts = {**first.content["amounts"], "euros": "200.00"}
    advertising.correct_notice(first.code, {"amounts": amounts}, reason="Facture reçue", actor=CAMPAIGN)
    page = client.get(f"/publicites/{first.code}/").content.decode()
    assert "200" in page
    assert "Facture reçue" in page
    former = client.get(f"/publicites/{first.code}/?version=1").content.decode()
    assert "140" in former


def test_a_correction_survives_the_telling_of_the_reach() -> None:
    mailing = published()
    code = Notice.objects.get().code
    advertising.correct_notice(code, {"paid_by": "Les Amis"}, reason="Erreur", actor=CAMPAIGN)
    deliver()
    Batch.objects.update(finished_at=clock.now())
    sending.finish(Mailing.objects.get(pk=mailing.pk), actor=CAMPAIGN)
    last = Notice.objects.latest_versions().get()
    assert (last.version, last.content["paid_by"], last.content["reach"]) == (3, "Les Amis", {"people": 1})


def test_a_correction_needs_a_reason_and_changes_only_what_is_declared() -> None:
    published()
    code = Notice.objects.get().code
    for said, reason in (({"paid_by": "x"}, " "), ({"reach": {"people": 0}}, "x"), ({"targeting": {}}, "x")):
        with pytest.raises(ValueError, match="a correction has a reason"), transaction.atomic():
            advertising.correct_notice(code, said, reason=reason, actor=CAMPAIGN)
    with pytest.raises(NoSuchNotice):
        advertising.correct_notice("inconnu", {"paid_by": "x"}, reason="x", actor=CAMPAIGN)


def test_the_notice_outlives_the_mailing() -> None:
    mailing = published()
    deliver()
    Advert.objects.all().delete()
    Mailing.objects.filter(pk=mailing.pk).delete()
    assert Notice.objects.count() == 1


def test_a_draft_that_was_declared_can_be_deleted() -> None:
    mailing = among()
    composing.delete(mailing, actor=CAMPAIGN)
    assert not Advert.objects.exists()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE mailings_notice SET content = '{}'",
        "UPDATE mailings_notice SET kept_until = '2020-01-01'",
        "DELETE FROM mailings_notice",
        "TRUNCATE mailings_notice",
    ],
)
def test_the_database_refuses_that_a_notice_is_changed_or_goes_before_its_time(attack: str) -> None:
    published()
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="only added to"), transaction.atomic():
        cursor.execute(attack)


def test_it_is_kept_for_seven_years_and_goes_then() -> None:
    published(ends_on=date(2035, 1, 31))
    kept = Notice.objects.get()
    assert kept.kept_until == date(2042, 1, 31)
    assert advertising.forget_notices(actor=CAMPAIGN) == 0
    old = Notice.objects.create(code="vieux", version=1, content=kept.content, kept_until=date(2020, 1, 1))
    Notice.objects.create(code="mixte", version=1, content=kept.content, kept_until=date(2020, 1, 1))
    Notice.objects.create(code="mixte", version=2, content=kept.content, kept_until=date(2042, 1, 1))
    assert advertising.forget_notices(actor=CAMPAIGN) == 1
    assert not Notice.objects.filter(pk=old.pk).exists()
    assert Notice.objects.filter(code="mixte").count() == 2


def test_the_register_is_for_everybody_and_for_machines(client: Client) -> None:
    published()
    code = Notice.objects.get().code
    page = client.get("/publicites/").content.decode()
    assert f"/publicites/{code}/" in page
    told = json.loads(client.get("/publicites.json").content)
    assert told["count"] == 1
    assert told["notices"][0]["code"] == code
    assert told["notices"][0]["schema"] == "portevoix.notice.1"
    one = json.loads(client.get(f"/publicites/{code}.json").content)
    assert [version["version"] for version in one["versions"]] == [1]
    assert client.get("/publicites/inconnu/").status_code == 404
    assert client.get("/publicites/inconnu.json").status_code == 404


def test_an_empty_register_says_so(client: Client) -> None:
    page = client.get("/publicites/", headers={"accept-language": "fr"}).content.decode()
    assert "aucune publicité politique" in page


def posted(**changes: Any) -> dict[str, Any]:
    said = declared()
    usual = {name: getattr(said, name) for name in said.__dataclass_fields__ if getattr(said, name) is not None}
    return {**usual, **changes}


def test_an_author_declares_and_takes_it_back_on_screen() -> None:
    mailing = MailingFactory()
    author = browser()
    author.post(address("declare", mailing.pk), posted())
    assert Advert.objects.get().sponsor == "Liste des Ondes"
    assert "publicité politique" in words(author.get(address("rules", mailing.pk)))
    author.post(address("no_advert", mailing.pk))
    assert not Advert.objects.exists()


def test_the_form_refuses_a_period_that_runs_backwards_and_a_negative_amount() -> None:
    mailing = MailingFactory()
    browser().post(address("declare", mailing.pk), posted(ends_on="2026-11-01", amount="-1"))
    assert not Advert.objects.exists()


def test_the_form_begins_with_what_the_instance_says_of_itself() -> None:
    page = browser().get(address("declare", MailingFactory().pk)).content.decode()
    assert "Association des Ondes" in page


def test_a_notice_is_corrected_on_screen() -> None:
    published()
    code = Notice.objects.get().code
    author = browser()
    form = author.get(address("correct", code)).context["form"]
    said = {name: form.initial.get(name, "") for name in form.fields}
    author.post(address("correct", code), {**said, "euros": "99", "reason": "Facture"})
    assert Notice.objects.latest_versions().get().content["amounts"]["euros"] == "99"
    assert reverse("adverts:notice", args=[code]) in author.get(address("adverts")).content.decode()


def test_silence_is_said_where_one_sends() -> None:
    PersonFactory(reachable=True, in_rennes=True)
    kept = election(date(2028, 4, 23))
    kept.silences.update(begins_at=clock.now() - timedelta(hours=1), ends_at=clock.now() + timedelta(hours=1))
    mailing = MailingFactory()
    page = words(browser().get(address("send", mailing.pk)))
    assert "Silence électoral" in page
    send(mailing)
    assert deliver().sent == []
    assert "Silence électoral" in words(browser().get(address("results", mailing.pk)))
