"""A version that writes to people runs only once a second person has read it, where the campaign asks for that.

While `mailings_approvalrule` asks for a second person, a version with a step that sends letters or texts is published
only with an approval that holds, and no automation runs by a version that is not published: raw SQL obeys as well. A
change to the version, its steps, its letters or what it declares as an advertisement ends the approval in the same
transaction. An answer is never rewritten; what a published step declares is never changed.
"""

from django.db import migrations

UP = """
CREATE FUNCTION journeys_needs_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM mailings_approvalrule WHERE is_asked)
        AND EXISTS (SELECT 1 FROM journeys_step WHERE version_id = NEW.id AND kind IN ('mail', 'text'))
        AND NOT EXISTS (SELECT 1 FROM journeys_versionapproval WHERE version_id = NEW.id AND state = 'approved')
    THEN
        RAISE EXCEPTION 'version % of an automation runs without the approval of a second person', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_needs_approval';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_needs_approval BEFORE UPDATE OF published_at ON journeys_version
    FOR EACH ROW WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION journeys_needs_approval();

CREATE FUNCTION journeys_runs_what_is_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM journeys_version WHERE id = NEW.live_id AND published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'automation % would run by a version that is not published', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'runs_what_is_published';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER runs_what_is_published BEFORE INSERT OR UPDATE OF live_id ON journeys_journey
    FOR EACH ROW WHEN (NEW.live_id IS NOT NULL) EXECUTE FUNCTION journeys_runs_what_is_published();

CREATE FUNCTION journeys_lapse_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line jsonb := to_jsonb(coalesce(NEW, OLD));
    changed bigint := (line ->> CASE TG_TABLE_NAME WHEN 'journeys_version' THEN 'id' ELSE 'version_id' END)::bigint;
BEGIN
    IF changed IS NULL THEN
        SELECT version_id INTO changed FROM journeys_step WHERE id = (line ->> 'step_id')::bigint;
    END IF;
    UPDATE journeys_versionapproval SET state = 'lapsed', lapsed_at = now()
        WHERE version_id = changed AND state IN ('asked', 'approved')
        AND EXISTS (SELECT 1 FROM journeys_version WHERE id = changed AND published_at IS NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER version_changed_lapses_approval
    AFTER UPDATE OF "trigger", said, "only", goal, again_days, quiet_from, quiet_until ON journeys_version
    FOR EACH ROW WHEN (
        (OLD."trigger", OLD.said, OLD."only", OLD.goal, OLD.again_days, OLD.quiet_from, OLD.quiet_until)
        IS DISTINCT FROM (NEW."trigger", NEW.said, NEW."only", NEW.goal, NEW.again_days, NEW.quiet_from, NEW.quiet_until)
    ) EXECUTE FUNCTION journeys_lapse_approval();
CREATE TRIGGER step_came_or_went_lapses_approval AFTER INSERT OR DELETE ON journeys_step
    FOR EACH ROW EXECUTE FUNCTION journeys_lapse_approval();
-- What follows what, and how many passed, is worked out: not a change of what was read.
CREATE TRIGGER step_changed_lapses_approval
    AFTER UPDATE OF key, kind, said, parent_id, branch, position ON journeys_step
    FOR EACH ROW WHEN (
        (OLD.key, OLD.kind, OLD.said, OLD.parent_id, OLD.branch, OLD.position)
        IS DISTINCT FROM (NEW.key, NEW.kind, NEW.said, NEW.parent_id, NEW.branch, NEW.position)
    ) EXECUTE FUNCTION journeys_lapse_approval();
CREATE TRIGGER letter_changed_lapses_approval AFTER INSERT OR UPDATE OR DELETE ON journeys_letter
    FOR EACH ROW EXECUTE FUNCTION journeys_lapse_approval();
CREATE TRIGGER advert_changed_lapses_approval AFTER INSERT OR UPDATE OR DELETE ON journeys_stepadvert
    FOR EACH ROW EXECUTE FUNCTION journeys_lapse_approval();

CREATE FUNCTION journeys_keep_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.version_id, OLD.digest, OLD.asked_at, OLD.request)
        IS DISTINCT FROM (NEW.version_id, NEW.digest, NEW.asked_at, NEW.request)
        OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id AND NEW.asked_by_id IS NOT NULL
        OR OLD.state IN ('refused', 'lapsed') AND NEW.state <> OLD.state
        OR OLD.state = 'approved' AND NEW.state NOT IN ('approved', 'lapsed')
        OR OLD.state <> 'asked' AND (
            (OLD.answered_at, OLD.word) IS DISTINCT FROM (NEW.answered_at, NEW.word)
            OR NEW.answered_by_id IS DISTINCT FROM OLD.answered_by_id AND NEW.answered_by_id IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'an answer about an automation is not rewritten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_is_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_is_kept BEFORE UPDATE ON journeys_versionapproval
    FOR EACH ROW EXECUTE FUNCTION journeys_keep_approval();

CREATE FUNCTION journeys_advert_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_step bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.step_id ELSE NEW.step_id END;
BEGIN
    -- An election may be deleted: the public notice has kept its name.
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'election_id' = to_jsonb(OLD) - 'election_id' THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM journeys_step step JOIN journeys_version version ON version.id = step.version_id
        WHERE step.id = of_step AND version.published_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'what a published version declares is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER advert_stays BEFORE INSERT OR UPDATE OR DELETE ON journeys_stepadvert
FOR EACH ROW EXECUTE FUNCTION journeys_advert_stays();
"""

DOWN = """
DROP FUNCTION journeys_advert_stays() CASCADE;
DROP FUNCTION journeys_keep_approval() CASCADE;
DROP FUNCTION journeys_lapse_approval() CASCADE;
DROP FUNCTION journeys_runs_what_is_published() CASCADE;
DROP FUNCTION journeys_needs_approval() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("journeys", "0004_readings"), ("mailings", "0014_gate_of_text_approvals")]
    operations = [migrations.RunSQL(UP, DOWN)]
