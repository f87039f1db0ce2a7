"""The surroundings of a worker that runs beside the tests, on their database and a server of theirs."""

from __future__ import annotations

import os
from pathlib import Path

from django.db import connection

from tests.delivery.scripted_server import ScriptedServer


def surroundings(server: ScriptedServer, folder: Path, *, connections: int) -> dict[str, str]:
    """Return the environment in which a host would start it."""
    where = connection.settings_dict
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portevoix.conf.settings.base",
        "DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?host={where['HOST']}",
        "PORTEVOIX_SECRETS_KEY": "k" * 60,
        "PORTEVOIX_DATA_DIR": str(folder),
        "PORTEVOIX_MAIL_HOST": "127.0.0.1",
        "PORTEVOIX_MAIL_PORT": str(server.port),
        "PORTEVOIX_MAIL_CONNECTIONS": str(connections),
    }
