"""The last gate, in the database: code, shell and raw SQL alike obey it (docs/decisions/0005).

A message leans on a ground of the same person, channel and purpose (composite key, which Django 5.2 cannot
write), and may wait or leave only while that ground is live. The trigger fires once a statement, after it,
on all the rows written: it locks their grounds FOR SHARE, so that a withdrawal comes wholly before or wholly
after. It plans each time (EXECUTE), since one row and a million want different plans.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE delivery_message ADD CONSTRAINT message_leans_on_its_ground
    FOREIGN KEY (ground_id, person_id, channel, purpose)
    REFERENCES rights_ground (id, person_id, channel, purpose)
    ON UPDATE CASCADE ON DELETE CASCADE;

CREATE FUNCTION delivery_gate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_leave bigint;
    admitted bigint;
BEGIN
    SELECT count(*) INTO may_leave FROM written WHERE state IN ('queued', 'sending');
    IF may_leave = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT count(*) FROM (
        SELECT FROM written w JOIN rights_ground g ON g.id = w.ground_id
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL
        FOR SHARE OF g) AS locked' INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER delivery_gate_on_insert AFTER INSERT ON delivery_message
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION delivery_gate();
CREATE TRIGGER delivery_gate_on_update AFTER UPDATE ON delivery_message
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION delivery_gate();
"""
BACKWARD = """
DROP TRIGGER delivery_gate_on_update ON delivery_message;
DROP TRIGGER delivery_gate_on_insert ON delivery_message;
DROP FUNCTION delivery_gate();
ALTER TABLE delivery_message DROP CONSTRAINT message_leans_on_its_ground;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("rights", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
