"""French order in the database, whatever the collation of its host: « élu » stands between « école » and « emploi »."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Func


class Unaccented(Func):
    """A text as it is sorted: in lower case, its accents taken off; needs no extension."""

    template = r"lower(regexp_replace(normalize(%(expressions)s, NFD), '[\u0300-\u036f]', '', 'g'))"
    output_field: Any = CharField()
