"""``portevoix demo_content``: fill an empty campaign with the demo's content."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from portevoix.accounts.types import System
from portevoix.operations.demo import accounts
from portevoix.operations.demo.actions import build_actions
from portevoix.operations.demo.adverts import build_adverts
from portevoix.operations.demo.departures import build_departures
from portevoix.operations.demo.journeys import build_journeys
from portevoix.operations.demo.mailings import build_mailings
from portevoix.operations.demo.paths import build_paths
from portevoix.operations.demo.people import build_people, build_segments, build_views
from portevoix.operations.demo.records import build_records
from portevoix.operations.demo.registers import build_registers
from portevoix.operations.demo.requests import build_requests
from portevoix.operations.demo.signatures import build_signatures
from portevoix.operations.demo.site import build_site
from portevoix.operations.demo.texts import build_contacts, build_texts
from portevoix.operations.demo.visits import build_visits
from portevoix.territory.services import import_communes


class Command(BaseCommand):
    help = "Fills an empty campaign with the demo's invented content; what is there already is left alone."

    def handle(self, *args: Any, **options: Any) -> None:
        address = urlsplit(settings.BASE_URL)
        port = address.port or (443 if address.scheme == "https" else 80)
        import_communes(actor=System("demo"))
        build_site(hostname=address.hostname or "localhost", port=port)
        accounts.build_accounts(is_demo=settings.INSTANCE.demo)
        build_people()
        build_records()
        build_segments()
        build_views()
        build_paths()
        build_adverts()
        build_actions()
        build_mailings()
        build_departures()
        build_texts()
        build_contacts()
        build_journeys()
        build_requests()
        build_signatures()
        build_visits()
        build_registers()
        self.stdout.write("Demo content: site, people, segments, paths, messages, automations, visits, registers.")
