"""Nor does anybody empty the journal: TRUNCATE fires no trigger of rows, so that it has one of its own."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER journal_is_never_emptied BEFORE TRUNCATE ON journal_entry
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
"""
BACKWARD = "DROP TRIGGER journal_is_never_emptied ON journal_entry;"


class Migration(migrations.Migration):
    dependencies = [("journal", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
