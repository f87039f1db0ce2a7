"""``portevoix demo``: from an empty folder to a living campaign, and back to silence at Ctrl-C."""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from portevoix.auditor.engine.knowledge.lists import Lists, default_folder
from portevoix.operations.embedded import Cluster, Unusable
from portevoix.operations.embedded.faults import disk_full, not_writable
from portevoix.operations.supervisor import instance_file, ports, prepared
from portevoix.operations.supervisor.children import Child, Failed, Family, Stopped
from portevoix.operations.supervisor.prepared import Prepared
from portevoix.operations.wording import gettext as _

#: What the host's environment may say for another program, and must not say to the demo's parts.
OF_OTHERS = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
PATIENCE = 60.0
STEP = 0.05


@dataclass(frozen=True)
class Plan:
    """Where the demo runs."""

    data_dir: Path
    config: Path
    port: int
    with_content: bool = True
    #: Refuses an instance whose configuration cannot serve; run while the site starts, since it takes a while.
    check: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Addresses:
    """Where its parts listen, all on this machine only."""

    web: int
    mail_web: int
    smtp: int
    texts: int

    @property
    def site(self) -> str:
        return f"http://localhost:{self.web}"

    @property
    def office(self) -> str:
        return f"{self.site}/gestion/"

    @property
    def mail(self) -> str:
        return f"http://localhost:{self.mail_web}/"

    @property
    def telephones(self) -> str:
        return f"http://localhost:{self.texts}/"


def run(plan: Plan) -> int:
    """Run until told to stop. Return the exit status: 1 after one sentence on what is wrong, else 0."""
    demo = Demo(plan)
    demo.family.listen()
    try:
        demo.start()
        demo.watch()
    except Stopped:
        return 0
    except (Unusable, Failed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        demo.stop()


class Demo:
    """The parts of one demo, in the order in which they need one another."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.family = Family()
        self.cluster = Cluster(plan.data_dir / "postgres")
        self.logs = plan.data_dir / "log"

    def start(self) -> None:
        self._make_folder()
        self.cluster.lock()
        addresses = self._choose_ports()
        if not self.cluster.data.exists():
            say(_("First start: making the database and the demo campaign. This takes a minute."))
        self.cluster.start()
        self.cluster.ensure_database()
        self._configure(addresses)
        done = self._prepare(addresses.site)
        site, mail, telephones, worker = self._children(addresses)
        self.family.start(site)
        self.family.start(mail)
        self.family.start(telephones)
        self.plan.check()
        self._wait_for(addresses)
        self.family.start(worker)  # last, so that it takes no time from the page that is waited for
        self._announce(addresses, done)
        self._bring_lists()

    def watch(self) -> NoReturn:
        """Revive what dies, until told to stop."""
        while True:
            self.family.pause(0.25)
            if self.cluster.process is None or self.cluster.process.poll() is not None:
                raise Failed(
                    _("The database stopped unexpectedly: the reason is in {log}.").format(log=self.cluster.log)
                )
            for sentence in self.family.bury_and_revive():
                say(sentence)

    def stop(self) -> None:
        if self.family.children:
            say(_("Stopping…"))
        self.family.stop()
        self.cluster.stop()

    def _make_folder(self) -> None:
        folder = self.plan.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            trial = folder / ".writable"
            trial.write_bytes(b"x" * 4096)
            trial.unlink()
        except PermissionError:
            raise not_writable(folder) from None
        except OSError as error:
            raise (disk_full if "space" in str(error) else not_writable)(folder) from None

    def _choose_ports(self) -> Addresses:
        web = self.plan.port
        if not ports.is_free(web):
            raise Failed(
                _(
                    "Port {port} is already used by another program: "
                    "stop it, or choose another port with PORTEVOIX_PORT."
                ).format(port=web)
            )
        mail_web = ports.free_port(web + 1, taken={web})
        smtp = ports.free_port(web + 2, taken={web, mail_web})
        return Addresses(web, mail_web, smtp, ports.free_port(web + 3, taken={web, mail_web, smtp}))

    def _configure(self, addresses: Addresses) -> None:
        instance_file.write(
            self.plan.config,
            {
                "site": {"base_url": addresses.site},
                "database": {"url": self.cluster.url()},
                "mail": {"host": ports.LOOPBACK, "port": addresses.smtp},
                "sms": {"ovh_url": f"{addresses.telephones}1.0"},
            },
        )

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name not in OF_OTHERS},
            "PORTEVOIX_DATA_DIR": str(self.plan.data_dir),
            "PORTEVOIX_CONFIG": str(self.plan.config),
            "PYTHONUNBUFFERED": "1",
        }

    def _child(self, label: str, log: str, *command: str) -> Child:
        return Child(label, command, self.logs / f"{log}.log", self._environment())

    def _children(self, addresses: Addresses) -> tuple[Child, Child, Child, Child]:
        folder = str(self.plan.data_dir / "mail")
        catcher = (f"--smtp-port={addresses.smtp}", f"--port={addresses.mail_web}", f"--site={addresses.site}")
        texts = str(self.plan.data_dir / "texts")
        operator = (f"--port={addresses.texts}", f"--site={addresses.site}", f"--config={self.plan.config}")
        return (
            self._child(_("The web server"), "web", "serve", f"--port={addresses.web}", "--checked"),
            self._child(_("The mail catcher"), "mail", "mailcatcher", folder, *catcher),
            self._child(_("The telephones"), "texts", "textcatcher", texts, *operator),
            self._child(_("The worker"), "worker", "worker"),
        )

    def _bring_lists(self) -> None:
        """Have the auditor's lists brought once, while the campaign lives: without them much of an audit is unknown."""
        if find_spec("adblock") is None or not Lists(default_folder()).missing():
            return
        child = self._child(_("The auditor's lists"), "lists", "audit", "--update-lists")
        child.errand = _("The lists of the auditor could not be brought, so audits leave much unknown: see {log}.")
        self.family.start(child)

    def _prepare(self, site: str) -> Prepared:
        """Migrate, collect and fill, where the code or the address has changed since that was last done."""
        done = prepared.read(self.plan.data_dir)
        code = prepared.fingerprint()
        is_filled = done.has_content or not self.plan.with_content
        if (done.code, done.site) == (code, site) and is_filled:
            return done
        self.plan.check()
        say(_("Preparing the database, the static files and the content…"))
        content = () if is_filled else ("--demo-content",)
        self.family.complete(self._child(_("The preparation"), "prepare", "prepare", *content))
        after = replace(prepared.read(self.plan.data_dir), code=code, site=site)
        prepared.write(self.plan.data_dir, after)
        return after

    def _wait_for(self, addresses: Addresses) -> None:
        waiting = {addresses.web: "/", addresses.mail_web: "/count", addresses.texts: "/count"}
        for _attempt in range(round(PATIENCE / STEP)):
            waiting = {port: path for port, path in waiting.items() if not _answers(port, path)}
            if not waiting:
                return
            for sentence in self.family.bury_and_revive():
                say(sentence)
            self.family.pause(STEP)
        raise Failed(_("The demo does not answer: the reason is in {folder}.").format(folder=self.logs))

    def _announce(self, addresses: Addresses, done: Prepared) -> None:
        width = max((len(login.user) for login in done.logins), default=0)
        logins = "".join(f"      {login.user:<{width}}  {login.password}  ({login.role})\n" for login in done.logins)
        say(
            "\n"
            + "  {:<20} {}\n".format(_("Public site"), f"{addresses.site}/")
            + "  {:<20} {}\n".format(_("Back office"), addresses.office)
            + logins
            + "  {:<20} {}\n".format(_("Caught mail"), addresses.mail)
            + "  {:<20} {}\n\n".format(_("Telephones"), addresses.telephones)
            + _("Ctrl-C stops everything. Data and logs are in {folder}.").format(folder=self.plan.data_dir)
        )


def say(sentence: str) -> None:
    """Tell the host, if anybody still listens."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(ports.LOOPBACK, port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status < 600
    except OSError:
        return False
    finally:
        connection.close()
