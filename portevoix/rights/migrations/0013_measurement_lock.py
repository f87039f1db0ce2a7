"""The lock on what people read, in the database: noted under a name only while its person agrees to that.

Loi 78-17, art. 82; CNIL, délibération 2026-042: the consent is read when the deed is written, under FOR SHARE, so that a
withdrawal comes wholly before or wholly after. When it ends, what it had let be noted goes by the same statement.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION rights_measurement_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground WHERE person_id = NEW.person_id AND purpose = 'measurement'
        AND withdrawn_at IS NULL AND NOT is_held FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'what somebody reads is noted without their agreement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'measurement_lock', TABLE = 'people_interaction';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER measurement_lock BEFORE INSERT ON people_interaction
    FOR EACH ROW WHEN (NEW.kind IN ('opened', 'clicked')) EXECUTE FUNCTION rights_measurement_lock();

CREATE FUNCTION rights_measurement_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM people_interaction WHERE person_id = NEW.person_id AND kind IN ('opened', 'clicked')
        AND NOT EXISTS (SELECT FROM rights_ground g WHERE g.person_id = NEW.person_id
            AND g.purpose = 'measurement' AND g.withdrawn_at IS NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER measurement_ends AFTER UPDATE OF withdrawn_at ON rights_ground
    FOR EACH ROW WHEN (NEW.purpose = 'measurement' AND NEW.withdrawn_at IS NOT NULL)
    EXECUTE FUNCTION rights_measurement_ends();
"""
BACKWARD = """
DROP TRIGGER measurement_ends ON rights_ground;
DROP FUNCTION rights_measurement_ends();
DROP TRIGGER measurement_lock ON people_interaction;
DROP FUNCTION rights_measurement_lock();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0012_purpose_targeting"), ("people", "0011_kinds_of_measurement")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
