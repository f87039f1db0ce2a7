"""A mark of origin is never changed: figures that could be corrected would prove nothing."""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE FUNCTION actions_origin_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a mark of origin is never changed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'origin_stays', TABLE = 'actions_originmark';
END $$;
CREATE TRIGGER origin_stays BEFORE UPDATE ON actions_originmark
    FOR EACH ROW EXECUTE FUNCTION actions_origin_stays();
"""
BACKWARD = """
DROP TRIGGER origin_stays ON actions_originmark;
DROP FUNCTION actions_origin_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("actions", "0010_signed")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
