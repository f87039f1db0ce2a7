"""A batch may be paused and taken up again; the database sees to it that nobody is missed, nor written to meanwhile.

The gate asks of each message that leaves whether its batch may leave, and of each that is set aside whether its batch
is paused; it locks the batch, so that a pause comes wholly before or wholly after. At the end of a transaction that
takes a batch up again nothing of it is set aside any more, and none is closed before its last message.
"""

from django.db import migrations, models

GATE = """
CREATE OR REPLACE FUNCTION delivery_gate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    may_leave bigint;
    of_pauses bigint;
    admitted bigint;
    closed bigint;
BEGIN
    SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')), count(*) FILTER (WHERE state IN ('sending', 'paused'))
        INTO may_leave, of_pauses FROM written;
    IF of_pauses > 0 THEN
        SELECT count(*) INTO closed FROM (
            SELECT b.stopped_at, b.paused_at, wanted.state
            FROM (SELECT batch_id, state FROM written WHERE state IN ('sending', 'paused') GROUP BY 1, 2) AS wanted
            JOIN delivery_batch b ON b.id = wanted.batch_id
            FOR SHARE OF b
        ) AS held
        WHERE stopped_at IS NOT NULL OR (state = 'paused') <> (paused_at IS NOT NULL);
        IF closed > 0 THEN
            RAISE EXCEPTION 'messages of % batch(es) that are stopped, or paused, or not paused', closed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
        END IF;
    END IF;
    IF may_leave = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT count(*) FROM (
        SELECT FROM written w JOIN rights_ground g ON g.id = w.ground_id
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL AND NOT g.is_held
        FOR SHARE OF g) AS locked' INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION delivery_leaves_nobody_behind() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_is record;
BEGIN
    SELECT paused_at, finished_at INTO now_is FROM delivery_batch WHERE id = NEW.id;
    IF now_is.paused_at IS NULL
        AND EXISTS (SELECT FROM delivery_message WHERE batch_id = NEW.id AND state = 'paused')
    OR now_is.finished_at IS NOT NULL
        AND (EXISTS (SELECT FROM delivery_message WHERE batch_id = NEW.id AND state = 'queued')
            OR EXISTS (SELECT FROM delivery_message WHERE batch_id = NEW.id AND state = 'sending'))
    THEN
        RAISE EXCEPTION 'messages of batch % would be left behind', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'batch_leaves_nobody_behind', TABLE = 'delivery_batch';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER batch_leaves_nobody_behind AFTER UPDATE OF paused_at, finished_at ON delivery_batch
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION delivery_leaves_nobody_behind();
"""
FORMER_GATE = """
DROP TRIGGER batch_leaves_nobody_behind ON delivery_batch;
DROP FUNCTION delivery_leaves_nobody_behind();
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
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL AND NOT g.is_held
        FOR SHARE OF g) AS locked' INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0008_gate_of_restrictions")]
    operations = [
        migrations.AddField(
            model_name="batch",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="paused"),
        ),
        migrations.AlterField(
            model_name="message",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "waiting"),
                    ("sending", "being sent"),
                    ("paused", "paused"),
                    ("sent", "sent"),
                    ("failed", "refused"),
                    ("suppressed", "held back"),
                    ("uncertain", "uncertain"),
                ],
                default="queued",
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("state", "paused")), fields=["batch"], name="message_set_aside"),
        ),
        migrations.RunSQL(GATE, FORMER_GATE),
    ]
