"""`python -m benchmarks.run [beginning of a name]`: run the benchmarks, rewrite their rows, fail on a missed goal.

The heaviest run only when what is given is the beginning of nothing else.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
from pathlib import Path

import benchmarks
from portevoix.operations.embedded import DURABLE, Cluster


def main(beginning: str = "") -> int:
    """Run those whose name begins so; return the exit code."""
    # Durable settings, the same for both sides: what is measured is what a campaign gets.
    with (
        tempfile.TemporaryDirectory(prefix="portevoix-bench-", ignore_cleanup_errors=True) as folder,
        Cluster(Path(folder) / "cluster", settings=DURABLE) as cluster,
    ):
        cluster.ensure_database()
        _configure(cluster.url(), Path(folder) / "data")
        return _run(beginning)


def _configure(url: str, data: Path) -> None:
    data.mkdir()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="portevoix.conf.settings.base",
        PORTEVOIX_CONFIG=str(data / "portevoix.toml"),
        PORTEVOIX_DATA_DIR=str(data),
        DATABASE_URL=url,
        PORTEVOIX_SECRETS_KEY="benchmarks-" + "k" * 50,
    )
    import django

    django.setup()


def _run(beginning: str) -> int:
    from benchmarks import harness

    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name not in {"harness", "run"}:
            importlib.import_module(f"benchmarks.{module.name}")
    named = [one for name, one in sorted(harness.BENCHMARKS.items()) if name.startswith(beginning)]
    chosen = [one for one in named if not one.on_request] or named
    if not chosen:
        print(f"No benchmark begins with “{beginning}”. There are: {', '.join(sorted(harness.BENCHMARKS))}.")
        return 1
    harness.make_template()
    missed = []
    for kind in chosen:
        print(f"{kind.name} …", flush=True)
        row, is_reached = harness.measure(kind, lambda line: print(line, flush=True))
        harness.keep(row)
        print(row.shown, flush=True)
        if not is_reached:
            missed.append(kind.name)
    if missed:
        print(f"Goals missed: {', '.join(missed)}.")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
