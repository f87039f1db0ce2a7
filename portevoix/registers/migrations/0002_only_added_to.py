"""What was written in the registers stays: the database refuses to change, remove or empty it, to raw SQL too.

It also refuses a first notification to the authority after 72 hours without the reason (RGPD art. 33(1)). Hours are
hours of real time: the moments are timestamps with time zone, so that a change of the clock makes no difference.
"""

from django.db import migrations

TABLES = ("edition", "breach", "statement", "notification", "assessment")

FORWARD = """
CREATE FUNCTION registers_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the registers are only added to: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$;

CREATE FUNCTION registers_late_says_why() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known timestamptz;
BEGIN
    IF NEW.addressee <> 'authority' OR btrim(NEW.delay_reason) <> '' THEN
        RETURN NEW;
    END IF;
    -- The moment is read under a lock, so that an amendment meanwhile does not move it.
    PERFORM FROM registers_breach WHERE id = NEW.breach_id FOR UPDATE;
    IF EXISTS (SELECT FROM registers_notification WHERE breach_id = NEW.breach_id AND addressee = 'authority') THEN
        RETURN NEW;
    END IF;
    SELECT aware_at INTO known FROM registers_statement WHERE breach_id = NEW.breach_id ORDER BY version DESC LIMIT 1;
    IF known IS NULL THEN
        RAISE EXCEPTION 'a breach without a statement is notified to nobody' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.made_at > known + interval '72 hours' THEN
        RAISE EXCEPTION 'a notification after 72 hours says why' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registers_late_says_why BEFORE INSERT ON registers_notification
    FOR EACH ROW EXECUTE FUNCTION registers_late_says_why();
""" + "".join(
    f"""
CREATE TRIGGER registers_only_adds BEFORE UPDATE OR DELETE OR TRUNCATE ON registers_{table}
    FOR EACH STATEMENT EXECUTE FUNCTION registers_refuse_change();
"""
    for table in TABLES
)
BACKWARD = "".join(f"DROP TRIGGER registers_only_adds ON registers_{table};\n" for table in TABLES) + """
DROP TRIGGER registers_late_says_why ON registers_notification;
DROP FUNCTION registers_late_says_why(), registers_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
