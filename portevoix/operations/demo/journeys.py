"""The demo's automations: a welcome under way with people at each step, one for the silent, and a draft.

Written once. Days pass in the demo's past, so that what runs has run: its letters wait in the outbox for the worker.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portevoix.accounts.types import System
from portevoix.journeys import tasks
from portevoix.journeys.models import Journey, Step, Version
from portevoix.journeys.services import designing, publishing
from portevoix.journeys.services.designing import Place
from portevoix.journeys.types import Settings, Trigger
from portevoix.kernel import clock
from portevoix.mailings.models import Mailing
from portevoix.paths.models import Path
from portevoix.people import interactions
from portevoix.people.models import Person, Tag
from portevoix.people.types import Kind
from portevoix.rights.models import Ground
from portevoix.rights.purposes import Channel, Purpose

ACTOR = System("demo")
#: Days since the welcome was published, and people who confirmed their address since.
DAYS, CROWD = 20, 54
#: Where the silent are looked for: a demo writes to few.
LOIRE = {"match": "all", "parts": [{"criterion": "departement", "departement": "42"}]}
WELCOME = (
    "Bienvenue chez Ricochet",
    "{{ first_name|Bonjour }}, bienvenue parmi nous",
    "Qui nous sommes, et ce que vous pouvez faire en dix minutes.",
    "<p>Bonjour {{ first_name|à vous }},</p><p>Merci d’être là. Ricochet, ce sont des gens qui prennent le train, "
    "quand il en reste un, et qui comptent bien en retrouver d’autres.</p><p><b>En dix minutes</b>, vous pouvez lire "
    "notre carnet des petites lignes, et le faire passer à une personne qui attend encore sur un quai.</p>",
)
INVITE = (
    "Et si vous veniez ?",
    "Une heure, près de chez vous",
    "Une réunion, un tractage, un café : choisissez.",
    "<p>Bonjour {{ first_name|à vous }},</p><p>Il y a sûrement, près de {{ commune|chez vous }}, une équipe qui "
    "se retrouve ce mois-ci. Venir une fois n’engage à rien : on écoute, on repart, et souvent on revient.</p>",
)
THERE = (
    "Toujours avec nous ?",
    "Nous n’avons plus de vos nouvelles",
    "Un mot suffit ; et si c’est fini, un clic aussi.",
    "<p>Bonjour {{ first_name|à vous }},</p><p>Voilà six mois que nous n’avons rien reçu de vous. Rien de grave : "
    "si vous voulez toujours de nos lettres, vos choix sont à jour sur votre page ; sinon, le lien du bas de cette "
    "lettre suffit.</p>",
)


def build_journeys() -> int:
    """Draw the demo's automations and let some days pass; return how many there are."""
    if Journey.objects.exists():
        return 0
    with clock.stopped_at(clock.now() - timedelta(days=DAYS + 1)):
        publishing.publish(_welcome(), actor=ACTOR)
    _let_days_pass()
    with clock.stopped_at(clock.now() - timedelta(days=2)):
        publishing.publish(_silent(), actor=ACTOR)
    tasks.follow()
    _draft()
    return Journey.objects.count()


def _welcome() -> Version:
    said = {"kinds": [Kind.CONFIRMED.value]}
    version = _drawn("Série de bienvenue", "Accueillir qui vient de s’inscrire, et l’inviter à venir.")
    _letter(version, WELCOME)
    _step(version, "wait", wait="for", number=4, unit="days")
    path = Path.objects.order_by("pk").first()
    tree = {"match": "all", "parts": [{"criterion": "on_path", "path": path.pk}] if path else []}
    asked = _step(version, "condition", tree=tree)
    met = Tag.objects.get_or_create(name="Déjà en chemin")[0]
    designing.add_step(version, "add_tag", {"tag": met.pk}, Place(parent=asked.key, branch="yes"), actor=ACTOR)
    _letter(version, INVITE, Place(parent=asked.key, branch="no"))
    _step(version, "wait", wait="for", number=7, unit="days")
    _step(version, "task", title="Appeler pour souhaiter la bienvenue", days=3)
    settings = Settings(Trigger.HAPPENED, said, quiet_from=21, quiet_until=8)
    designing.set_up(version, settings, actor=ACTOR)
    return version


def _silent() -> Version:
    said = {"days": 183, "present": True}
    name = "Sans nouvelles depuis six mois"
    version = _drawn(name, "Demander si l’on est toujours bienvenu, plutôt qu’écrire dans le vide.")
    settings = Settings(Trigger.INACTIVE, said, only=LOIRE, again_days=365, quiet_from=21, quiet_until=8)
    designing.set_up(version, settings, actor=ACTOR)
    _step(version, "wait", wait="for", number=4, unit="days")
    _letter(version, THERE)
    _step(version, "wait", wait="for", number=3, unit="weeks")
    tag = Tag.objects.get_or_create(name="Sans nouvelles")[0]
    _step(version, "add_tag", tag=tag.pk)
    return version


def _draft() -> None:
    said = {"days": -30, "hour": 9}
    version = _drawn("Fin d’adhésion", "Prévenir un mois avant la fin.")
    designing.set_up(version, Settings(Trigger.DUES, said, again_days=300), actor=ACTOR)
    _step(version, "mail", otherwise="go_on")
    _step(version, "wait", wait="weekday", weekday=1, at="10:00")


def _let_days_pass() -> None:
    """Let people confirm their address day after day, and the worker pass each evening."""
    grounds = Ground.objects.live().for_purpose(Purpose.NEWSLETTER, Channel.EMAIL)
    people = list(Person.objects.filter(pk__in=grounds.values("person"), restricted_at=None).order_by("ref")[:CROWD])
    # At noon: no quiet hour, whenever the demo is made.
    today = clock.now().replace(hour=11)
    for day in range(DAYS, 0, -1):
        with clock.stopped_at(today - timedelta(days=day, minutes=-5)):
            for person in people[day::DAYS]:
                interactions.record(person, Kind.CONFIRMED, source="site")
            tasks.follow()


def _drawn(name: str, aim: str) -> Version:
    version = designing.create(name=name, aim=aim, actor=ACTOR).draft
    assert version is not None  # noqa: S101  # it was just made
    return version


def _step(version: Version, kind: str, **said: Any) -> Step:
    last = version.steps.filter(parent=None).order_by("position").last()
    return designing.add_step(version, kind, said, Place(after=last.key if last else None), actor=ACTOR)


def _letter(version: Version, words: tuple[str, str, str, str], place: Place | None = None) -> None:
    title, subject, preheader, text = words
    if place is None:
        step = _step(version, "mail", otherwise="leave")
    else:
        step = designing.add_step(version, "mail", {"otherwise": "leave"}, place, actor=ACTOR)
    stream = Mailing._meta.get_field("body").stream_block  # type: ignore[union-attr]
    body = stream.to_python([{"type": "heading", "value": title}, {"type": "text", "value": text}])
    designing.write_letter(step, subject=subject, preheader=preheader, body=body, actor=ACTOR)
