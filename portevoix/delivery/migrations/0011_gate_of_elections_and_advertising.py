"""The last gate knows of electoral silence and of political advertisements.

Nothing of propaganda begins to leave where silence holds (code électoral, art. L. 49), by the database's own clock:
whoever forgets the dispatcher's waiting is refused. A targeted advertisement waits and leaves only for people who agree
to that, live and not restricted, and who are known to be at least 17; any advertisement, for nobody known to be younger
(regulation (EU) 2024/900, art. 18). What costs something is asked only where there is silence, or an advertisement.
"""

from django.db import migrations

BEFORE = """
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
{more}    RETURN NULL;
END $$;
"""
MORE = """
    IF EXISTS (SELECT FROM territory_silenthours s
               WHERE s.begins_at <= clock_timestamp() AND s.ends_at > clock_timestamp()) THEN
        EXECUTE 'SELECT count(*) FROM written w
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
            SELECT FROM written w JOIN delivery_batch b ON b.id = w.batch_id JOIN rights_ground t
                ON t.person_id = w.person_id AND t.purpose = ''targeting'' AND t.withdrawn_at IS NULL AND NOT t.is_held
            WHERE w.state IN (''queued'', ''sending'') AND b.advertising = ''targeted''
            FOR SHARE OF t) AS locked' INTO admitted;
        EXECUTE 'SELECT count(*) FILTER (WHERE b.advertising = ''targeted''),
                count(*) FILTER (WHERE p.born_on > (now() AT TIME ZONE ''Europe/Paris'')::date - interval ''17 years''
                    OR (p.born_on IS NULL AND b.advertising = ''targeted''))
            FROM written w JOIN delivery_batch b ON b.id = w.batch_id JOIN people_person p ON p.id = w.person_id
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
"""
AFTER = BEFORE.replace("    admitted bigint;", "    admitted bigint;\n    refused bigint;")


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0010_measuring"),
        ("territory", "0004_elections"),
        ("people", "0011_kinds_of_measurement"),
        ("rights", "0012_purpose_targeting"),
    ]
    operations = [migrations.RunSQL(AFTER.replace("{more}", MORE), BEFORE.replace("{more}", ""))]
