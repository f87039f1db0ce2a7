"""Letters wear what the site wears: colours, name, footer; and a footer can break no letter."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from portevoix.delivery import letters as delivery
from portevoix.delivery import selectors as outbox
from portevoix.delivery.types import Letter
from portevoix.mailings import letters
from portevoix.website.models import Identity
from tests.mailings.conftest import campaign as campaign
from tests.mailings.factories import MailingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]


def dressed(footer: str = "") -> Letter:
    identity = Identity.load()
    identity.name, identity.brand, identity.footer_text = "Les Ondes", "#123456", footer
    identity.save()
    return outbox.sample(letters.compose(MailingFactory()))


def test_a_letter_has_the_sites_name_and_colours() -> None:
    seen = dressed()
    assert seen.sender_name == "Les Ondes"
    assert "#123456" in seen.html


def test_the_sites_footer_stands_below_each_letter() -> None:
    seen = dressed('<p>Parti des Ondes, <a href="https://ondes.example/legal/">mentions</a></p><p>Depuis 2026</p>')
    foot = BeautifulSoup(seen.html, "html.parser").find(class_="colophon")
    assert foot is not None
    assert "Parti des Ondes" in foot.get_text()
    assert foot.find("a", href="https://ondes.example/legal/")
    assert seen.text.rstrip().endswith("Parti des Ondes, mentions (https://ondes.example/legal/)\n\nDepuis 2026")


@pytest.mark.parametrize(
    "footer",
    [
        "<p>{{ unsubscribe_url }} {{ if commune }}</p>",
        "<p><script>alert(1)</script><img src=x onerror=alert(2)></p>",
        '<p><a linktype="page" id="987654">page disparue</a></p>',
        '<p><a href="javascript:alert(1)">ici</a></p>',
    ],
)
def test_a_footer_breaks_no_letter(footer: str) -> None:
    seen = dressed(footer)
    assert "alert(" not in seen.html
    assert "onerror" not in seen.html


def test_without_a_footer_there_is_none() -> None:
    dressed()
    assert delivery.brand().footer == ()
