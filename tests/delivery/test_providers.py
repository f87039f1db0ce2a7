"""By a provider's interface a message ends as surely as by SMTP, and its reports are believed only with their proof."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.test import Client
from django.urls import reverse

from portevoix.delivery import dispatch
from portevoix.delivery.models import Bounce, Message
from portevoix.delivery.readers import scaleway
from portevoix.delivery.transports.memory import MemoryTransport
from portevoix.delivery.transports.provider import Provider, ProviderTransport
from portevoix.delivery.types import Outcome, Result
from portevoix.people.models import EmailAddress
from portevoix.rights.models import Ground
from tests.delivery.factories import queue, states
from tests.delivery.provider_simulator import HANG_UP, SAY_NOTHING, Simulator

pytestmark = pytest.mark.django_db
PROVIDERS = ["scaleway", "brevo", "mailjet"]


@pytest.fixture(autouse=True)
def own_spool(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture(params=PROVIDERS)
def simulator(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    with Simulator(request.param) as running:
        yield running


def configure(settings: Any, **keys: Any) -> None:
    mail = settings.INSTANCE.mail.model_copy(update=keys)
    settings.INSTANCE = settings.INSTANCE.model_copy(update={"mail": mail})


def send(simulator: Simulator, *, key: str = "k", timeout: float = 5) -> list[Result]:
    """Send what waits straight by the transport; return its results."""
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1, seconds=60)
    account = Provider(name=simulator.provider, key=key, secret="s", url=simulator.url, timeout=timeout)
    transport = ProviderTransport(account)
    try:
        return list(transport.deliver(kept.sent, committing=lambda ref: True))
    finally:
        transport.close()


def flat(asked: dict[str, Any]) -> str:
    return json.dumps(asked, ensure_ascii=False)


def test_a_provider_is_chosen_by_the_configuration_alone(settings: Any, simulator: Simulator) -> None:
    configure(settings, backend=simulator.provider, api_key="k", api_secret="s", api_url=simulator.url)
    batch = queue(people=3)
    assert dispatch.run(seconds=60).answered == 3
    assert states(batch) == {"sent": 3}
    asked = sorted(flat(one) for one in simulator.asked)
    for address in EmailAddress.objects.values_list("address", flat=True):
        assert sum(address in one for one in asked) == 1
    for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "One-Click", "La lettre", "Camille Aubrac"):
        assert name in asked[0]


def test_a_message_that_may_no_longer_leave_stays(simulator: Simulator) -> None:
    queue(people=1)
    kept = MemoryTransport()
    dispatch.run(lambda: kept, connections=1, seconds=60)
    transport = ProviderTransport(Provider(name=simulator.provider, key="k", secret="s", url=simulator.url))
    assert list(transport.deliver(kept.sent, committing=lambda ref: False)) == []
    transport.close()
    assert simulator.asked == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ((400, {"code": "invalid_parameter"}), Outcome.REFUSED),
        ((503, {}), Outcome.DEFERRED),
        ((500, {}), Outcome.UNCERTAIN),
        ((504, {}), Outcome.UNCERTAIN),
        ((200, {"nonsense": 1}), Outcome.UNCERTAIN),
        (HANG_UP, Outcome.UNCERTAIN),
        (SAY_NOTHING, Outcome.UNCERTAIN),
    ],
)
def test_every_answer_is_one_outcome_and_none_is_guessed(simulator: Simulator, answer: Any, outcome: Outcome) -> None:
    queue(people=2)
    simulator.answer = lambda number: answer if number == 1 else None
    first, second = send(simulator, timeout=1)
    assert (first.outcome, second.outcome) == (outcome, Outcome.SENT), first
    assert len(first.reply) <= 300


@pytest.mark.parametrize("is_there", [True, False])
def test_a_wrong_key_or_nobody_there_costs_no_message(settings: Any, simulator: Simulator, is_there: bool) -> None:
    key, url = ("wrong", simulator.url) if is_there else ("k", "http://127.0.0.1:9/")
    configure(settings, backend=simulator.provider, api_key=key, api_secret="s", api_url=url)
    batch = queue(people=2)
    summary = dispatch.run()
    assert summary.fault
    assert states(batch) == {"queued": 2}


def test_a_provider_asked_too_often_costs_no_message_an_attempt(settings: Any, simulator: Simulator) -> None:
    configure(settings, backend=simulator.provider, api_key="k", api_secret="s", api_url=simulator.url)
    simulator.answer = lambda number: (429, {"code": "too_many_requests"})
    batch = queue(people=3)
    assert dispatch.run().fault
    assert set(batch.messages.values_list("state", "attempts")) == {("queued", 0)}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            400,
            {
                "code": "invalid_parameter",
                "message": "Sending has been rejected because the sender you used a@b.fr is not valid. Validate it.",
            },
        ),
        (
            400,
            {
                "type": "invalid_arguments",
                "details": [{"argument_name": "from.email", "reason": "constraint", "help_message": "not a domain"}],
            },
        ),
        (
            400,
            {
                "Messages": [
                    {"Status": "error", "Errors": [{"ErrorCode": "send-0008", "ErrorRelatedTo": ["From"]}]},
                ]
            },
        ),
        (404, {"type": "not_found", "resource": "domain"}),
    ],
)
def test_a_sender_that_a_provider_does_not_know_fails_nobodys_letter(
    settings: Any, simulator: Simulator, status: int, said: dict[str, Any]
) -> None:
    configure(settings, backend=simulator.provider, api_key="k", api_secret="s", api_url=simulator.url)
    simulator.answer = lambda number: (status, said)
    batch = queue(people=3)
    assert f"HTTP {status}" in dispatch.run().fault
    assert set(batch.messages.values_list("state", "attempts")) == {("queued", 0)}


def test_what_mailjet_says_it_did_not_take_is_refused_and_not_sent() -> None:
    with Simulator("mailjet") as simulator:
        queue(people=2)
        errors = [{"ErrorCode": "mj-0013", "ErrorRelatedTo": ["To[0].Email"], "ErrorMessage": "is an invalid email"}]
        said = {"Messages": [{"Status": "error", "Errors": errors}]}
        simulator.answer = lambda number: (400, said) if number == 1 else None
        first, second = send(simulator)
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.SENT)
    assert "mj-0013" in first.reply


def test_a_readers_address_that_says_sender_keeps_nobody_waiting(simulator: Simulator) -> None:
    queue(people=2)
    said = {"code": "invalid_parameter", "message": "email sender@mail.example is not valid in to"}
    simulator.answer = lambda number: (400, said) if number == 1 else None
    first, second = send(simulator)
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.SENT)


# Reports.

SECRET = "rapports:tres-secret"
SCALEWAY_NOBODY = {"email_response_code": 550, "email_response_message": "5.1.1 User unknown"}
SCALEWAY_POLICY = {"email_response_code": 554, "email_response_message": "5.7.1 Message refused: spam"}


def post(client: Client, provider: str, body: Any, secret: str = SECRET) -> int:
    login = "Basic " + base64.b64encode(secret.encode()).decode()
    return client.post(
        reverse("delivery:reports", args=[provider]),
        data=body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"authorization": login} if secret else {},
    ).status_code


@pytest.fixture
def proof(settings: Any) -> str:
    """Send one message by each provider; return what Brevo was told to report with."""
    with Simulator("brevo") as simulator:
        configure(settings, backend="brevo", api_key="k", api_url=simulator.url, webhook_secret=SECRET)
        queue(people=1)
        assert dispatch.run(seconds=60).answered == 1
        asked = flat(simulator.asked[0])
    told: str = json.loads(json.loads(asked)["headers"]["X-Mailin-custom"])["portevoix"]
    return told


def event(provider: str, kind: str, proof: str, **more: Any) -> dict[str, Any]:
    if provider == "brevo":
        return {"event": kind, "email": "x@y", "X-Mailin-custom": json.dumps({"portevoix": proof}), **more}
    if provider == "scaleway":
        header = {"name": "X-Metadata", "value": json.dumps({"portevoix": proof})}
        told = {
            "id": "e1",
            "type": kind,
            "email_to": "x@y",
            "email_headers": [{"name": "Subject", "value": "B"}, header],
        }
        return {"Type": "Notification", "MessageId": "1", "Message": json.dumps({**told, **more})}
    return {"event": kind, "email": "x@y", "Payload": json.dumps({"portevoix": proof}), "time": 1, **more}


@pytest.mark.parametrize(
    ("provider", "kind", "more", "status", "is_live"),
    [
        ("brevo", "hard_bounce", {}, "bouncing", True),
        ("brevo", "soft_bounce", {}, "verified", True),
        ("brevo", "spam", {}, "refused", False),
        ("brevo", "unsubscribe", {}, "verified", False),
        ("brevo", "delivered", {}, "verified", True),
        ("brevo", "opened", {}, "verified", True),
        ("mailjet", "bounce", {"hard_bounce": True}, "bouncing", True),
        ("mailjet", "bounce", {"hard_bounce": False}, "verified", True),
        ("mailjet", "spam", {}, "refused", False),
        ("mailjet", "unsub", {}, "verified", False),
        ("mailjet", "blocked", {"error": "policy issue"}, "verified", True),
        ("scaleway", "email_mailbox_not_found", {}, "bouncing", True),
        ("scaleway", "email_blocklisted", {}, "bouncing", True),
        ("scaleway", "email_dropped", {}, "bouncing", True),
        ("scaleway", "email_dropped", SCALEWAY_NOBODY, "bouncing", True),
        ("scaleway", "email_dropped", SCALEWAY_POLICY, "verified", True),
        ("scaleway", "email_spam", {}, "refused", False),
        ("scaleway", "email_spam", SCALEWAY_POLICY, "verified", True),
        ("scaleway", "email_deferred", {}, "verified", True),
        ("scaleway", "email_delivered", {}, "verified", True),
        ("scaleway", "unknown_type", {}, "verified", True),
    ],
)
def test_what_a_provider_reports_is_taken_in(
    settings: Any, proof: str, provider: str, kind: str, more: dict[str, Any], status: str, is_live: bool
) -> None:
    configure(settings, backend=provider)
    assert post(Client(), provider, event(provider, kind, proof, **more)) == 204
    assert EmailAddress.objects.get().status == status
    assert Ground.objects.live().exists() is is_live


@pytest.mark.parametrize("secret", ["", "rapports:faux", "autre:tres-secret"])
def test_a_stranger_reports_nothing(proof: str, secret: str) -> None:
    assert post(Client(), "brevo", event("brevo", "hard_bounce", proof), secret=secret) == 400
    assert not Bounce.objects.exists()


def test_with_the_login_but_without_the_proof_nobody_is_hurt(proof: str) -> None:
    forged = proof[:-1] + ("a" if proof[-1] != "a" else "b")
    assert post(Client(), "brevo", event("brevo", "hard_bounce", forged)) == 204
    other = f"{Message.objects.get().pk + 1}-{proof.partition('-')[2]}"
    assert post(Client(), "brevo", event("brevo", "spam", other)) == 204
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "[1]", '"x"', "null", '{"event": []}', '{"event":"spam","X-Mailin-custom":"1"}']
)
def test_nonsense_is_refused_or_ignored_and_never_a_fault(proof: str, body: str) -> None:
    assert post(Client(), "brevo", body) in (204, 400)


def test_scaleway_is_told_the_proof_that_its_reports_bring_back(settings: Any) -> None:
    with Simulator("scaleway") as simulator:
        configure(
            settings, backend="scaleway", api_key="k", api_secret="p", api_url=simulator.url, webhook_secret=SECRET
        )
        queue(people=1)
        assert dispatch.run(seconds=60).answered == 1
        sent = simulator.asked[0]["additional_headers"]
    # Its topics give a message's headers back under `name`, as it was given them under `key`.
    told = {"type": "email_mailbox_not_found", "email_headers": [{"name": h["key"], "value": h["value"]} for h in sent]}
    assert post(Client(), "scaleway", {"Type": "Notification", "Message": json.dumps(told)}) == 204
    assert EmailAddress.objects.get().status == "bouncing"


def test_scaleways_topic_may_say_the_secret_in_its_address(settings: Any, proof: str) -> None:
    configure(settings, backend="scaleway")
    said = json.dumps(event("scaleway", "email_mailbox_not_found", proof))
    address = reverse("delivery:reports", args=["scaleway"])
    for secret, status in (("faux", 400), ("", 400), (SECRET, 204)):
        assert Client().post(f"{address}?secret={secret}", said, "text/plain").status_code == status
    assert Bounce.objects.count() == 1


TOPIC = "https://sns.mnq.fr-par.scaleway.com/?Action=ConfirmSubscription&TopicArn=a&Token=jeton"


@pytest.mark.parametrize(
    ("address", "theirs"),
    [
        (TOPIC, True),
        (TOPIC.replace("https", "http"), False),
        (TOPIC.replace("fr-par.", "fr-par.ailleurs."), False),
        (TOPIC.replace("sns.mnq.fr-par", "console"), False),
        (TOPIC.replace(".com/", ".com:8443/"), False),
        (TOPIC.replace(".com/", ".com.ailleurs.example/"), False),
        (TOPIC.replace("https://", "https://x@"), False),
        (TOPIC.replace("ConfirmSubscription", "Unsubscribe"), False),
        ("https://seau.s3-website.fr-par.scw.cloud/?Action=ConfirmSubscription", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_subscription_is_confirmed_at_scaleways_own_topics_only(address: str, theirs: bool) -> None:
    assert scaleway.is_theirs(address) is theirs


@pytest.mark.parametrize("address", [TOPIC, "https://127.0.0.1:9/?Action=ConfirmSubscription&Token=jeton"])
def test_no_log_holds_the_key_of_a_subscription(
    settings: Any, proof: str, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    configure(settings, backend="scaleway")
    # No network here: the topic is asked, and does not answer.
    assert post(Client(), "scaleway", {"Type": "SubscriptionConfirmation", "SubscribeURL": address}) == 204
    assert "topic" in caplog.text
    assert "jeton" not in caplog.text


class _Topic(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []
    answer = 200

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(self.answer)
        self.send_header("Location", "/ailleurs")
        self.end_headers()

    def log_message(self, *_said: object) -> None: ...


@pytest.mark.parametrize(("answer", "taken"), [(200, True), (302, False), (403, False)])
def test_a_topic_is_asked_once_and_followed_nowhere(answer: int, taken: bool) -> None:
    class Topic(_Topic):
        asked: ClassVar[list[str]] = []

    Topic.answer = answer
    with HTTPServer(("127.0.0.1", 0), Topic) as server:
        running = threading.Thread(target=server.serve_forever)
        running.start()
        said = scaleway.visited(f"http://127.0.0.1:{server.server_port}/?Action=ConfirmSubscription")
        server.shutdown()
        running.join()
    assert (said, len(Topic.asked)) == (taken, 1)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '{"Type":"Notification"}', '{"Type":"Notification","Message":"x"}']
)
def test_nonsense_of_a_topic_is_refused_or_ignored(settings: Any, proof: str, body: str) -> None:
    configure(settings, backend="scaleway")
    assert post(Client(), "scaleway", body) in (204, 400)
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(("provider", "secret"), [("mailjet", SECRET), ("scaleway", SECRET), ("brevo", "")])
def test_only_the_instances_own_provider_has_a_door(settings: Any, proof: str, provider: str, secret: str) -> None:
    configure(settings, webhook_secret=secret)
    assert post(Client(), provider, event("brevo", "spam", proof)) == 404
