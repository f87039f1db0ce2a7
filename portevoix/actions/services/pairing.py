"""Commands on proxy votes: take in who asks and who offers, pair them, part them."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.actions.exceptions import Unpairable
from portevoix.actions.letters.entailed import pairing
from portevoix.actions.models import Participation, Proxy, ProxyPage
from portevoix.actions.types import ProxySide
from portevoix.correspondence import letters
from portevoix.delivery import services as delivery
from portevoix.kernel import clock, normalise
from portevoix.people.models import Person
from portevoix.rights import gate
from portevoix.rights.purposes import Channel, Purpose
from portevoix.territory.models import Commune

PAIRERS = {Role.DIRECTOR, Role.ORGANISER, Role.LOCAL_LEAD}


@command("actions.take_proxy", label=_("Take in a request or an offer of a proxy vote"))
def take_proxy(taken: Participation, *, actor: Actor) -> Proxy:
    """Write down who asks or offers, where and for which rounds; what is said anew parts a pair."""
    given, name = taken.answers, str(taken.answers.get("q_commune", ""))[:100]
    postcode = "".join(str(given.get("q_postcode", "")).split())[:10]
    rounds = given.get("q_rounds") or []
    proxy, _made = Proxy.objects.update_or_create(
        page_id=taken.page_id,
        person=taken.person,
        defaults={
            "side": _side(taken),
            "postcode": postcode,
            "commune_name": name,
            "commune": _commune(postcode, name),
            "station": str(given.get("q_station", ""))[:100],
            "rounds": " ; ".join(rounds)[:300],
            "since": taken.confirmed_at or clock.now(),
            "partner": None,
            "paired_at": None,
        },
    )
    Proxy.objects.filter(partner=proxy).update(partner=None, paired_at=None)
    note(about=proxy, count=1, side=proxy.side)
    return proxy


@command("actions.pair_proxies", label=_("Pair a proxy vote"), roles=PAIRERS)
def pair_proxies(asking: Proxy, offering: Proxy, *, actor: Actor) -> None:
    """Pair who asks with who offers, and give each the other's first name, address and number, as both agreed.

    Raises Unpairable: one is taken, they are of two elections, or one agreed to it no longer.
    """
    asks, offers = _hold(asking, offering, actor)
    asks.partner, asks.paired_at = offers, clock.now()
    asks.save(update_fields=["partner", "paired_at"])
    note(about=asks, count=2, with_=offers.pk)
    page = asks.page.specific
    for one, other in ((asks, offers), (offers, asks)):
        _tell(one, other, page)


@command("actions.part_proxies", label=_("Undo the pair of a proxy vote"), roles=PAIRERS)
def part_proxies(asking: Proxy, *, actor: Actor) -> None:
    """Undo a pair: each waits again. What both were told of the other is not taken back by it."""
    kept = Proxy.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=asking.pk)
    kept.partner, kept.paired_at = None, None
    kept.save(update_fields=["partner", "paired_at"])
    note(about=kept, count=1)


def _hold(asking: Proxy, offering: Proxy, actor: Actor) -> tuple[Proxy, Proxy]:
    mine = Proxy.objects.visible_to(actor).select_for_update(of=("self",)).select_related("person", "page")
    found = {one.pk: one for one in mine.filter(pk__in=[asking.pk, offering.pk]).order_by("pk")}
    asks, offers = found.get(asking.pk), found.get(offering.pk)
    if asks is None or offers is None or (asks.side, offers.side) != (ProxySide.ASKS, ProxySide.OFFERS):
        raise Unpairable
    agreed = Participation.objects.filter(page=asks.page_id).counted().values("person")
    still = Proxy.objects.filter(pk__in=found, person__in=agreed).count() == 2
    if asks.page_id != offers.page_id or asks.partner_id or Proxy.objects.filter(partner=offers).exists() or not still:
        raise Unpairable
    return asks, offers


def _tell(one: Proxy, other: Proxy, page: ProxyPage) -> None:
    person = one.person
    with translation.override(person.language):
        facts, values = pairing(one, other, page)
    letter = letters.write("actions.paired", values, facts, language=person.language)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    delivery.send(letter, alone, about=one, actor=System("actions.pair_proxies"))


def _side(taken: Participation) -> ProxySide:
    """Return which of the two sides was chosen: by its place in the words that were read."""
    asked = next((question for question in taken.version.questions if question.key == "q_side"), None)
    first = asked.choices[0] if asked and asked.choices else ""
    return ProxySide.ASKS if taken.answers.get("q_side") == first else ProxySide.OFFERS


def _commune(postcode: str, name: str) -> Commune | None:
    """Return the commune that is meant: by its name among those of the postcode, or the only one."""
    found = list(Commune.objects.with_postcode(postcode)[:60]) if len(postcode) == 5 else []
    wanted = normalise.sort_key(name)
    named = [one for one in found if normalise.sort_key(one.name) == wanted]
    return named[0] if named else found[0] if len(found) == 1 else None
