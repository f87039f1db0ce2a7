"""Nor does anybody empty what people agreed to: TRUNCATE fires no trigger of rows, so that it has one of its own."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER wording_never_emptied BEFORE TRUNCATE ON rights_wording
    FOR EACH STATEMENT EXECUTE FUNCTION rights_wording_stays();
"""
BACKWARD = "DROP TRIGGER wording_never_emptied ON rights_wording;"


class Migration(migrations.Migration):
    dependencies = [("rights", "0018_key_of_suppressions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
