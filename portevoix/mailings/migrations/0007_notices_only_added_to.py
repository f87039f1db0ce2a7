"""Notices of political advertisements are only added to, for seven years: raw SQL obeys as well.

A version may go when its time is over by the database's own clock, and not before (regulation (EU) 2024/900, art. 12).
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION mailings_notice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.kept_until < (now() AT TIME ZONE 'Europe/Paris')::date THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'notices of advertisements are only added to, and kept seven years: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', TABLE = 'mailings_notice';
END $$;
CREATE TRIGGER mailings_notice_stays BEFORE UPDATE OR DELETE ON mailings_notice
    FOR EACH ROW EXECUTE FUNCTION mailings_notice_stays();
CREATE TRIGGER mailings_notices_stay BEFORE TRUNCATE ON mailings_notice
    FOR EACH STATEMENT EXECUTE FUNCTION mailings_notice_stays();
"""
BACKWARD = """
DROP TRIGGER mailings_notices_stay ON mailings_notice;
DROP TRIGGER mailings_notice_stays ON mailings_notice;
DROP FUNCTION mailings_notice_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("mailings", "0006_measures_and_adverts")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
