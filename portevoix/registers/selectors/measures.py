"""Security as it is on this instance (RGPD art. 32): read from settings and tables, with what is not done said."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portevoix.accounts.models import Mandate, User
from portevoix.accounts.rules import FREE_FAILURES, LONGEST_SESSION, LONGEST_SILENCE, MASKS
from portevoix.kernel import jobs
from portevoix.registers.types import Held, Measure, Threat
from portevoix.rights.selectors import break_of, last_verification
from portevoix.rights.services.merging import UNDOABLE_FOR

ACCESS, CHANGE, LOSS = (Threat.ACCESS,), (Threat.CHANGE,), (Threat.LOSS,)
#: The nightly job that would end grounds whose time is over and delete what nothing holds any more.
RETENTION_JOB = "rights.retain_nightly"
#: Triggers by which the database itself refuses to change what was written.
GUARDS = {
    "journal": ("journal_append_only", "journal_is_never_emptied"),
    "ledger": ("ledger_is_only_added_to", "ledger_note_given", "ledger_note_changed", "ledger_note_gone"),
}
LOCAL = ("", "localhost", "127.0.0.1", "::1")


def is_local(host: str) -> bool:
    """Tell whether a server is this machine: then nobody else serves it."""
    return host in LOCAL or host.startswith("/")


def measures() -> list[Measure]:
    """Return every measure, whatever its state, in the language now in use."""
    return [
        *_entrance(),
        *_ways(),
        *_need_to_know(),
        *_exports(),
        *_history(),
        *_keeping(),
    ]


def _held(is_held: bool) -> Held:
    return Held.YES if is_held else Held.NO


def _entrance() -> list[Measure]:
    alone = User.objects.filter(is_active=True, factors=None).count()
    lacking = ngettext("%d member of the team has none yet.", "%d members of the team have none yet.", alone) % alone
    least = _shortest_password()
    found = [
        Measure(
            _("Second factor asked of the whole team"),
            _held(settings.SECOND_FACTOR_REQUIRED),
            _("Passkey, or password and code; a password alone opens nothing.")
            if settings.SECOND_FACTOR_REQUIRED
            else _("A password alone opens the back office."),
            ACCESS,
            lacking if alone else "",
        ),
        Measure(
            _("Passwords"),
            _held(least >= 12),
            _("At least %(length)d characters, none of the common ones, kept as a slow hash only.") % {"length": least},
            ACCESS,
        ),
        Measure(
            _("Wrong tries close an account"),
            Held.YES,
            _("From %(tries)d on, for longer each time.") % {"tries": FREE_FAILURES["account"]},
            ACCESS,
        ),
        Measure(
            _("Sessions end by themselves"),
            Held.YES,
            _("After %(longest)d hours, or %(silence)d hours without use.")
            % {
                "longest": LONGEST_SESSION.total_seconds() // 3600,
                "silence": LONGEST_SILENCE.total_seconds() // 3600,
            },
            ACCESS,
        ),
    ]
    if settings.INSTANCE.demo:
        warning = _("This instance is a demonstration: its passwords are public.")
        found.append(Measure(_("Secret passwords"), Held.NO, warning, ACCESS))
    if settings.DEBUG:
        warning = _("The pages of errors show their causes to anybody.")
        found.append(Measure(_("Discreet errors"), Held.NO, warning, ACCESS))
    return found


def _shortest_password() -> int:
    validators = cast("list[dict[str, Any]]", settings.AUTH_PASSWORD_VALIDATORS)
    return max(int(validator.get("OPTIONS", {}).get("min_length", 0)) for validator in validators)


def _ways() -> list[Measure]:
    mail, database = settings.INSTANCE.mail, settings.DATABASES["default"]
    by_mail = is_local(mail.host) or mail.security != "none"
    if is_local(mail.host):
        words = _("E-mails leave by a server on this very machine.")
    elif by_mail:
        words = _("The connection to %(host)s is encrypted.") % {"host": mail.host}
    else:
        words = _("The connection to %(host)s is not encrypted (mail.security).") % {"host": mail.host}
    return [
        Measure(
            _("Encrypted connections to the site (TLS)"),
            _held(settings.IS_SECURE),
            _("The address begins with https://, and browsers are told to keep to it.")
            if settings.IS_SECURE
            else _("The address of the site does not begin with https:// (site.base_url)."),
            ACCESS,
        ),
        Measure(_("Encrypted connection to the mail server"), _held(by_mail), words, ACCESS),
        Measure(
            _("Encrypted connection to the database"),
            _held(database_is_near(database)),
            _("The database is on this machine, or reached by an encrypted connection."),
            ACCESS,
        ),
        Measure(
            _("No third party on the pages"),
            _held(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == ["'none'"]),
            _("Browsers are forbidden to load anything from elsewhere; no cookie, no tracker."),
            ACCESS,
        ),
    ]


def database_is_near(database: dict[str, Any]) -> bool:
    """Tell whether nobody on the way to the database can read along."""
    return is_local(database["HOST"]) or database["OPTIONS"].get("sslmode") in {"require", "verify-ca", "verify-full"}


def _need_to_know() -> list[Measure]:
    narrowed = sum(bool(hidden) for hidden in MASKS.values())
    local = Mandate.objects.exclude(departement_code="").count()
    return [
        Measure(
            _("Each role sees what its task needs"),
            _held(narrowed > 0),
            _("%(narrowed)d roles of %(roles)d do not see everything; what is hidden is not read from the database.")
            % {"narrowed": narrowed, "roles": len(MASKS)},
            ACCESS,
        ),
        Measure(
            _("Mandates limited to a département"),
            Held.YES,
            _("To whom has one, nobody else exists."),
            ACCESS,
            ngettext("%d such mandate.", "%d such mandates.", local) % local,
        ),
    ]


def _exports() -> list[Measure]:
    disclosure = settings.INSTANCE.disclosure
    return [
        Measure(
            _("Encrypted exports that expire"),
            Held.YES,
            ngettext(
                "Each has its reason and its author, and is destroyed after %d day.",
                "Each has its reason and its author, and is destroyed after %d days.",
                disclosure.export_days,
            )
            % disclosure.export_days,
            ACCESS,
        ),
        Measure(
            _("Exports that betray where they leaked from"),
            Held.YES if disclosure.canary_domain else Held.PARTLY,
            _("Invented people of their own are in each.")
            if disclosure.canary_domain
            else _("Invented people are in each, but nobody hears who writes to them (disclosure.canary_domain)."),
            ACCESS,
        ),
    ]


def _history() -> list[Measure]:
    last = last_verification()
    broken = break_of(last) if last else None
    guarded = _guarded()
    ledger = Held.NO if broken or not guarded["ledger"] else Held.YES if last else Held.PARTLY
    day = date_format(localtime(last.at), "DATETIME_FORMAT") if last else ""
    return [
        Measure(
            _("Journal of who did what"),
            _held(guarded["journal"]),
            _("The database refuses to change or empty it; it holds no personal value."),
            (Threat.ACCESS, Threat.CHANGE),
        ),
        Measure(_("Each reading of a record is kept"), Held.YES, _("Who, when, what for."), ACCESS),
        Measure(
            _("Ledger of consents, chained by hash"),
            ledger,
            _("It is broken: somebody altered it.") if broken else _("It is verified every night."),
            CHANGE,
            _("Last verified on %(day)s.") % {"day": day} if day else _("Never verified yet."),
        ),
        Measure(
            _("Two people cannot overwrite each other"),
            Held.YES,
            _("Who saves second sees both values; merges can be undone for %(days)d days.")
            % {"days": UNDOABLE_FOR.days},
            (Threat.CHANGE, Threat.LOSS),
        ),
    ]


def _guarded() -> dict[str, bool]:
    """Ask the database itself whether its guards are awake."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O' AND tgname = ANY(%s)",
            [[name for names in GUARDS.values() for name in names]],
        )
        awake = {name for (name,) in cursor.fetchall()}
    return {about: set(names) <= awake for about, names in GUARDS.items()}


def _keeping() -> list[Measure]:
    is_retained = any(job.name == RETENTION_JOB for job in jobs.schedule())
    return [
        Measure(
            _("Erasure that lasts"),
            Held.YES,
            _("A keyed hash keeps a later file from bringing an erased person back."),
            ACCESS,
        ),
        Measure(
            _("Deletion when the time is over"),
            _held(is_retained),
            _("A nightly job applies the time limits.")
            if is_retained
            else _("The time limits are written and shown; no job applies them yet."),
            ACCESS,
        ),
        Measure(
            _("Backups"),
            Held.UNKNOWN,
            _("The host makes and tries them: write how often, where, and who can read them."),
            LOSS,
        ),
        Measure(
            _("Encrypted disks"),
            Held.UNKNOWN,
            _("The host answers for it: ask, and write the answer."),
            ACCESS,
        ),
    ]
