"""The versions of a letter leave on the approval of the letter that they are versions of, and change with it.

Whoever approves reads all of them: the digest that is approved names each. A change to one, one more of them, or a
change to the segments that the letter goes to or leaves out, ends the approval.
"""

from django.db import migrations

NEEDS = """
CREATE OR REPLACE FUNCTION mailings_needs_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM mailings_approvalrule WHERE is_asked)
        AND NOT EXISTS (SELECT 1 FROM mailings_approval WHERE mailing_id = NEW.id AND state = 'approved'){versions}
    THEN
        RAISE EXCEPTION 'mailing % leaves without the approval of a second person', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mailing_needs_approval';
    END IF;
    RETURN NEW;
END $$;
"""
VERSIONS = """
        AND NOT EXISTS (
            SELECT 1 FROM mailings_version v JOIN mailings_trial t ON t.id = v.trial_id
            JOIN mailings_approval a ON a.mailing_id = t.mailing_id AND a.state = 'approved'
            WHERE v.mailing_id = NEW.id
        )"""
LAPSE = """
CREATE OR REPLACE FUNCTION mailings_lapse_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint;
BEGIN
    IF TG_TABLE_NAME = 'mailings_mailing' THEN
        changed := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        changed := OLD.mailing_id;
    ELSE
        changed := NEW.mailing_id;
    END IF;
    UPDATE mailings_approval SET state = 'lapsed', lapsed_at = now()
        WHERE mailing_id {meant} AND state IN ('asked', 'approved')
        AND EXISTS (SELECT 1 FROM mailings_mailing m WHERE m.id = mailing_id AND m.state = 'draft');
    RETURN NULL;
END $$;
"""
WITH_VERSIONS = """IN (
            SELECT changed UNION ALL
            SELECT t.mailing_id FROM mailings_version v JOIN mailings_trial t ON t.id = v.trial_id
            WHERE v.mailing_id = changed
        )"""
WATCH = """
CREATE TRIGGER targets_changed_lapse_approval
    AFTER INSERT OR UPDATE OR DELETE ON mailings_target
    FOR EACH ROW EXECUTE FUNCTION mailings_lapse_approval();
CREATE TRIGGER version_added_lapses_approval
    AFTER INSERT OR UPDATE ON mailings_version
    FOR EACH ROW EXECUTE FUNCTION mailings_lapse_approval();
"""
UNWATCH = """
DROP TRIGGER version_added_lapses_approval ON mailings_version;
DROP TRIGGER targets_changed_lapse_approval ON mailings_target;
"""


class Migration(migrations.Migration):
    dependencies = [("mailings", "0008_short_message")]
    operations = [
        migrations.RunSQL(
            NEEDS.replace("{versions}", VERSIONS) + LAPSE.replace("{meant}", WITH_VERSIONS) + WATCH,
            UNWATCH + NEEDS.replace("{versions}", "") + LAPSE.replace("{meant}", "= changed"),
        )
    ]
