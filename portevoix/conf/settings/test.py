"""Settings of the tests: the same product, with quick password hashes and nothing written outside temporary folders."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["PORTEVOIX_CONFIG"] = os.devnull  # a demo that runs in the same checkout changes no test

from portevoix.conf.settings.base import *  # noqa: F403
from portevoix.conf.settings.base import DATABASES, STORAGES

del os.environ["PORTEVOIX_CONFIG"]

SECRET_KEY = "tests-only-" + "0" * 50
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["OPTIONS"].pop("pool", None)  # each test thread holds its own connection
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_folder = tempfile.TemporaryDirectory(prefix="portevoix-test-", ignore_cleanup_errors=True)  # goes with the process
DATA_DIR = Path(os.environ.get("PORTEVOIX_TEST_DATA_DIR") or _folder.name)
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
WHITENOISE_USE_FINDERS = True
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WEBHOOK_NETWORKS = ("127.0.0.0/8",)
FORM_SOONEST = 0  # tests are quick; the one that is about it says so
COUNT_VISITS = False  # a thread that writes would cross the tests' transactions
LOGGING = {"version": 1, "disable_existing_loggers": False}
