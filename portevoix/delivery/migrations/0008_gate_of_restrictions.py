"""The last gate knows of restrictions (RGPD art. 18): no message waits or leaves on a ground that is held.

The ground's row is the one that the gate locks FOR SHARE, so that a restriction comes wholly before or wholly after.
"""

from django.db import migrations

GATE = """
CREATE OR REPLACE FUNCTION delivery_gate() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL{more}
        FOR SHARE OF g) AS locked' INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0007_tally"), ("rights", "0010_requests")]
    operations = [migrations.RunSQL(GATE.replace("{more}", " AND NOT g.is_held"), GATE.replace("{more}", ""))]
