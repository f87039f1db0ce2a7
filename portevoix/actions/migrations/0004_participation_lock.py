"""Nobody's part in an action counts without a live ground, whatever writes it (RGPD art. 9(2)(a))."""

from __future__ import annotations

from django.db import migrations

FORWARD = """
CREATE FUNCTION actions_participation_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground
    WHERE person_id = NEW.person_id AND purpose = NEW.purpose AND withdrawn_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a part in an action without a live ground (GDPR art. 9)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'participation_lock', TABLE = 'actions_participation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER participation_lock BEFORE INSERT OR UPDATE OF confirmed_at, purpose ON actions_participation
    FOR EACH ROW WHEN (NEW.confirmed_at IS NOT NULL) EXECUTE FUNCTION actions_participation_lock();
"""
BACKWARD = """
DROP TRIGGER participation_lock ON actions_participation;
DROP FUNCTION actions_participation_lock();
"""


class Migration(migrations.Migration):
    dependencies = [("actions", "0003_taking_part")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
