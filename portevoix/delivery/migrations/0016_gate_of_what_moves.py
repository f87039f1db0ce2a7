"""The last gate looks at what is put where it may leave, and not again at what is there already.

Whoever unsubscribes while their letter is in a dispatcher's hands writes that on its row: a pause, a stop or electoral
silence that began meanwhile is no reason to refuse it (RFC 8058), nor to keep two records from being merged. A trigger
that sees all the rows of a statement may name no columns: it compares them with what they were. Pauses and silence ask
about a message whose state or batch changes; grounds and advertisements, about one that changes person or ground too.
"""

from django.db import migrations

MOVED = """(SELECT n.* FROM written n LEFT JOIN former o ON o.id = n.id
    WHERE o.id IS NULL OR ROW(n.state, n.batch_id) IS DISTINCT FROM ROW(o.state, o.batch_id))"""
CHANGED = """(SELECT n.* FROM written n LEFT JOIN former o ON o.id = n.id
    WHERE o.id IS NULL OR ROW(n.state, n.batch_id, n.ground_id, n.person_id, n.channel, n.purpose)
        IS DISTINCT FROM ROW(o.state, o.batch_id, o.ground_id, o.person_id, o.channel, o.purpose))"""
GATE = """
CREATE FUNCTION delivery_gate_again() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_pauses bigint;
    may_leave bigint;
    admitted bigint;
    closed bigint;
    refused bigint;
BEGIN
    SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')), count(*) FILTER (WHERE state IN ('sending', 'paused'))
        INTO may_leave, of_pauses FROM written;
    IF of_pauses > 0 THEN
        EXECUTE 'SELECT count(*) FROM (
            SELECT b.stopped_at, b.paused_at, wanted.state
            FROM (SELECT batch_id, state FROM {moved} w WHERE state IN (''sending'', ''paused'') GROUP BY 1, 2) AS wanted
            JOIN delivery_batch b ON b.id = wanted.batch_id
            FOR SHARE OF b
        ) AS held
        WHERE stopped_at IS NOT NULL OR (state = ''paused'') <> (paused_at IS NOT NULL)' INTO closed;
        IF closed > 0 THEN
            RAISE EXCEPTION 'messages of % batch(es) that are stopped, or paused, or not paused', closed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
        END IF;
    END IF;
    IF may_leave = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT count(*) FROM {changed} w WHERE state IN (''queued'', ''sending'')' INTO may_leave;
    IF may_leave = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT count(*) FROM (
        SELECT FROM {changed} w JOIN rights_ground g ON g.id = w.ground_id
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL AND NOT g.is_held
        FOR SHARE OF g) AS locked' INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;

    IF EXISTS (SELECT FROM territory_silenthours s
               WHERE s.begins_at <= clock_timestamp() AND s.ends_at > clock_timestamp()) THEN
        EXECUTE 'SELECT count(*) FROM {moved} w
            JOIN people_person p ON p.id = w.person_id
            LEFT JOIN territory_commune c ON c.code = p.commune_id
            WHERE w.state = ''sending'' AND w.purpose <> ''service'' AND EXISTS (
                SELECT FROM territory_silenthours s WHERE s.departement = coalesce(c.departement_id, '''')
                AND s.begins_at <= clock_timestamp() AND s.ends_at > clock_timestamp())' INTO refused;
        IF refused > 0 THEN
            RAISE EXCEPTION '% message(s) in electoral silence', refused
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_silence', TABLE = 'delivery_message';
        END IF;
    END IF;

    IF EXISTS (SELECT FROM delivery_batch WHERE advertising <> 'none') THEN
        EXECUTE 'SELECT count(*) FROM (
            SELECT FROM {changed} w JOIN delivery_batch b ON b.id = w.batch_id JOIN rights_ground t
                ON t.person_id = w.person_id AND t.purpose = ''targeting'' AND t.withdrawn_at IS NULL AND NOT t.is_held
            WHERE w.state IN (''queued'', ''sending'') AND b.advertising = ''targeted''
            FOR SHARE OF t) AS locked' INTO admitted;
        EXECUTE 'SELECT count(*) FILTER (WHERE b.advertising = ''targeted''),
                count(*) FILTER (WHERE p.born_on > (now() AT TIME ZONE ''Europe/Paris'')::date - interval ''17 years''
                    OR (p.born_on IS NULL AND b.advertising = ''targeted''))
            FROM {changed} w JOIN delivery_batch b ON b.id = w.batch_id JOIN people_person p ON p.id = w.person_id
            WHERE w.state IN (''queued'', ''sending'') AND b.advertising <> ''none''' INTO may_leave, refused;
        IF admitted <> may_leave THEN
            RAISE EXCEPTION '% targeted advertisement(s) without a live ground for targeting', may_leave - admitted
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_targeting', TABLE = 'delivery_message';
        END IF;
        IF refused > 0 THEN
            RAISE EXCEPTION '% advertisement(s) to people under 17, or targeted at an unknown age', refused
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_age', TABLE = 'delivery_message';
        END IF;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER delivery_gate_on_update ON delivery_message;
CREATE TRIGGER delivery_gate_on_update AFTER UPDATE ON delivery_message
    REFERENCING OLD TABLE AS former NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION delivery_gate_again();
"""
BACKWARD = """
DROP TRIGGER delivery_gate_on_update ON delivery_message;
CREATE TRIGGER delivery_gate_on_update AFTER UPDATE ON delivery_message
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION delivery_gate();
DROP FUNCTION delivery_gate_again();
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0015_purpose_participation")]
    operations = [migrations.RunSQL(GATE.replace("{moved}", MOVED).replace("{changed}", CHANGED), BACKWARD)]
