"""What was prepared in a data folder, so that the next start need not ask the database.

Preparing (migrations, static files, demo content) loads all of Django and takes seconds; this takes milliseconds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PRODUCT = Path(__file__).parents[2]
#: Packages that bring tables or static files of their own.
PACKAGES = ("django", "wagtail", "procrastinate", "django-taggit", "whitenoise")
NAME = "prepared.json"


@dataclass(frozen=True)
class Login:
    """A published account of the demo."""

    role: str
    user: str
    password: str


@dataclass(frozen=True)
class Prepared:
    """The state a folder was left in, and for which code and address."""

    code: str = ""
    site: str = ""
    has_content: bool = False
    logins: tuple[Login, ...] = ()


def fingerprint() -> str:
    """Return a value that changes with every migration, static file and version of a package that has some."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        try:
            digest.update(f"{package} {version(package)}\n".encode())
        except PackageNotFoundError:
            digest.update(f"{package} absent\n".encode())
    for pattern in ("*/migrations/*.py", "*/static/**/*"):
        for path in sorted(PRODUCT.glob(pattern)):
            if path.is_file():
                about = path.stat()
                digest.update(f"{path.relative_to(PRODUCT)} {about.st_size} {about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def read(folder: Path) -> Prepared:
    """Return what is known of the folder; what cannot be read was never prepared."""
    try:
        values = json.loads((folder / NAME).read_text("utf-8"))
        logins = tuple(Login(**login) for login in values.pop("logins"))
        return Prepared(**values, logins=logins)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return Prepared()


def write(folder: Path, prepared: Prepared) -> None:
    """Remember the state of the folder."""
    unfinished = folder / f"{NAME}.new"
    unfinished.write_text(json.dumps(asdict(prepared), ensure_ascii=False, indent=1), "utf-8")
    unfinished.replace(folder / NAME)
