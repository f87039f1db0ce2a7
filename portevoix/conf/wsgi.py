"""What the web server runs."""

from __future__ import annotations

import gc
import os

# Loading makes a million lasting objects and no waste: looking for some would take a sixth of the time.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portevoix.conf.settings.base")

application = get_wsgi_application()
assert get_resolver().url_patterns  # noqa: S101 - read now, not by the first visitor

gc.freeze()
gc.enable()
