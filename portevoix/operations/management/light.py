"""The commands that need nothing of Django's: they are up at once, and before there is an instance.

They are management commands too, so that the console lists them; both ways end here.
"""

from __future__ import annotations

import os
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Check = Callable[[], None]
Options = Mapping[str, Any]


def demo_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="Port of the public site (PORTEVOIX_PORT)")
    parser.add_argument("--data-dir", type=Path, required=True, help="Where all is kept (PORTEVOIX_DATA_DIR)")
    parser.add_argument("--without-content", action="store_true", help="Start an empty campaign")


def demo(options: Options, check: Check) -> int:
    """Start a living campaign on this machine: database, site, worker and mail catcher, until Ctrl-C."""
    from portevoix.operations.supervisor.demo import Plan, run

    data_dir = options["data_dir"].absolute()
    # What its parts are told, so that ``check``, in this process, reads the same file.
    os.environ |= {"PORTEVOIX_DATA_DIR": str(data_dir), "PORTEVOIX_CONFIG": str(data_dir / "portevoix.toml")}
    return run(
        Plan(
            data_dir=data_dir,
            config=data_dir / "portevoix.toml",
            port=options["port"],
            with_content=not options["without_content"],
            check=check,
        )
    )


def mailcatcher_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="Where messages are kept, one file each")
    parser.add_argument("--smtp-port", type=int, default=8002)
    parser.add_argument("--port", type=int, default=8001, help="Port of the page")
    parser.add_argument("--site", default="http://localhost:8000", help="Address of the public site")


def mailcatcher(options: Options, check: Check) -> int:
    """Accept every message by SMTP on this machine, deliver none, and show them on a page."""
    from portevoix.operations.mailcatcher.service import serve as catch

    catch(options["folder"], smtp_port=options["smtp_port"], web_port=options["port"], site=options["site"])
    return 0


def textcatcher_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="Where messages are kept, in one file")
    parser.add_argument("--port", type=int, default=8003, help="Port of the interface and of the page")
    parser.add_argument("--site", default="http://localhost:8000", help="Address of the public site")
    parser.add_argument("--config", type=Path, required=True, help="The instance's file: its keys are the ones known")


def textcatcher(options: Options, check: Check) -> int:
    """Stand for OVHcloud's SMS interface on this machine, send nothing, and show each telephone on a page."""
    from portevoix.operations.textcatcher.service import keys_of
    from portevoix.operations.textcatcher.service import serve as catch

    keys, secret = keys_of(options["config"])
    catch(options["folder"], port=options["port"], site=options["site"], keys=keys, secret=secret)
    return 0


def serve_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1, help="Processes, each with its own threads")
    parser.add_argument("--threads", type=int, default=4, help="Requests a process answers at once")
    parser.add_argument("--checked", action="store_true", help=SUPPRESS)  # by the demo, meanwhile


def serve(options: Options, check: Check) -> int:
    """Run the web server (docs/decisions/0002-web-server.md says why this one)."""
    from granian.constants import Interfaces
    from granian.server import Server

    if not options["checked"]:
        check()
    Server(
        "portevoix.conf.wsgi:application",
        address=options["host"],
        port=options["port"],
        interface=Interfaces.WSGI,
        workers=options["workers"],
        blocking_threads=options["threads"],
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()
    return 0


def audit_arguments(parser: ArgumentParser) -> None:
    from portevoix.auditor.engine.command import add_arguments

    add_arguments(parser)
    parser.add_argument(
        "--watch",
        action="store_true",
        help="In an instance: watch this site; without one, make what is due",
    )
    parser.add_argument(
        "--every", choices=("daily", "weekly", "monthly"), default="weekly", help="With --watch: how often"
    )


def audit(options: Options, check: Check) -> int:
    """Judge any website: cookies, personal data, transfers, sovereignty, transparency (docs/howto/audit-a-site.md)."""
    if options["watch"]:
        check()
        from portevoix.operations.management.watching import watch

        return watch(options["url"], options["every"])
    from portevoix.auditor.engine.command import act

    return act(options)


COMMANDS: Mapping[str, tuple[Callable[[ArgumentParser], None], Callable[[Options, Check], int]]] = {
    "audit": (audit_arguments, audit),
    "demo": (demo_arguments, demo),
    "mailcatcher": (mailcatcher_arguments, mailcatcher),
    "serve": (serve_arguments, serve),
    "textcatcher": (textcatcher_arguments, textcatcher),
}


def run(command: str, words: Sequence[str], *, check: Check) -> int:
    """Run a command of these from the words typed; ``check`` refuses a configuration that cannot serve."""
    add_arguments, act = COMMANDS[command]
    parser = ArgumentParser(prog=f"portevoix {command}", description=act.__doc__)
    add_arguments(parser)
    return act(vars(parser.parse_args(words)), check)
