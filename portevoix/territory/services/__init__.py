"""The writers of the territory: the official list goes into the database, again each year."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from portevoix.accounts.commands import command, note
from portevoix.accounts.types import Actor, Role
from portevoix.territory import readers


@dataclass(frozen=True)
class Loaded:
    """What an import of the official list left in the database, and how much of it was new or different."""

    regions: int
    departements: int
    communes: int
    postcodes: int
    changed: int


#: For each table, in the order of the foreign keys: columns of the file, columns of the table, how to read them.
_REGIONS = ("territory_region", "code, name", "code, name")
_DEPARTEMENTS = ("territory_departement", "code, name, region_id", "code, name, region")
_COMMUNES = (
    "territory_commune",
    "code, name, sort_key, departement_id, parent_id, population, latitude, longitude, h3_5, postcodes",
    "code, name, sort_key, departement, parent, population::int, latitude::float8, longitude::float8, h3_5, "
    "string_to_array(postcodes, ' ')",
)


_STAGED = ("regions", "departements", "communes", "postcodes")


@command("territory.import_communes", label=_("Import the official list of communes"), roles={Role.DATA_OFFICER})
def import_communes(*, actor: Actor) -> Loaded:
    """Make the database say what the shipped list says; a second run changes nothing.

    A commune that has left the list stays, without postcodes: persons may still be attached to it.
    """
    changed = 0
    with connection.cursor() as cursor:
        for name, (table, columns, values) in {
            "regions": _REGIONS,
            "departements": _DEPARTEMENTS,
            "communes": _COMMUNES,
        }.items():
            _stage(cursor, name)
            names = columns.split(", ")
            updates = ", ".join(f"{column} = excluded.{column}" for column in names[1:])
            before = ", ".join(f"{table}.{column}" for column in names[1:])
            after = ", ".join(f"excluded.{column}" for column in names[1:])
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM staged_{name} "  # noqa: S608 – constants above
                f"ON CONFLICT (code) DO UPDATE SET {updates} WHERE ({before}) IS DISTINCT FROM ({after})"
            )
            changed += cursor.rowcount
        changed += _replace_postcodes(cursor)
        # Planned without statistics, the first joins after a load take minutes.
        cursor.execute("ANALYZE territory_commune, territory_postcode")
        loaded = Loaded(**{name: _count(cursor, name) for name in _STAGED}, changed=changed)
    note(count=loaded.communes, **asdict(loaded))
    return loaded


def _stage(cursor: CursorWrapper, name: str) -> None:
    content = readers.table(name)
    columns = content[: content.index(b"\n")].decode()
    definition = ", ".join(f"{column} text" for column in columns.split(","))
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.staged_{name}")
    cursor.execute(f"CREATE TEMPORARY TABLE staged_{name} ({definition}) ON COMMIT DROP")
    with cursor.copy(f"COPY staged_{name} FROM STDIN WITH (FORMAT csv, HEADER true)") as copy:
        copy.write(content)
    cursor.execute(f"ANALYZE staged_{name}")


def _replace_postcodes(cursor: CursorWrapper) -> int:
    """Take away what the list no longer says, then add or correct the rest; return how many rows differed."""
    _stage(cursor, "postcodes")
    cursor.execute(
        "DELETE FROM territory_postcode AS known WHERE NOT EXISTS (SELECT FROM staged_postcodes AS listed"
        " WHERE listed.postcode = known.postcode AND coalesce(listed.city_key, '') = known.city_key)"
    )
    gone: int = cursor.rowcount
    cursor.execute(
        "INSERT INTO territory_postcode (postcode, city_key, commune_id)"
        " SELECT postcode, coalesce(city_key, ''), commune FROM staged_postcodes"
        " ON CONFLICT (postcode, city_key) DO UPDATE SET commune_id = excluded.commune_id"
        " WHERE territory_postcode.commune_id <> excluded.commune_id"
    )
    return gone + int(cursor.rowcount)


def _count(cursor: CursorWrapper, name: str) -> int:
    cursor.execute(f"SELECT count(*) FROM staged_{name}")  # noqa: S608 – one of _STAGED
    counted: int = cursor.fetchone()[0]
    return counted
