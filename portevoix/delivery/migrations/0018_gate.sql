-- The last gate of the outbox as it stands: what may wait or leave, whoever writes it (docs/decisions/0005).
-- It fires once a statement, after it, on all the rows written. Of rows that were there before, it asks of pauses and
-- silence about those whose state or batch changes, and of grounds and advertisements about those that change person or
-- ground too: who unsubscribes while their letter is on its way only writes that on its row (RFC 8058).
-- It plans each time (EXECUTE), since one row and a million want different plans.
-- To change it, copy this file under the number of the migration that loads it: what was applied is never edited.
CREATE OR REPLACE FUNCTION delivery_gate() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved text := 'written';
    changed text := 'written';
    may_leave bigint;
    of_pauses bigint;
    admitted bigint;
    refused bigint;
BEGIN
    SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')), count(*) FILTER (WHERE state IN ('sending', 'paused'))
        INTO may_leave, of_pauses FROM written;
    IF TG_OP = 'UPDATE' THEN
        moved := '(SELECT n.* FROM written n LEFT JOIN former o ON o.id = n.id
            WHERE o.id IS NULL OR ROW(n.state, n.batch_id) IS DISTINCT FROM ROW(o.state, o.batch_id))';
        changed := '(SELECT n.* FROM written n LEFT JOIN former o ON o.id = n.id
            WHERE o.id IS NULL OR ROW(n.state, n.batch_id, n.ground_id, n.person_id, n.channel, n.purpose)
                IS DISTINCT FROM ROW(o.state, o.batch_id, o.ground_id, o.person_id, o.channel, o.purpose))';
    END IF;

    -- Nothing leaves of a batch that is stopped, paused, or of no use any more.
    IF of_pauses > 0 THEN
        EXECUTE format('SELECT count(*) FROM (
            SELECT b.stopped_at, b.paused_at, b.not_after, wanted.state
            FROM (SELECT batch_id, state FROM %s w WHERE state IN (''sending'', ''paused'') GROUP BY 1, 2) AS wanted
            JOIN delivery_batch b ON b.id = wanted.batch_id
            FOR SHARE OF b
        ) AS held
        WHERE stopped_at IS NOT NULL OR (state = ''paused'') <> (paused_at IS NOT NULL)
            OR (state = ''sending'' AND not_after <= now())', moved) INTO refused;
        IF refused > 0 THEN
            RAISE EXCEPTION 'messages of % batch(es) that are stopped, or paused, or not paused, or past their use', refused
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
        END IF;
    END IF;

    -- Whatever may leave leans on a ground that is live; the lock makes a withdrawal come wholly before, or wholly after.
    IF TG_OP = 'UPDATE' AND may_leave > 0 THEN
        EXECUTE format('SELECT count(*) FROM %s w WHERE state IN (''queued'', ''sending'')', changed) INTO may_leave;
    END IF;
    IF may_leave = 0 THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT count(*) FROM (
        SELECT FROM %s w JOIN rights_ground g ON g.id = w.ground_id
        WHERE w.state IN (''queued'', ''sending'') AND g.withdrawn_at IS NULL AND NOT g.is_held
        FOR SHARE OF g) AS locked', changed) INTO admitted;
    IF admitted <> may_leave THEN
        RAISE EXCEPTION '% message(s) without a live ground', may_leave - admitted
            USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_gate', TABLE = 'delivery_message';
    END IF;

    -- Nothing of propaganda begins to leave in electoral silence, by the database's own clock (code électoral, art. L. 49).
    IF EXISTS (SELECT FROM territory_silenthours s
               WHERE s.begins_at <= clock_timestamp() AND s.ends_at > clock_timestamp()) THEN
        EXECUTE format('SELECT count(*) FROM %s w
            JOIN people_person p ON p.id = w.person_id
            LEFT JOIN territory_commune c ON c.code = p.commune_id
            WHERE w.state = ''sending'' AND w.purpose <> ''service'' AND EXISTS (
                SELECT FROM territory_silenthours s WHERE s.departement = coalesce(c.departement_id, '''')
                AND s.begins_at <= clock_timestamp() AND s.ends_at > clock_timestamp())', moved) INTO refused;
        IF refused > 0 THEN
            RAISE EXCEPTION '% message(s) in electoral silence', refused
                USING ERRCODE = 'check_violation', CONSTRAINT = 'delivery_silence', TABLE = 'delivery_message';
        END IF;
    END IF;

    -- A targeted advertisement goes to who agrees to that and is known to be 17 or more; any advertisement, to nobody
    -- known to be younger (regulation (EU) 2024/900, art. 18).
    IF EXISTS (SELECT FROM delivery_batch WHERE advertising <> 'none') THEN
        EXECUTE format('SELECT count(*) FROM (
            SELECT FROM %s w JOIN delivery_batch b ON b.id = w.batch_id JOIN rights_ground t
                ON t.person_id = w.person_id AND t.purpose = ''targeting'' AND t.withdrawn_at IS NULL AND NOT t.is_held
            WHERE w.state IN (''queued'', ''sending'') AND b.advertising = ''targeted''
            FOR SHARE OF t) AS locked', changed) INTO admitted;
        EXECUTE format('SELECT count(*) FILTER (WHERE b.advertising = ''targeted''),
                count(*) FILTER (WHERE p.born_on > (now() AT TIME ZONE ''Europe/Paris'')::date - interval ''17 years''
                    OR (p.born_on IS NULL AND b.advertising = ''targeted''))
            FROM %s w JOIN delivery_batch b ON b.id = w.batch_id JOIN people_person p ON p.id = w.person_id
            WHERE w.state IN (''queued'', ''sending'') AND b.advertising <> ''none''', changed) INTO may_leave, refused;
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
