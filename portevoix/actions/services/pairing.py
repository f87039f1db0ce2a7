"""Commands on proxy votes: take in who asks and who offers, pair them, part them, tell who is left alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role, System
from portevoix.actions.exceptions import Unpairable
from portevoix.actions.letters.entailed import Said, pairing, parted
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
    """Write down who asks or offers, where and for which rounds; what is said anew parts a pair: the other is told."""
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
    Proxy.objects.filter(partner=proxy).update(partner=None)
    note(about=proxy, count=1, side=proxy.side)
    tell_parted(taken.page.specific, actor=System("actions.take_proxy"))
    return proxy


@command("actions.pair_proxies", label=_("Pair a proxy vote"), roles=PAIRERS)
def pair_proxies(asking: Proxy, offering: Proxy, *, actor: Actor) -> None:
    """Pair who asks with who offers, and give each the other's first name, address and number, as both agreed.

    Raises Unpairable: one is taken, they are of two elections, one agreed to it no longer, or is reached by no letter.
    """
    asks, offers = _hold(asking, offering, actor)
    asks.partner = offers
    asks.paired_at = offers.paired_at = clock.now()
    asks.save(update_fields=["partner", "paired_at"])
    offers.save(update_fields=["paired_at"])
    note(about=asks, count=2, with_=offers.pk)
    page = asks.page.specific
    for one, other in ((asks, offers), (offers, asks)):
        # One who is told of the other, who is not, would wait for nobody: nothing is kept then.
        if not _tell(one, "actions.paired", partial(pairing, one, other, page)):
            raise Unpairable


@command("actions.part_proxies", label=_("Undo the pair of a proxy vote"), roles=PAIRERS)
def part_proxies(asking: Proxy, *, actor: Actor) -> None:
    """Undo a pair: each waits again, and is told. What both were told of the other is not taken back by it."""
    kept = Proxy.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=asking.pk)
    kept.partner = None
    kept.save(update_fields=["partner"])
    note(about=kept, count=1)
    tell_parted(kept.page.specific, actor=System("actions.part_proxies"))


@command("actions.tell_parted", label=_("Tell who of a pair is left alone"))
def tell_parted(page: ProxyPage, *, actor: Actor) -> int:
    """Tell who was paired and is no longer, whatever ended it, that nobody will vote; return how many were told.

    Otherwise they would find out on the day of the vote. Once it is over nobody is told.
    """
    alone = Proxy.objects.filter(page=page.pk, paired_at__isnull=False).counted().unpaired()
    told = 0
    for one in alone.select_for_update(of=("self",)).select_related("person"):
        one.paired_at = None
        one.save(update_fields=["paired_at"])
        if not page.is_over:
            told += _tell(one, "actions.parted", partial(parted, one, page))
    note(about=page, count=told)
    return told


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


def _tell(one: Proxy, key: str, say: Callable[[], Said]) -> bool:
    """Write to one of a pair; tell whether the letter reaches anybody."""
    person = one.person
    with translation.override(person.language):
        facts, values = say()
    letter = letters.write(key, values, facts, language=person.language)
    alone = gate.admit(Person.objects.filter(pk=person.pk), purpose=Purpose.SERVICE, channel=Channel.EMAIL)
    return delivery.send(letter, alone, about=one, actor=System("actions.pair_proxies")).messages.exists()


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
