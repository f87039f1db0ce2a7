"""Who works for the campaign, as configured and as described; what the law says of where the data go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portevoix.kernel import clock
from portevoix.registers import readers, rules
from portevoix.registers.models import Processor
from portevoix.registers.selectors.measures import is_local
from portevoix.registers.types import Block, Found, Section, Service, Verdict, named, points, table, words
from portevoix.rights.selectors.imprint import legal_facts

GRAVEST = (Verdict.FORBIDDEN, Verdict.SAFEGUARDED, Verdict.ON_CONDITION, Verdict.ADEQUATE, Verdict.EEA)


def found() -> list[Found]:
    """Return whom the instance's configuration names, or lets guess."""
    legal, mail = legal_facts(), settings.INSTANCE.mail
    contact = ", ".join(part for part in (legal.host_address, legal.host_phone) if part)
    host = legal.host_name or urlsplit(settings.BASE_URL).hostname or ""
    told = [Found(Service.HOST, host, host, legal.host_country, contact)]
    if not is_local(mail.host):
        told.append(Found(Service.MAIL, mail.host, mail.host))
    if not is_local(database := settings.DATABASES["default"]["HOST"]):
        told.append(Found(Service.DATABASE, database, database))
    return told


@dataclass(frozen=True)
class Line:
    """One processor as it is shown: what is known, what the law says, what is wrong."""

    name: str
    service: str
    processor: Processor | None = None
    found: Found | None = None
    verdict: Verdict | None = None
    reached_by: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def is_forbidden(self) -> bool:
        return self.verdict is Verdict.FORBIDDEN

    @property
    def places(self) -> str:
        """Where the company, its parent and the data are."""
        if self.processor is None:
            return readers.name_of(self.found.country) if self.found and self.found.country else ""
        told = [
            _("established in %(country)s") % {"country": readers.name_of(self.processor.country)},
            _("data in %(country)s") % {"country": readers.name_of(self.processor.data_country)},
        ]
        if self.processor.parent_country:
            parent = readers.name_of(self.processor.parent_country)
            told.append(_("parent company in %(country)s") % {"country": parent})
        return ", ".join(told)

    @property
    def contract(self) -> str:
        if self.processor is None or not (self.processor.contract_on and self.processor.contract_reference):
            return ""
        day = date_format(self.processor.contract_on, "DATE_FORMAT")
        return f"{self.processor.contract_reference}, {day}"


def processor_lines() -> list[Line]:
    """Return those at work, then whom the configuration names and nobody described."""
    described = list(Processor.objects.at_work())
    known = {(one.service, one.served) for one in described}
    configured = found()
    values = {(one.service, one.value) for one in configured}
    lines = [_described(one, is_configured=(one.service, one.served) in values) for one in described]
    return lines + [_undescribed(one) for one in configured if (one.service, one.value) not in known]


def undescribed() -> list[Found]:
    """Return whom the configuration names and no row describes as it is now."""
    known = set(Processor.objects.at_work().values_list("service", "served"))
    return [one for one in found() if (one.service, one.value) not in known]


def _described(one: Processor, *, is_configured: bool) -> Line:
    verdict = verdict_of(one)
    faults = []
    if verdict is Verdict.FORBIDDEN:
        faults.append(_("Unlawful transfer: find another processor, or record the safeguards (RGPD art. 46)."))
    if not (one.contract_on and one.contract_reference):
        faults.append(_("No contract is recorded (RGPD art. 28(3))."))
    if one.served and not is_configured:
        faults.append(_("The configuration no longer names %(served)s: end it or correct it.") % {"served": one.served})
    reached = rules.law_that_reaches([one.country, one.parent_country, one.data_country], readers.countries())
    laws = [named(readers.name_of(place), law) for place, law in reached]
    return Line(one.name, one.get_service_display(), one, None, verdict, laws, faults)


def _undescribed(one: Found) -> Line:
    fault = _("The configuration names it and nobody described it: who is it, where, under which contract?")
    return Line(one.name, str(one.service.label), None, one, None, [], [fault])


def verdict_of(one: Processor) -> Verdict:
    """Return the graver of what the law says of where the company is, and of where the data are."""
    verdicts = {
        rules.verdict(
            country,
            condition_is_recorded=bool(one.condition.strip()),
            has_safeguards=bool(one.safeguards.strip()),
            countries=readers.countries(),
            today=clock.today(),
        )
        for country in (one.country, one.data_country)
    }
    return next(one for one in GRAVEST if one in verdicts)


def is_stale() -> bool:
    """Tell whether the list of adequate countries should be checked again."""
    return clock.today() - readers.countries().checked_on > rules.FRESH


def source_words() -> str:
    """Say by which list, checked when, countries are judged."""
    known = readers.countries()
    day = date_format(known.checked_on, "DATE_FORMAT")
    return _("Countries are judged by the list checked on %(day)s (%(source)s).") % {"day": day, "source": known.source}


def processors_section(lines: Iterable[Line]) -> Section:
    """Return the register of processors (RGPD art. 28, 30(1)(d) and (e))."""
    told = list(lines)
    blocks: list[Block] = []
    if faults := [named(line.name, fault) for line in told for fault in line.faults]:
        blocks.append(points(faults, tone="alarm"))
    rows = [
        (
            line.name,
            line.service,
            line.places,
            line.verdict.label if line.verdict else _("not known"),
            "; ".join(line.reached_by) or _("none known"),
            line.contract or _("none recorded"),
        )
        for line in told
    ]
    heads = [_("Processor"), _("Service"), _("Where"), _("Transfer"), _("Foreign law that reaches it"), _("Contract")]
    blocks.append(table(heads, rows))
    details = [
        (one.name, one.categories, one.sub_processors, one.safeguards or one.condition, one.contact)
        for one in (line.processor for line in told)
        if one
    ]
    if details:
        heads = [_("Processor"), _("Data"), _("Its own processors"), _("Safeguards"), _("Contact")]
        blocks.append(table(heads, details))
    return Section(_("Processors"), [*blocks, words(source_words())])
