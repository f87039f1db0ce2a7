"""What ``portevoix doctor`` looks at. Each look says what it saw in one sentence, and what to do where that is bad."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import dns.resolver
from django.conf import settings
from django.core import checks
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from dns.exception import DNSException

from portevoix.auditor import connectors as auditor
from portevoix.auditor.types import Fault as AuditFault
from portevoix.delivery import dispatch
from portevoix.delivery.dispatch import texts as texting
from portevoix.delivery.exceptions import KeysRefused, ServerUnavailable
from portevoix.delivery.rules import dns_records
from portevoix.delivery.selectors import texting as outbox_of_texts
from portevoix.kernel import clock, jobs
from portevoix.rights import selectors as rights
from portevoix.rights.selectors import protected

OLDEST_POSTGRESQL = 150000
LEAST_SPACE = 1024**3
LONG_WAIT = timedelta(minutes=10)
LATE = timedelta(minutes=5)


class Level(Enum):
    """How bad it is: a fault keeps the campaign from working, a warning will."""

    GOOD = "good"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """What one look saw."""

    about: str
    level: Level
    text: str


Look = Callable[[], Iterator[Finding]]


def examine() -> Iterator[Finding]:
    """Look at everything; without its database, only at what needs none."""
    yield from _address()
    yield from _disk()
    yield from _mail_server()
    yield from _sender_domain()
    yield from _texts()
    yield from _framework()
    yield from _auditor()
    try:
        connection.ensure_connection()
    except OperationalError as error:
        yield Finding(
            "database", Level.FAULT, _("The database does not answer: {error}").format(error=_one_line(error))
        )
        return
    yield from _database()
    pending = _pending_migrations()
    if pending:
        text = ngettext(
            "%d migration waits: run “portevoix prepare”.", "%d migrations wait: run “portevoix prepare”.", pending
        )
        yield Finding("migrations", Level.FAULT, text % pending)
        return
    yield Finding("migrations", Level.GOOD, _("Every migration is applied."))
    yield from _worker()
    yield from _waiting_texts()
    yield from _schedule()
    yield from _ledger()
    yield from _protected()
    yield from _erased()


def _address() -> Iterator[Finding]:
    if settings.INSTANCE.demo:
        text = _("This is a demo, with published passwords: never let it be reached from elsewhere.")
        yield Finding("address", Level.WARNING, text)
    elif not settings.IS_SECURE:
        yield Finding("address", Level.FAULT, _("site.base_url must begin with https://."))
    else:
        yield Finding("address", Level.GOOD, settings.BASE_URL)


def _disk() -> Iterator[Finding]:
    folder = settings.DATA_DIR
    try:
        trial = folder / ".doctor"
        trial.write_text("")
        trial.unlink()
        free = shutil.disk_usage(folder).free
    except OSError:
        yield Finding("disk", Level.FAULT, _("The folder {folder} cannot be written.").format(folder=folder))
        return
    text = _("{size:.1f} GB are free in {folder}.").format(size=free / 1e9, folder=folder)
    yield Finding("disk", Level.WARNING if free < LEAST_SPACE else Level.GOOD, text)


def _mail_server() -> Iterator[Finding]:
    address = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    shown = f"{address[0]}:{address[1]}"
    try:
        with socket.create_connection(address, timeout=5):
            yield Finding("mail", Level.GOOD, _("The mail server {address} answers.").format(address=shown))
    except OSError as error:
        text = _("The mail server {address} does not answer: {error}").format(address=shown, error=_one_line(error))
        yield Finding("mail", Level.FAULT, text)


Resolver = Callable[[str], list[str]]


def _sender_domain(ask: Resolver | None = None) -> Iterator[Finding]:
    """Look at what receivers will look at: SPF, DMARC and, where messages are signed here, DKIM."""
    domain, mail = dispatch.sender_domain(), settings.INSTANCE.mail
    if settings.INSTANCE.demo or "." not in domain:
        return
    ask = ask or _text_records
    try:
        wanted = {
            "SPF": dns_records.has_spf(ask(domain)),
            "DMARC": dns_records.has_dmarc(ask(f"_dmarc.{domain}")),
        }
        if mail.dkim_selector and mail.backend == "smtp":
            keys = dispatch.published_keys(mail.dkim_selector)
            wanted["DKIM"] = all(dns_records.has_key(ask(key.name), key.value) for key in keys)
    except FileNotFoundError:
        text = _("The keys that mail.dkim_selector names were not made: run “portevoix dkim-key”.")
        yield Finding("sending", Level.FAULT, text)
        return
    except DNSException as error:
        text = _("Whether {domain} publishes what receivers ask for could not be looked up: {error}")
        yield Finding("sending", Level.WARNING, text.format(domain=domain, error=_one_line(error)))
        return
    if missing := [name for name, is_there in wanted.items() if not is_there]:
        text = _("{domain} does not publish {records}: messages will be taken for spam.")
        yield Finding("sending", Level.WARNING, text.format(domain=domain, records=", ".join(missing)))
    else:
        yield Finding(
            "sending", Level.GOOD, _("{domain} publishes {records}.").format(domain=domain, records=", ".join(wanted))
        )


#: Fewer parts than this are soon used up.
LITTLE_CREDIT = 500


def _texts() -> Iterator[Finding]:
    """Ask the provider of text messages whether it knows us, and how much is paid for."""
    sms = settings.INSTANCE.sms
    if sms.backend == "none":
        return
    if missing := sms.missing():
        yield Finding("texts", Level.FAULT, _("These keys are missing: {keys}.").format(keys=", ".join(missing)))
        return
    yield from _texts_as_configured()
    try:
        left = texting.credits_left()
    except KeysRefused as error:
        text = _("The provider of text messages refuses our keys: {error}").format(error=_one_line(error))
        yield Finding("texts", Level.FAULT, text)
    except ServerUnavailable as error:
        text = _("The provider of text messages does not answer: {error}").format(error=_one_line(error))
        yield Finding("texts", Level.FAULT, text)
    else:
        yield _credit(left)


def _texts_as_configured() -> Iterator[Finding]:
    sms = settings.INSTANCE.sms
    if not sms.webhook_secret:
        text = _("sms.webhook_secret is not set: neither receipts nor STOP are taken in as they come.")
        yield Finding("texts", Level.WARNING, text)


def _credit(left: float | None) -> Finding:
    if left is None:
        text = _("A gateway for text messages is configured; it cannot be asked for its credit.")
        return Finding("texts", Level.GOOD, text)
    if left <= 0:
        text = _("The credit for text messages is used up: they wait, and leave once it is filled again.")
        return Finding("texts", Level.FAULT, text)
    text = ngettext("Text messages: %d part is paid for.", "Text messages: %d parts are paid for.", int(left))
    return Finding("texts", Level.WARNING if left < LITTLE_CREDIT else Level.GOOD, text % int(left))


def _waiting_texts() -> Iterator[Finding]:
    if said := outbox_of_texts.fault():
        text = _("Text messages wait: the provider took nothing the last time ({error}).").format(error=said)
        yield Finding("texts", Level.WARNING, text)


def _text_records(name: str) -> list[str]:
    """Ask this machine's name server, for a few seconds at most."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=3)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(one.strings).decode("utf-8", "replace") for one in answer]


def _framework() -> Iterator[Finding]:
    levels = {checks.WARNING: Level.WARNING, checks.ERROR: Level.FAULT, checks.CRITICAL: Level.FAULT}
    found = False
    for message in checks.run_checks(include_deployment_checks=settings.IS_SECURE):
        if message.level in levels:
            found = True
            yield Finding("checks", levels[message.level], f"{message.id}: {_one_line(message.msg)}")
    if not found:
        yield Finding("checks", Level.GOOD, _("Every room's own checks pass."))


def _auditor() -> Iterator[Finding]:
    """Look at what audits of sites need; without it, all that they would have seen is unknown."""
    if why := auditor.fault():
        text = _("{reason} Audits of sites are not made. Install {packages} and a Chromium (chromium-headless-shell).")
        text = text.format(reason=AuditFault(why).label, packages="portevoix[audit]")
        yield Finding("auditor", Level.WARNING, text)
    elif missing := auditor.missing_lists():
        text = _("Lists of the auditor are missing: {names}. Run “portevoix audit --update-lists”.")
        yield Finding("auditor", Level.WARNING, text.format(names=", ".join(missing)))
    else:
        yield Finding("auditor", Level.GOOD, _("Sites can be audited: packages, browser and lists are there."))


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('server_version_num')::int")
        shown, number = cursor.fetchone()
    good = number >= OLDEST_POSTGRESQL
    text = _("PostgreSQL {version}.") if good else _("PostgreSQL {version} is too old: 15 or later is needed.")
    yield Finding("database", Level.GOOD if good else Level.FAULT, text.format(version=shown))


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _worker() -> Iterator[Finding]:
    seen = jobs.queue()
    if seen.living_workers:
        text = ngettext("%d worker runs.", "%d workers run.", seen.living_workers) % seen.living_workers
        yield Finding("worker", Level.GOOD, text)
    else:
        yield Finding("worker", Level.FAULT, _("No worker runs: start “portevoix worker”."))
    if seen.oldest_waiting and clock.now() - seen.oldest_waiting > LONG_WAIT:
        text = _("The oldest of {count} waiting jobs has waited for {time}.")
        text = text.format(count=seen.waiting, time=timesince(seen.oldest_waiting, clock.now()))
        yield Finding("jobs", Level.WARNING, text)
    if seen.failed:
        text = ngettext("%d job failed for good.", "%d jobs failed for good.", seen.failed) % seen.failed
        yield Finding("jobs", Level.WARNING, text)


def _schedule() -> Iterator[Finding]:
    for job in jobs.schedule():
        is_late = job.last is not None and clock.now() - job.next > LATE
        if job.last is None:
            text = _("{name} has not run yet; next at {next}.").format(name=job.name, next=_moment(job.next))
        elif is_late:
            text = _("{name} ran last at {last} and is late.").format(name=job.name, last=_moment(job.last))
        else:
            text = _("{name} ran last at {last}; next at {next}.").format(
                name=job.name, last=_moment(job.last), next=_moment(job.next)
            )
        yield Finding("schedule", Level.WARNING if is_late else Level.GOOD, text)


def _ledger() -> Iterator[Finding]:
    last = rights.last_verification()
    if last is None:
        yield Finding("ledger", Level.GOOD, _("The ledger of consents has not been verified yet."))
    elif (broken := rights.break_of(last)) is not None:
        text = _("The ledger of consents is broken. {break_} Run “portevoix rights verify”, and read who had access.")
        yield Finding("ledger", Level.FAULT, text.format(break_=broken))
    else:
        text = ngettext(
            "The ledger of consents was whole on {day}: {count} entry.",
            "The ledger of consents was whole on {day}: {count} entries.",
            last.count or 0,
        )
        yield Finding("ledger", Level.GOOD, text.format(day=_moment(last.at), count=last.count))


def _protected() -> Iterator[Finding]:
    """Look for fields and tags from before names were read that say what the law protects (GDPR art. 9 and 10)."""
    found = protected.all_carried()
    for line in found:
        text = ngettext(
            "“{name}” says what the law protects, and {count} person carries it without an agreement. A director or "
            "the data-protection officer settles it in the back office, under “How long things are kept”.",
            "“{name}” says what the law protects, and {count} people carry it without an agreement. A director or "
            "the data-protection officer settles it in the back office, under “How long things are kept”.",
            line.unfounded,
        )
        yield Finding("protected", Level.WARNING, text.format(name=line.it.name, count=line.unfounded))
    if not found:
        yield Finding("protected", Level.GOOD, _("No field or tag says what the law protects."))


def _erased() -> Iterator[Finding]:
    """Look for fingerprints of erased people that no key finds any more: files would bring them back (GDPR art. 17)."""
    if number := rights.orphaned_suppressions():
        text = ngettext(
            "%d fingerprint of erased people was made with a key that is gone: put it back in secrets.former, or files "
            "bring them back.",
            "%d fingerprints of erased people were made with a key that is gone: put it back in secrets.former, or "
            "files bring them back.",
            number,
        )
        yield Finding("erased", Level.FAULT, text % number)
    elif number := rights.unnamed_suppressions():
        text = ngettext(
            "%d fingerprint of erased people does not say which key made it: keep every former key in secrets.former.",
            "%d fingerprints of erased people do not say which key made them: keep every former key in secrets.former.",
            number,
        )
        yield Finding("erased", Level.WARNING, text % number)
    else:
        yield Finding("erased", Level.GOOD, _("Every fingerprint of erased people can be found again."))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(clock.PARIS):%d/%m/%Y %H:%M}"


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
