"""The demo's registers: who works for the invented campaign, one breach long closed, an impact assessment begun."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from portevoix.accounts.types import System
from portevoix.kernel import clock
from portevoix.registers.models import Breach, Processor
from portevoix.registers.services import assessments, breaches, editions, processors
from portevoix.registers.types import Addressee, Nature, Risk, Service
from portevoix.rights.purposes import Purpose
from portevoix.rights.selectors.imprint import legal_facts

ACTOR = System("demo")
#: The third has an owner abroad, so that the page has something to say.
PROCESSORS: tuple[dict[str, Any], ...] = (
    {
        "name": "Serveurs d’Amont, coopérative",
        "service": Service.HOST,
        "country": "FR",
        "data_country": "FR",
        "parent_country": "FR",
        "categories": "Tout ce que contient l’instance.",
        "contract_on": date(2026, 9, 1),
        "contract_reference": "SA-2026-118",
        "contact": "donnees@amont.example",
    },
    {
        "name": "Imprimerie des Trois Ponts",
        "service": Service.OTHER,
        "country": "BE",
        "data_country": "BE",
        "parent_country": "BE",
        "categories": "Noms et adresses postales, le temps d’un envoi.",
        "purposes": [Purpose.LETTERS],
        "contract_on": date(2026, 10, 12),
        "contract_reference": "3P-88",
        "contact": "atelier@troisponts.example",
    },
    {
        "name": "Nuée Sauvegardes",
        "service": Service.OTHER,
        "country": "IE",
        "data_country": "IE",
        "parent": "Big Nimbus Inc.",
        "parent_country": "US",
        "categories": "Copies chiffrées de la base ; la clé reste à la campagne.",
        "contract_on": date(2026, 9, 20),
        "contract_reference": "NS-4471",
        "contact": "privacy@nuee.example",
    },
)
AGO = timedelta(days=24)


def build_registers() -> bool:
    """Fill registers that nobody has begun; tell whether that was done."""
    if Breach.objects.exists() or Processor.objects.exists():
        return False
    with clock.stopped_at(clock.now() - AGO - timedelta(days=5)):
        editions.keep_edition(actor=ACTOR)
    for said in PROCESSORS:
        served = legal_facts().host_name if said["service"] == Service.HOST else ""
        processors.describe_processor(None, actor=ACTOR, **said, served=served)
    _breach()
    assessments.assess(
        after=0,
        actor=ACTOR,
        necessity="Nous écrivons à qui l’a demandé, et à personne d’autre. Nous ne notons une opinion que si "
        "la personne l’a acceptée, et seulement pour savoir qui appeler.",
        officer_opinion="À compléter avant le début de la campagne officielle : qui lit les sauvegardes ?",
    )
    editions.keep_edition(actor=ACTOR)
    return True


def _breach() -> None:
    """An export sent to the wrong address: seen, judged, notified within the day, closed."""
    known = clock.now() - AGO
    said: dict[str, Any] = {
        "title": "Liste d’appel envoyée à la mauvaise adresse",
        "aware_at": known,
        "began_at": known - timedelta(hours=3),
        "stopped_at": known + timedelta(hours=1),
        "nature": [Nature.CONFIDENTIALITY],
        "circumstances": "Une liste d’appel, décompressée sur un poste, a été jointe par erreur à un message adressé à "
        "un imprimeur. Il nous a prévenus trois heures plus tard.",
    }
    with clock.stopped_at(known + timedelta(minutes=40)):
        breach = breaches.record_breach(actor=ACTOR, **said)
    told: dict[str, Any] = {
        "persons": 212,
        "records": 212,
        "counted_by": "export retrouvé par ses contacts inventés",
        "person_categories": "Personnes qui ont accepté d’être appelées",
        "data_categories": "Nom, commune, téléphone",
        "consequences": "L’imprimeur a pu apprendre que ces personnes s’intéressent à la campagne.",
        "measures": "Message détruit par l’imprimeur, qui l’a confirmé par écrit ; exports sur poste interdits.",
        "risk": Risk.SOME,
        "risk_reasons": "Un seul destinataire, connu et tenu au secret ; la liste révèle un intérêt politique.",
    }
    with clock.stopped_at(known + timedelta(hours=20)):
        breaches.amend_breach(breach, version=1, reason="compté et jugé", actor=ACTOR, **said, **told)
    with clock.stopped_at(known + timedelta(hours=26)):
        breaches.notify_breach(
            breach,
            addressee=Addressee.AUTHORITY,
            made_at=clock.now(),
            told="Notification complète, en une fois.",
            reference="DEMO-0042",
            actor=ACTOR,
        )
    with clock.stopped_at(known + timedelta(days=6)):
        breaches.amend_breach(breach, version=2, reason="tout est fait", actor=ACTOR, is_closed=True, **said, **told)
