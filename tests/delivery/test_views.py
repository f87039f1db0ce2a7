"""What a reader, a mail service or a scanner meets behind the links of a letter."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from portevoix.delivery import selectors
from portevoix.delivery.models import Batch, LinkTotal, Message
from portevoix.delivery.types import Recipient
from portevoix.kernel import clock
from portevoix.rights import links
from portevoix.rights import services as rights
from portevoix.rights.models import Ground
from tests.delivery.factories import CAMPAIGN, queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def address(settings: Any) -> str:
    """The way out of one queued message."""
    message = queue(people=1).messages.select_related("person").get()
    assert message.person is not None
    reader = Recipient(message.pk, message.person.pk, message.person.ref, "", "", "", "")
    return selectors.unsubscribe_urls([reader])[0].removeprefix(settings.BASE_URL)


def test_following_the_link_does_not_unsubscribe_but_offers_to(visitor: Client, address: str) -> None:
    for _time in range(3):
        page = visitor.get(address)
    assert page.status_code == 200
    assert '<form method="post"' in page.content.decode()
    assert Ground.objects.get().is_live


def test_one_click_as_mail_services_post_it(visitor: Client, address: str) -> None:
    """RFC 8058: no cookie, no page before, another origin, an answer that is not a redirect."""
    answer = visitor.post(
        address,
        "List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
        headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 200
    assert not answer.cookies
    assert Ground.objects.get().withdrawal["one_click"] is True


def test_one_click_in_a_multipart_form(visitor: Client, address: str) -> None:
    assert visitor.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Ground.objects.get().withdrawal["one_click"] is True


def test_the_button_unsubscribes_and_says_so(visitor: Client, address: str) -> None:
    page = visitor.post(address)
    assert page.status_code == 200
    assert "/preferences/" in page.content.decode()
    assert Ground.objects.get().withdrawal["one_click"] is False


def test_a_link_to_leave_works_for_ever_and_opens_the_choices_only_for_a_while(visitor: Client, address: str) -> None:
    Batch.objects.update(created_at=clock.now() - links.LIFETIME - timedelta(days=1))
    page = visitor.post(address)
    assert page.status_code == 200
    assert "/preferences/" not in page.content.decode()
    assert not Ground.objects.live().exists()


def test_asking_again_is_answered_the_same(visitor: Client, address: str) -> None:
    assert visitor.post(address).status_code == 200
    assert Message.objects.filter(unsubscribed_at__isnull=False).count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "change", [lambda path: path[:-2] + "/", lambda path: "/unsubscribe/1/", lambda path: path.replace(".", "")]
)
def test_a_tampered_link_gets_a_clear_page(visitor: Client, address: str, method: str, change: Any) -> None:
    page = getattr(visitor, method)(change(address))
    assert page.status_code == 404
    assert "<h1>" in page.content.decode()
    assert Ground.objects.get().is_live


def test_the_way_out_of_an_erased_person_is_still_polite(visitor: Client, address: str) -> None:
    rights.erase(Ground.objects.get().person, actor=CAMPAIGN)
    assert visitor.get(address).status_code == 200
    assert visitor.post(address).status_code == 200


def test_other_methods_are_refused(visitor: Client, address: str) -> None:
    assert visitor.put(address).status_code == 405


@pytest.fixture
def counted() -> LinkTotal:
    batch = queue(people=1)
    return LinkTotal.objects.create(batch=batch, number=1, target="https://ailleurs.example/rdv?a=1&b=2")


def test_a_click_is_counted_and_leads_to_the_target(visitor: Client, counted: LinkTotal) -> None:
    for _time in range(2):
        answer = visitor.get(f"/l/{counted.batch.code}/1")
    assert answer.status_code == 302
    assert answer["Location"] == counted.target
    assert not answer.cookies
    counted.refresh_from_db()
    assert counted.clicks == 2


def test_a_mere_look_at_the_headers_is_not_a_click(visitor: Client, counted: LinkTotal) -> None:
    assert visitor.head(f"/l/{counted.batch.code}/1").status_code == 302
    counted.refresh_from_db()
    assert counted.clicks == 0


@pytest.mark.parametrize("path", ["/l/{code}/2", "/l/other/1", "/l/{code}/1?to=https://evil.example", "/l/{code}/0"])
def test_a_link_leads_only_where_the_letter_said(visitor: Client, counted: LinkTotal, path: str) -> None:
    answer = visitor.get(path.format(code=counted.batch.code))
    assert answer.status_code == 404 or answer["Location"] == counted.target


def test_a_link_cannot_be_posted_to(visitor: Client, counted: LinkTotal) -> None:
    assert visitor.post(f"/l/{counted.batch.code}/1").status_code in {403, 405}
