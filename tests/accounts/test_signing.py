"""The way in: a password, then a second factor; too many wrong tries close it; sessions end when they should."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from bs4 import BeautifulSoup
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from portevoix.accounts import gate, rules, tasks
from portevoix.accounts.exceptions import WrongProof
from portevoix.accounts.models import Attempts, Factor, Notice, RecoveryCode, SignIn, User
from portevoix.accounts.types import Method
from portevoix.journal.models import Entry
from portevoix.kernel import clock
from tests.accounts.factories import SignInFactory, TotpFactory, signed_in
from tests.accounts.factories import somebody_with_a_password as somebody

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough phrase"
LOGIN, CODE, BEGIN, TOTP, ACCESS = (
    *("/gestion/login/", "/gestion/connexion/code/"),
    *("/gestion/acces/debut/", "/gestion/acces/application/", "/gestion/acces/"),
)


def give_password(client: Client, user: User, password: str = PASSWORD, **extra: str) -> str:
    answer = client.post(
        LOGIN, {"username": user.username, "password": password, "next": "/gestion/personnes/"}, **extra
    )
    return answer.headers.get("Location", "")


def code_of(user: User) -> str:
    factor = Factor.objects.get(user=user, kind="totp")
    return pyotp.TOTP(gate.unsealed(factor.secret)).at(clock.now())


def journaled(command: str) -> list[dict[str, object]]:
    return list(Entry.objects.filter(command=command).order_by("pk").values_list("detail", flat=True))


def test_a_password_alone_opens_no_screen(client: Client) -> None:
    user = somebody()
    give_password(client, user)
    for screen in ("/gestion/", "/gestion/personnes/", "/gestion/pages/", "/gestion/account/", ACCESS):
        assert client.get(screen).headers.get("Location") == BEGIN, screen
    assert client.get(BEGIN).status_code == 200


def test_a_part_of_a_page_is_led_away_as_a_whole(client: Client) -> None:
    give_password(client, somebody())
    answer = client.get("/gestion/personnes/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == BEGIN
    assert answer.content == b""


def test_an_application_is_set_up_and_opens_everything(client: Client) -> None:
    user = somebody()
    give_password(client, user)
    page = BeautifulSoup(client.get(TOTP).content, "html.parser")
    picture = page.select_one("svg:has(path)")
    assert picture is not None
    assert picture.has_attr("viewbox"), "a narrow screen shrinks the code; it may not cut it"
    assert not picture.has_attr("width")
    assert page.select_one("a[href^=otpauth]") is not None, "nobody takes a picture of the telephone in their hand"
    secret = page.select_one(".access__secret").get_text().replace(" ", "")  # type: ignore[union-attr]
    assert "n’est pas le code" in client.post(TOTP, {"code": "000000"}).content.decode()
    shown = client.post(TOTP, {"code": pyotp.TOTP(secret).at(clock.now())}).content.decode()
    assert len(re.findall(r"<code>(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}</code>", shown)) == 10
    assert client.get("/gestion/personnes/").status_code == 200
    assert secret not in Factor.objects.get(user=user).secret
    assert [line["factor"] for line in journaled("accounts.add_totp")] == ["totp"]


def test_the_code_is_asked_for_and_leads_where_one_was_going(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    assert give_password(client, user) == CODE
    assert client.get("/gestion/personnes/").headers["Location"].startswith(LOGIN)
    assert client.post(CODE, {"code": code_of(user)}).headers["Location"] == "/gestion/personnes/"
    assert client.get("/gestion/personnes/").status_code == 200
    assert journaled("accounts.sign_in") == [{"method": "totp", "new_device": False}]


def test_a_code_is_good_once(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    code = code_of(user)
    for browser, is_taken in ((Client(), True), (Client(), False)):
        give_password(browser, user)
        assert (browser.post(CODE, {"code": code}).status_code == 302) == is_taken


def test_a_recovery_code_is_good_once_and_kept_as_a_hash_only() -> None:
    user = TotpFactory(user=somebody()).user
    RecoveryCode.objects.create(user=user, digest=gate.digest("ABCDEFGHJKLMNPQR"))
    for browser, is_taken in ((Client(), True), (Client(), False)):
        give_password(browser, user)
        assert (browser.post(CODE, {"code": "abcd-efgh-jklm-npqr"}).status_code == 302) == is_taken
    assert SignIn.objects.get().method == "recovery_code"


def test_a_code_without_a_password_is_worth_nothing(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    assert client.post(CODE, {"code": code_of(user)}).headers["Location"] == LOGIN


def test_a_password_is_forgotten_when_the_code_is_late(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    give_password(client, user)
    with clock.stopped_at(clock.now() + timedelta(minutes=11)):
        assert client.post(CODE, {"code": code_of(user)}).headers["Location"] == LOGIN


def test_a_session_opened_by_a_password_cannot_replace_the_factor_that_the_owner_set_up_meanwhile(
    client: Client,
) -> None:
    user = somebody()
    give_password(client, user)
    page = BeautifulSoup(client.get(TOTP).content, "html.parser")
    secret = page.select_one(".access__secret").get_text().replace(" ", "")  # type: ignore[union-attr]
    kept = TotpFactory(user=user).secret
    assert client.post(TOTP, {"code": pyotp.TOTP(secret).at(clock.now())}).headers["Location"] == "/gestion/"
    assert Factor.objects.get(user=user).secret == kept


def test_where_one_is_led_after_signing_in_is_never_another_site(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    client.post(LOGIN, {"username": user.username, "password": PASSWORD, "next": "https://evil.example/"})
    assert client.post(CODE, {"code": code_of(user)}).headers["Location"] == "/gestion/"


def test_too_many_wrong_passwords_close_the_account_even_to_the_right_one(client: Client) -> None:
    user = somebody()
    moment = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    with clock.stopped_at(moment):
        for _try in range(rules.FREE_FAILURES["account"]):
            assert give_password(client, user, "wrong") == ""
        assert give_password(client, user) == ""
        assert "Trop d’essais" in client.post(LOGIN, {"username": user.username, "password": "x"}).content.decode()
    with clock.stopped_at(moment + rules.FIRST_PAUSE + timedelta(seconds=1)):
        assert give_password(client, user) == "/gestion/personnes/"
    refused = journaled("accounts.refuse_sign_in")
    assert [line.get("closed_seconds", 0) for line in refused] == [0, 0, 0, 0, 30]
    assert not Attempts.objects.filter(key__startswith="a:" + gate.keyed("account", user.username)).exists()


def test_too_many_wrong_codes_close_the_account_too(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    give_password(client, user)
    for _try in range(rules.FREE_FAILURES["account"]):
        assert client.post(CODE, {"code": "000000"}).status_code == 200
    assert client.post(CODE, {"code": code_of(user)}).status_code == 200
    assert not SignIn.objects.exists()


def test_the_password_given_again_between_wrong_codes_opens_no_more_tries(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    for number in range(rules.FREE_FAILURES["account"]):
        give_password(client, user, REMOTE_ADDR=f"2001:db8:{number}::1")
        client.post(CODE, {"code": "000000"}, REMOTE_ADDR=f"2001:db8:{number}::1")
    assert "Trop d’essais" in client.post(CODE, {"code": code_of(user)}).content.decode()
    assert not SignIn.objects.exists()


def test_the_owner_is_told_once_a_day_that_somebody_who_knows_the_password_guesses_codes(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    moment = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    for day in range(2):
        for hour in (0, 1):
            with clock.stopped_at(moment + timedelta(days=day, hours=hour)):
                give_password(client, user)
                for _try in range(rules.FREE_FAILURES["account"]):
                    client.post(CODE, {"code": "000000"})
        notice = Notice.objects.latest("pk")
        assert (Notice.objects.count(), notice.user, notice.path) == (day + 1, user, ACCESS)
        assert "mot de passe" in notice.subject
        Notice.objects.update(sent_at=moment, created_at=moment + timedelta(days=day))


def test_wrong_passwords_write_no_letter_to_the_owner(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    for _try in range(rules.FREE_FAILURES["account"]):
        give_password(client, user, "wrong")
    assert not Notice.objects.exists()


def test_a_right_code_makes_an_account_whole_again(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    give_password(client, user)
    for _try in range(rules.FREE_FAILURES["account"] - 1):
        client.post(CODE, {"code": "000000"})
    assert client.post(CODE, {"code": code_of(user)}).status_code == 302
    assert not Attempts.objects.filter(key__startswith="a:" + gate.keyed("account", user.username)).exists()


def test_one_connection_of_ipv6_is_one_address_however_many_it_takes(client: Client) -> None:
    for number in range(rules.FREE_FAILURES["address"]):
        client.post(LOGIN, {"username": f"nobody{number}", "password": "x"}, REMOTE_ADDR=f"2001:db8::{number:x}")
    user = somebody()
    assert give_password(client, user, REMOTE_ADDR="2001:db8::ffff:1") == ""
    assert give_password(client, user, REMOTE_ADDR="2001:db8:0:1::1") != ""


def test_an_address_that_guesses_at_many_accounts_is_closed(client: Client) -> None:
    for number in range(rules.FREE_FAILURES["address"]):
        client.post(LOGIN, {"username": f"nobody{number}", "password": "x"}, REMOTE_ADDR="203.0.113.7")
    user = somebody()
    assert give_password(client, user, REMOTE_ADDR="203.0.113.7") == ""
    assert give_password(client, user, REMOTE_ADDR="203.0.113.8") != ""


def test_neither_names_nor_addresses_are_kept_of_those_who_fail(client: Client) -> None:
    client.post(LOGIN, {"username": "my secret phrase", "password": "x"}, REMOTE_ADDR="203.0.113.7")
    kept = str(list(Attempts.objects.values())) + str(list(Entry.objects.values()))
    assert Attempts.objects.count() == 2
    assert "secret" not in kept
    assert "203.0" not in kept


def test_a_new_device_is_told_from_one_that_is_known(client: Client) -> None:
    user = TotpFactory(user=somebody()).user
    User.objects.filter(pk=user.pk).update(last_login=clock.now() - timedelta(days=500))  # its sessions are forgotten
    for announced in (True, False):
        Factor.objects.update(counter=0)
        give_password(client, user)
        client.post(CODE, {"code": code_of(user)})
        assert Notice.objects.filter(sign_in=SignIn.objects.latest("pk")).exists() is announced
        client.post("/gestion/logout/")
    assert not SignIn.objects.open().exists()
    assert len(journaled("accounts.sign_out")) == 2


def test_a_session_ends_when_it_is_left_alone_and_when_it_is_old() -> None:
    client = signed_in()
    session = SignIn.objects.get()
    with clock.stopped_at(session.started_at + rules.LONGEST_SILENCE + timedelta(minutes=1)):
        assert client.get("/gestion/").headers["Location"].startswith(LOGIN)
    client = signed_in()
    session = SignIn.objects.latest("pk")
    SignIn.objects.filter(pk=session.pk).update(seen_at=session.started_at + rules.LONGEST_SESSION)
    with clock.stopped_at(session.started_at + rules.LONGEST_SESSION + timedelta(minutes=1)):
        assert client.get("/gestion/").headers["Location"].startswith(LOGIN)
    assert not SignIn.objects.open().exists()


def test_a_session_in_use_is_seen() -> None:
    client = signed_in()
    session = SignIn.objects.get()
    later = session.started_at + timedelta(hours=1)
    with clock.stopped_at(later):
        client.get("/gestion/")
    session.refresh_from_db()
    assert session.seen_at == later


def test_one_ends_ones_sessions_elsewhere_and_nobody_elses() -> None:
    client = signed_in()
    user = SignIn.objects.get().user
    other, third, stranger = Client(), Client(), signed_in()
    other.force_login(user)
    third.force_login(user)
    foreign = SignIn.objects.exclude(user=user).get()
    client.post(f"{ACCESS}sessions/", {"only": str(foreign.pk)})
    client.post(f"{ACCESS}sessions/", {"only": str(SignIn.objects.filter(user=user)[1].pk)})
    assert [browser.get("/gestion/").status_code for browser in (client, other, third, stranger)] == [
        200,
        302,
        200,
        200,
    ]
    client.post(f"{ACCESS}sessions/")
    assert [browser.get("/gestion/").status_code for browser in (client, third, stranger)] == [200, 302, 200]


def test_the_screen_of_ones_access_tells_which_session_is_this_one() -> None:
    client = signed_in()
    Client().force_login(SignIn.objects.get().user)
    page = BeautifulSoup(client.get(ACCESS).content, "html.parser")
    sessions = [line.get_text() for line in page.select("section[aria-labelledby=sessions-title] li")]
    assert ["celle-ci" in line for line in sessions] == [False, True]


def test_what_nobody_can_use_any_more_is_not_shown_as_open() -> None:
    client = signed_in()
    user, now = SignIn.objects.get().user, clock.now()
    SignInFactory(user=user, device="Old", started_at=now - rules.LONGEST_SESSION - timedelta(minutes=1))
    SignInFactory(user=user, device="Left", seen_at=now - rules.LONGEST_SILENCE - timedelta(minutes=1))
    SignInFactory(user=user, device="Used")
    page = client.get(ACCESS).content.decode()
    assert [name for name in ("Old", "Left", "Used") if name in page] == ["Used"]


def test_the_last_factor_stays_while_everybody_must_have_one() -> None:
    client = signed_in()
    factor = TotpFactory(user=SignIn.objects.get().user)
    client.post(f"{ACCESS}{factor.pk}/retirer/")
    assert Factor.objects.count() == 1


def test_nobody_removes_anothers_factor() -> None:
    factor = TotpFactory()
    assert signed_in().post(f"{ACCESS}{factor.pk}/retirer/").status_code == 404
    assert Factor.objects.count() == 1


def test_new_recovery_codes_make_the_old_ones_useless() -> None:
    client = signed_in()
    user = SignIn.objects.get().user
    old = RecoveryCode.objects.create(user=user, digest=gate.digest("OLD"))
    client.post(f"{ACCESS}secours/")
    assert RecoveryCode.objects.filter(user=user).count() == 10
    assert not RecoveryCode.objects.filter(pk=old.pk).exists()


def test_a_demonstration_lets_in_by_a_password_and_says_so(client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert "Démonstration" in client.get(LOGIN).content.decode()
    give_password(client, somebody())
    assert client.get("/gestion/personnes/").status_code == 200
    assert "Démonstration" in client.get(ACCESS).content.decode()


def test_a_secret_sealed_with_another_key_opens_nothing(settings: Settings) -> None:
    user = TotpFactory().user
    right = code_of(user)
    settings.SECRET_KEY = "another" * 10
    with pytest.raises(WrongProof):
        gate.by_code(user, gate.Try(user.username, ""), right)


def test_a_code_application_and_recovery_codes_outlive_the_key_they_were_made_under(settings: Settings) -> None:
    user = TotpFactory().user
    RecoveryCode.objects.create(user=user, digest=gate.digest("ABCDEFGHJKLMNPQR"))
    right, sealed = code_of(user), user.factors.get().secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    assert gate.by_code(user, gate.Try(user.username, ""), right) is Method.TOTP
    assert gate.by_code(user, gate.Try(user.username, ""), "abcd-efgh-jklm-npqr") is Method.RECOVERY_CODE
    settings.SECRET_KEY_FALLBACKS = []
    assert gate.unsealed(user.factors.get().secret), "sealed again with the key in use, when it was used"
    assert not gate.unsealed(sealed)


def test_a_forgotten_password_is_made_anew_by_mail_and_the_second_factor_stays(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    user = TotpFactory(user=somebody()).user
    assert "mot de passe" in client.get("/gestion/password_reset/").content.decode()
    assert client.post("/gestion/password_reset/", {"email": user.email}).status_code == 302
    link = re.search(r"https?://[^/]+(/gestion/password_reset/\S+)", str(mailoutbox[0].body))
    assert link
    form = client.get(link.group(1)).headers["Location"]
    new = "another phrase, long too"
    done = client.post(form, {"new_password1": new, "new_password2": new})
    assert client.get(done.headers["Location"]).status_code == 200
    assert give_password(client, user, new) == CODE


@pytest.mark.parametrize("answer", ["", "{}", "[]", "null", '{"id": 1}', "x" * 5000])
def test_what_is_no_passkey_opens_nothing_and_is_kept_in_the_journal(client: Client, answer: str) -> None:
    options = client.post("/gestion/connexion/cle/options/").json()
    assert options["userVerification"] == "required"
    refused = client.post("/gestion/connexion/cle/", {"credential": answer})
    assert refused.headers["Location"] == LOGIN
    assert [line["reason"] for line in journaled("accounts.refuse_sign_in")] == ["passkey"]
    assert not SignIn.objects.exists()


def test_a_wrong_passkey_is_not_kept() -> None:
    client = signed_in()
    client.post(f"{ACCESS}cle/options/")
    assert client.post(f"{ACCESS}cle/", {"credential": "{}"}).headers["Location"] == BEGIN
    assert not Factor.objects.exists()


def test_what_is_old_is_forgotten_and_what_was_left_open_is_ended() -> None:
    now = clock.now()
    old = SignInFactory(ended_at=now - timedelta(days=366))
    left = SignInFactory(started_at=now - timedelta(hours=13))
    fresh = SignInFactory()
    Attempts.objects.create(key="a:x", failures=3, last_at=now - timedelta(days=2))
    Attempts.objects.create(key="a:y", failures=3, last_at=now)
    tasks.forget()
    assert not SignIn.objects.filter(pk=old.pk).exists()
    assert list(SignIn.objects.open()) == [fresh]
    assert SignIn.objects.get(pk=left.pk).ended_at is not None
    assert Attempts.objects.get().key == "a:y"
