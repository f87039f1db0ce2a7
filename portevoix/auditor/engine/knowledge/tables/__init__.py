"""Our own dated tables. Rooms above read those of countries from here too."""

from pathlib import Path

TABLES = Path(__file__).parent
