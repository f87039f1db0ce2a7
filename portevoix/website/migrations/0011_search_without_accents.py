"""« ecole » finds « école ». What was indexed before is indexed anew by « prepare »."""

from django.db import migrations

FORWARD = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE TEXT SEARCH CONFIGURATION french_unaccented (COPY = french);
ALTER TEXT SEARCH CONFIGURATION french_unaccented
    ALTER MAPPING FOR asciihword, asciiword, hword_asciipart, hword, hword_part, word
    WITH unaccent, french_stem;
"""
BACKWARD = "DROP TEXT SEARCH CONFIGURATION french_unaccented"


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),  # the extension
        ("website", "0010_banner_in_each_language"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
