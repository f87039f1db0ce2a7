"""What is published changes no more, raw SQL included: those under way follow what they were promised."""

from django.db import migrations

VERSION = """
CREATE FUNCTION journeys_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION 'a published version of an automation is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER version_stays BEFORE UPDATE OR DELETE ON journeys_version
FOR EACH ROW EXECUTE FUNCTION journeys_version_stays();
"""
STEP = """
CREATE FUNCTION journeys_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.version_id ELSE NEW.version_id END;
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'passed' = to_jsonb(OLD) - 'passed' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM journeys_version WHERE id = of_version AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'a step of a published version is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER step_stays BEFORE INSERT OR UPDATE OR DELETE ON journeys_step
FOR EACH ROW EXECUTE FUNCTION journeys_step_stays();
"""
LETTER = """
CREATE FUNCTION journeys_letter_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_step bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.step_id ELSE NEW.step_id END;
BEGIN
    IF EXISTS (
        SELECT FROM journeys_step step JOIN journeys_version version ON version.id = step.version_id
        WHERE step.id = of_step AND version.published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'a letter of a published version is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER letter_stays BEFORE INSERT OR UPDATE OR DELETE ON journeys_letter
FOR EACH ROW EXECUTE FUNCTION journeys_letter_stays();
"""


def undo(name: str) -> str:
    return f"DROP FUNCTION journeys_{name}_stays() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("journeys", "0001_initial")]

    operations = [
        migrations.RunSQL(VERSION, undo("version")),
        migrations.RunSQL(STEP, undo("step")),
        migrations.RunSQL(LETTER, undo("letter")),
    ]
