"""``portevoix rights close-campaign``: what the end of a campaign would destroy, or goes on with what was decided."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from portevoix.accounts.types import System
from portevoix.rights import tasks
from portevoix.rights.models import Closure
from portevoix.rights.models.retention import ALIVE, ClosureState, Scope
from portevoix.rights.selectors import closing as selectors
from portevoix.rights.services import closing

ACTOR = System("rights close-campaign")


class Command(BaseCommand):
    help = (
        "Shows what the end of the campaign would destroy; with --go-on, does what two persons decided on the screen."
    )
    area = "rights"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--go-on", action="store_true", help="Do what was decided, without waiting for the worker")
        parser.add_argument("--record", metavar="FILE", help="Write the signed record of the last end to a file")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            if options["go_on"]:
                self._go_on()
            if options["record"]:
                self._write(options["record"])
            elif not options["go_on"]:
                self._show()

    def _show(self) -> None:
        for scope in Scope:
            preview = selectors.preview(scope)
            self.stdout.write(f"{scope.label}")
            for status, number in preview.goes:
                self.stdout.write(f"{number:>9}  − {status.label}")
            for status, number in preview.stays:
                self.stdout.write(f"{number:>9}  = {status.label}")

    def _go_on(self) -> None:
        closure = Closure.objects.filter(state__in=ALIVE).first()
        if closure is None:
            raise CommandError(_("Nobody has decided the end of the campaign."))
        if closure.state == ClosureState.PROPOSED and not closing.begin_alone(closure.pk, actor=ACTOR):
            raise CommandError(_("The second person must agree on the screen first, or three days must pass."))
        tasks.close(closure.pk)
        self.stdout.write("✓ " + _("The end of the campaign is done, and its record signed."))

    def _write(self, path: str) -> None:
        closure = Closure.objects.exclude(record=None).first()
        if closure is None or closure.record is None:
            raise CommandError(_("No record has been signed yet."))
        with open(path, "xb") as file:  # noqa: PTH123 – never over another file
            file.write(bytes(closure.record))
