"""One instance is one campaign: its configuration, typed and validated, from one TOML file and the environment.

With ``place``, this is the only module that reads environment variables. Every key may be overridden by
``PORTEVOIX_<SECTION>_<KEY>`` (``PORTEVOIX_MAIL_HOST``); ``DATABASE_URL`` is accepted for ``database.url``.
The reference for hosts is docs/reference/configuration.md, tested against this module.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from portevoix.conf.place import DEFAULT_DATA_DIR, InvalidConfiguration, config_path, data_dir


class Section(BaseModel):
    """A table of the TOML file: unknown keys are refused, because a misspelt key is a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Section):
    """Where the public finds the campaign."""

    base_url: str = Field("http://localhost:8000", description="Public address, without a final slash")
    name: str = Field("Portevoix", description="Name of the campaign, shown in titles and as the sender")
    allowed_hosts: list[str] = Field(["localhost", "127.0.0.1"], description="Host names the server answers to")
    language: Literal["fr", "en"] = Field("fr", description="Language of the public site and of new accounts")

    @field_validator("base_url")
    @classmethod
    def starts_with_a_scheme(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("an address that begins with http:// or https://")
        return value.rstrip("/")


class Database(Section):
    """The campaign's own PostgreSQL database, shared with nobody."""

    url: str = Field("", description="postgresql://user:password@host:port/name, or ?host=/socket/directory")
    pool_size: int = Field(4, ge=1, le=100, description="Most connections kept open by one process")

    @field_validator("url")
    @classmethod
    def is_postgresql(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("an address that begins with postgresql://")
        return value


class Mail(Section):
    """What words leave by: an SMTP server, or a European provider by its own interface."""

    backend: Literal["smtp", "scaleway", "brevo", "mailjet"] = Field(
        "smtp", description="What messages leave by: an SMTP server, or a provider's interface"
    )
    api_key: str = Field("", description="Key of the provider's interface (Mailjet: API key; Scaleway: secret key)")
    api_secret: str = Field("", description="What goes with that key: Mailjet's secret, Scaleway's project")
    api_url: str = Field("", description="Address of the provider's interface, empty for its usual one")
    webhook_secret: str = Field("", description="user:password that the provider reports with; empty takes no reports")
    host: str = Field("localhost", description="SMTP server")
    port: int = Field(25, ge=1, le=65535, description="Its port")
    security: Literal["none", "starttls", "tls"] = Field("none", description="Encryption of the connection")
    user: str = Field("", description="Login, empty for none")
    password: str = Field("", description="Password of that login")
    sender: str = Field("campagne@localhost", description="Address messages are sent from")
    connections: int = Field(2, ge=1, le=50, description="SMTP connections that one worker keeps open at once")
    workers: int = Field(2, ge=1, le=16, description="Worker processes that may send at the same time")
    timeout: float = Field(
        60,
        ge=1,
        le=600,
        description="Seconds that the SMTP server has for its connection and for each answer but the last",
    )
    final_timeout: float = Field(
        600,
        ge=10,
        le=3600,
        description="Seconds that it has to say that it took a message, once it has all of it (RFC 5321, 4.5.3.2.6)",
    )
    return_address: str = Field(
        "", description="Mailbox that bounces come back to, at a server that takes name+more@; empty: the sender's own"
    )
    dkim_selector: str = Field("", description="Name of the keys that sign messages here; empty: the mail server signs")
    per_hour: int = Field(0, ge=0, description="Most messages an hour to lists; 0 for no limit")
    per_hour_to: list[str] = Field([], description="The same for mail domains, as orange.fr=2000")
    warm_up: list[int] = Field([], description="Most messages on the first day, the second…; no limit after the last")
    warm_up_from: date | None = Field(None, description="The first of those days, as 2027-01-15")
    count_opens: bool = Field(
        False, description="Whether a message may hold one picture, the same for all readers, that counts openings"
    )

    @field_validator("return_address")
    @classmethod
    def leaves_room(cls, value: str) -> str:
        local, _at, domain = value.partition("@")
        if value and (not re.fullmatch(r"[A-Za-z0-9._-]{1,26}", local) or "." not in domain or "@" in domain):
            raise ValueError("an address such as retours@campagne.example, of at most 26 characters before the @")
        return value

    @field_validator("dkim_selector")
    @classmethod
    def is_a_label(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?", value):
            raise ValueError("letters, digits and hyphens")
        return value

    @field_validator("per_hour_to")
    @classmethod
    def name_domains(cls, value: list[str]) -> list[str]:
        for one in value:
            if not re.fullmatch(r"[a-z0-9.-]+=[1-9][0-9]*", one):
                raise ValueError("a domain and a number, such as orange.fr=2000")
        return value


class Returns(Section):
    """Where bounces and complaints are read: a Maildir, which the platform's own LMTP server may fill, or a mailbox."""

    maildir: str = Field("", description="Folder (Maildir) that bounces arrive in; empty reads none")
    imap_host: str = Field("", description="IMAP server of the mailbox that bounces arrive in; empty reads none")
    imap_port: int = Field(993, ge=1, le=65535, description="Its port")
    imap_security: Literal["tls", "none"] = Field("tls", description="Encryption of the connection")
    imap_user: str = Field("", description="Login")
    imap_password: str = Field("", description="Password of that login")
    imap_folder: str = Field("INBOX", description="Folder of the mailbox")


#: What OVHcloud adds to each message to a list.
OVH_MENTION = "STOP au 36180"


class Sms(Section):
    """What text messages leave by; without a backend none can be written."""

    backend: Literal["none", "ovh", "gateway"] = Field(
        "none", description="Nothing, OVHcloud's interface, or any gateway that takes one HTTP request a message"
    )
    sender: str = Field("", description="Name (11 letters or digits at most) or number that readers see")
    stop_mention: str = Field(
        "",
        description="How readers get no more, as it stands in each message to a list; empty: what OVHcloud says; a "
        "gateway has its own number, which must be given",
    )
    price_cents: float = Field(6.5, ge=0, le=1000, description="Price of one part, in cents, to foresee what it costs")
    per_hour: int = Field(0, ge=0, description="Most messages an hour to lists; 0 for no limit")
    connections: int = Field(2, ge=1, le=20, description="Requests that may be under way at once")
    timeout: float = Field(20, ge=1, le=120, description="Seconds after which an answer is no longer waited for")
    earliest: time = Field(time(8), description="No message to a list before; 08:00 or later")
    latest: time = Field(time(20), description="Nor from this on; 20:00 or earlier")
    saturdays: bool = Field(True, description="Whether messages to lists leave on Saturdays; on Sundays never")
    webhook_secret: str = Field("", description="Long word in the address that receipts and answers come to")
    ovh_service: str = Field("", description="OVHcloud: name of the SMS account, as sms-ab12345-1")
    ovh_application_key: str = Field("", description="OVHcloud: key of the application")
    ovh_application_secret: str = Field("", description="OVHcloud: its secret")
    ovh_consumer_key: str = Field("", description="OVHcloud: key of the consumer")
    ovh_url: str = Field("https://eu.api.ovh.com/1.0", description="OVHcloud: address of the interface")
    gateway_method: Literal["POST", "GET", "PUT"] = Field("POST", description="Gateway: method of the request")
    gateway_url: str = Field("", description="Gateway: address; {to}, {text}, {from} and {id} are replaced")
    gateway_headers: list[str] = Field([], description="Gateway: headers, as Authorization: Bearer …")
    gateway_body: str = Field("", description="Gateway: body, with the same words replaced")
    gateway_content_type: str = Field("application/json", description="Gateway: type of the body")
    gateway_success: list[int] = Field([200, 201, 202], description="Gateway: status codes of a message that was taken")
    gateway_success_pattern: str = Field("", description="Gateway: regular expression that its answer must then match")
    gateway_reference: str = Field("", description="Gateway: regular expression whose group is the message's name")

    @field_validator("earliest", "latest")
    @classmethod
    def is_no_laxer(cls, value: time) -> time:
        if not time(8) <= value <= time(20):
            raise ValueError("a time from 08:00 to 20:00")
        return value

    @field_validator("sender")
    @classmethod
    def can_be_shown(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9 ]{3,11}|\+?[0-9]{4,15}", value):
            raise ValueError("3 to 11 letters or digits without accents, or a number")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def is_hard_to_guess(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{24,}", value):
            raise ValueError("at least 24 letters, digits, hyphens or underscores")
        return value

    @field_validator("gateway_success_pattern", "gateway_reference")
    @classmethod
    def is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error:
            raise ValueError("a regular expression") from None
        return value

    @field_validator("gateway_headers")
    @classmethod
    def name_headers(cls, value: list[str]) -> list[str]:
        for one in value:
            if not re.fullmatch(r"[A-Za-z0-9-]+:[^\r\n]+", one):
                raise ValueError("a name, a colon and a value on one line")
        return value

    @property
    def mention(self) -> str:
        """How readers get no more: no number but the provider's own is ever named."""
        return self.stop_mention or (OVH_MENTION if self.backend == "ovh" else "")

    def missing(self) -> list[str]:
        """Return the keys without which the chosen backend cannot work."""
        wanted = {
            "none": (),
            "ovh": ("ovh_service", "ovh_application_key", "ovh_application_secret", "ovh_consumer_key"),
            "gateway": ("gateway_url", "stop_mention"),
        }[self.backend]
        return [f"sms.{key}" for key in wanted if not getattr(self, key)]


class Secrets(Section):
    """What must never be shown, logged or committed."""

    key: str = Field("", description="At least 50 random characters; signs links and sessions")
    former: list[str] = Field(
        [], description="Former keys, newest first: what they signed, sealed and hashed is still understood"
    )

    @field_validator("key")
    @classmethod
    def is_long(cls, value: str) -> str:
        if value and len(value) < 50:
            raise ValueError("at least 50 random characters")
        return value

    @field_validator("former")
    @classmethod
    def are_long(cls, value: list[str]) -> list[str]:
        return [cls.is_long(key) for key in value if key]


class Legal(Section):
    """The facts that the legal notice and the privacy page are written from (LCEN, art. 1-1; GDPR, art. 13)."""

    publisher: str = Field("", description="Body or candidate that publishes the site")
    publisher_address: str = Field("", description="Its postal address")
    publisher_phone: str = Field("", description="Its telephone number")
    publisher_email: str = Field("", description="Its e-mail address")
    director: str = Field("", description="Director of publication (a person)")
    data_officer_email: str = Field("", description="Where people write about their data")
    host_name: str = Field("", description="Company or person that hosts the instance")
    host_address: str = Field("", description="Its postal address")
    host_phone: str = Field("", description="Its telephone number")
    host_country: str = Field("FR", min_length=2, max_length=2, description="Its country, ISO 3166 code")


class Disclosure(Section):
    """How files about people leave, and what betrays where one leaked from."""

    canary_domain: str = Field(
        "",
        description="Mail domain whose every address the host hears: marks each export; empty: the sender's, unheard",
    )
    export_days: int = Field(7, ge=1, le=30, description="Days after which the file of an export is destroyed")

    @field_validator("canary_domain")
    @classmethod
    def is_a_domain(cls, value: str) -> str:
        value = value.strip().lower()
        if value and not re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", value):
            raise ValueError("a domain such as courrier.example")
        return value


class Retention(Section):
    """What keeps the nightly destruction from going too far unseen."""

    brake_percent: int = Field(
        20, ge=1, le=100, description="Part of the file, in hundredths, that no night erases unless somebody confirms"
    )


class Audit(Section):
    """What audits of sites are made with."""

    browser: str = Field("", description="Chromium that the auditor drives; empty: the one that is installed")
    lists: str = Field(
        "", description="Folder of the auditor's lists; empty: where “portevoix audit --update-lists” puts them"
    )


class Instance(Section):
    """Everything one campaign's instance is told from outside."""

    site: Site = Site()
    database: Database = Database()
    mail: Mail = Mail()
    returns: Returns = Returns()
    sms: Sms = Sms()
    secrets: Secrets = Secrets()
    legal: Legal = Legal()
    disclosure: Disclosure = Disclosure()
    retention: Retention = Retention()
    audit: Audit = Audit()
    data_dir: Path = Field(DEFAULT_DATA_DIR, description="Where media, caches and spools are kept")
    debug: bool = Field(False, description="Show the causes of errors; never in production")
    demo: bool = Field(False, description="Demo content and its published passwords; never in production")

    def missing(self) -> list[str]:
        """Return the keys without which the instance cannot serve."""
        return [
            key
            for key, value in {"database.url": self.database.url, "secrets.key": self.secrets.key}.items()
            if not value
        ]


def load() -> Instance:
    """Read the file and the environment.

    Raises InvalidConfiguration with one line a fault: the key, its value and what is accepted.
    """
    path = config_path()
    values: dict[str, Any] = {}
    if path.exists():
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, PermissionError) as error:
            raise InvalidConfiguration(f"{path}: cannot be read ({error}).") from error
    values.setdefault("data_dir", data_dir())
    _override(values)
    try:
        return Instance.model_validate(values)
    except ValidationError as error:
        raise InvalidConfiguration(_explain(error, path)) from error


#: Keys whose values are lists, separated by commas in the environment.
LISTS = {"allowed_hosts", "former", "per_hour_to", "warm_up", "gateway_headers", "gateway_success"}


def _override(values: dict[str, Any]) -> None:
    for name, field in Instance.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            for key in section.model_fields:
                raw = os.environ.get(f"PORTEVOIX_{name}_{key}".upper())
                if raw is not None:
                    values.setdefault(name, {})[key] = raw.split(",") if key in LISTS else raw
        elif (raw := os.environ.get(f"PORTEVOIX_{name}".upper())) is not None:
            values[name] = raw
    if url := os.environ.get("DATABASE_URL"):
        values.setdefault("database", {}).setdefault("url", url)
        values["database"]["url"] = os.environ.get("PORTEVOIX_DATABASE_URL", url)


SECRET_KEYS = {
    *("key", "former", "password", "url", "api_key", "api_secret", "webhook_secret", "imap_password"),
    *("ovh_application_key", "ovh_application_secret", "ovh_consumer_key"),
    *("gateway_url", "gateway_headers", "gateway_body"),
}


def _explain(error: ValidationError, path: Path) -> str:
    lines = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        shown = "(hidden)" if str(fault["loc"][-1]) in SECRET_KEYS else repr(fault["input"])
        if fault["type"] == "extra_forbidden":
            lines.append(f"{path}: {key}: unknown key.")
        else:
            expected = fault["msg"].removeprefix("Value error, ")
            lines.append(f"{path}: {key} = {shown}: expected {expected}.")
    return "\n".join(lines)
