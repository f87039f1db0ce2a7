"""Background work of actions: letters about requests, links to one's own data."""

from __future__ import annotations

from portevoix.accounts.types import System
from portevoix.actions import services
from portevoix.actions.models import LinkWanted, Participation
from portevoix.actions.selectors import reminders
from portevoix.actions.services import asking, inbox, reminding, requests
from portevoix.kernel import clock, jobs
from portevoix.rights.models import RequestLetter


@jobs.periodic("* * * * *", name="actions.write_about_requests")
def write_about_requests() -> None:
    """Hand over what is owed; most minutes there is nothing."""
    if RequestLetter.objects.due().exists():
        requests.write_about_requests(actor=System("actions.write_about_requests"))


@jobs.periodic("*/10 * * * *", name="actions.note_undelivered")
def note_undelivered() -> None:
    """Look which of the letters that were handed over came back."""
    if RequestLetter.objects.filter(sent_at__gte=clock.now() - requests.WATCHED, undelivered_at=None).exists():
        requests.note_undelivered(actor=System("actions.note_undelivered"))


@jobs.task(name="actions.ask_to_confirm", lock="actions.ask_to_confirm")
def ask_to_confirm() -> None:
    """Write to all who just sent a form, and to those who did meanwhile."""
    while Participation.objects.filter(is_letter_due=True).exists():
        asking.ask_to_confirm(actor=System("actions.ask_to_confirm"))


@jobs.periodic("* * * * *", name="actions.ask_those_left")
def ask_those_left() -> None:
    """Write what a server that died after the form was kept never asked for."""
    ask_to_confirm()


@jobs.periodic("*/10 * * * *", name="actions.remind")
def remind() -> None:
    """Remind of the meetings of the day after, and of forms that wait for a click, where the campaign wants it."""
    for page in reminders.meetings():
        reminding.remind_of_meeting(page, actor=System("actions.remind"))
    while reminders.forms().exists() and reminding.remind_to_confirm(actor=System("actions.remind")):
        pass


@jobs.task(name="actions.send_links", lock="actions.send_links")
def send_links() -> None:
    """Look up whose addresses were written on the page of one's data, and send their owners a link."""
    if LinkWanted.objects.exists():
        services.send_links(actor=System("actions.send_links"))


@jobs.periodic("*/10 * * * *", name="actions.send_links_left")
def send_links_left() -> None:
    """Send what a job that died left: no address waits for long."""
    send_links()


@jobs.periodic("40 3 * * *", name="actions.forget_ended")
def forget_ended() -> None:
    """Every night, erase parts in actions whose agreement ended."""
    services.forget_ended(actor=System("actions.forget_ended"))


@jobs.periodic("50 3 * * *", name="actions.forget_messages")
def forget_messages() -> None:
    """Every night, erase messages that were answered as long ago as requests are kept."""
    inbox.forget_messages(actor=System("actions.forget_messages"))
