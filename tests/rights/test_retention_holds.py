"""Who is held stays, who refused is kept out, and who merely lapsed may come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.people.models import EmailAddress, Person
from portevoix.rights.exceptions import NotNow
from portevoix.rights.models import Ground, Request, Suppression
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors import retention as selectors
from portevoix.rights.selectors import suppressions_of
from portevoix.rights.services import requests, retention
from portevoix.rights.types import Asked, RequestKind, RequestWay
from tests.exchange import files
from tests.people.factories import PhoneFactory
from tests.rights.retaining import (
    NIGHT,
    ago,
    dormant,
    gave,
    lapsed,
    refused,
    regular,
    run,
    said,
    ungrounded,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_night")]


def test_whose_data_is_restricted_or_who_waits_for_an_answer_keeps_everything_and_is_counted() -> None:
    restricted, waiting = lapsed(), lapsed()
    lapsed()
    Person.objects.filter(pk=restricted.pk).update(restricted_at=clock.now())
    asked = Asked(kind=RequestKind.RECTIFICATION, way=RequestWay.LETTER, received_on=clock.today())
    requests.enter_request(waiting, asked, actor=System("tests"))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (1, 2)
    run()
    assert set(Person.objects.all()) == {restricted, waiting}
    assert Ground.objects.live().exclude(purpose=Purpose.SERVICE).count() == 2


def test_who_confirms_between_the_question_and_the_deed_stays() -> None:
    who = lapsed()
    found = selectors.over(selectors.EVERYBODY)
    assert {going.person_id for going in found} == {who.pk}
    said(who, 0)
    assert retention._end([who.pk], NIGHT) == {}
    assert Person.objects.filter(pk=who.pk).exists()


def test_a_proof_of_identity_that_never_comes_keeps_nobody_for_ever() -> None:
    who = lapsed()
    asked = Asked(kind=RequestKind.RECTIFICATION, way=RequestWay.LETTER, received_on=clock.today())
    request = requests.enter_request(who, asked, actor=System("tests"))
    requests.ask_identity(request.pk, "Une preuve, s’il vous plaît.", actor=System("tests"))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (0, 1)
    Request.objects.update(paused_on=clock.today() - timedelta(days=63))
    lines = {line.code: line for line in selectors.forecast().lines}
    assert (lines["lapsed"].over, lines["lapsed"].kept_back) == (1, 0)


def test_nobody_may_put_off_an_objection_by_asking_for_a_proof() -> None:
    asked = Asked(kind=RequestKind.OBJECTION, way=RequestWay.LETTER, received_on=clock.today())
    request = requests.enter_request(regular(), asked, actor=System("tests"))
    with pytest.raises(NotNow):
        requests.ask_identity(request.pk, "Une preuve.", actor=System("tests"))


def test_a_line_on_the_page_of_rights_prolongs_nothing() -> None:
    who = ungrounded(100)
    gave(who, Purpose.SERVICE, days=1)
    assert [going.ident for going in selectors.over(selectors.EVERYBODY)] == [who.pk]


def test_a_refusal_leaves_its_fingerprint_whatever_else_the_person_was() -> None:
    who = dormant()
    EmailAddress.objects.create(person=who, address="volunteer@mail.example", source="tests")
    gave(who, days=1990, withdrawn_at=ago(1980), withdrawal={"asked": "letter"})
    assert run().erased == 1
    assert Suppression.objects.count() == 1


def test_who_refused_is_kept_out_as_after_an_erasure_and_who_lapsed_is_not() -> None:
    refused()
    lapsed()
    assert run().erased == 2
    assert Suppression.objects.count() == 1


def test_a_file_may_bring_back_whose_time_was_over_but_not_who_refused() -> None:
    gone, out = lapsed(), refused()
    EmailAddress.objects.create(person=gone, address="maelle1@mail.example", source="tests")
    EmailAddress.objects.filter(person=out).update(address="maelle2@mail.example")
    run()
    files.imported(files.person(1), files.person(2))
    assert list(EmailAddress.objects.values_list("address", flat=True)) == ["maelle1@mail.example"]


def test_who_refused_their_address_is_kept_out_though_a_file_said_since_that_it_does_not_work() -> None:
    who = ungrounded(2000)
    EmailAddress.objects.create(person=who, address="maelle1@mail.example", status="refused", source="tests")
    files.imported(files.person(1, nationbuilder_id="", email_is_bad="true"))
    assert run().erased == 1
    assert suppressions_of([("email", "maelle1@mail.example")]).exists()


def test_a_file_does_not_renew_what_a_rule_ended() -> None:
    who = regular()
    EmailAddress.objects.create(person=who, address="maelle1@mail.example", source="tests")
    gave(who, Purpose.TEXTS, days=1500)
    run()
    PhoneFactory(person=who, number="+33639980001")
    files.imported(files.person(1, mobile_number="0639980001", mobile_opt_in="true"))
    assert set(Ground.objects.live().values_list("purpose", flat=True)) == {"newsletter"}


def test_a_number_shared_with_somebody_who_stays_is_not_kept_out() -> None:
    for who in (refused(), regular()):
        PhoneFactory(person=who, number="+33639980001")
    run()
    assert Suppression.objects.count() == 2, "the address, and the number together with the name"
    assert not suppressions_of([("phone", "+33639980001")]).exists()
