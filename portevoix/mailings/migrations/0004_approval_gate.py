"""The database keeps a letter that nobody approved, whoever writes to it.

While `mailings_approvalrule` asks for a second person, a row of `mailings_mailing` leaves the state of draft only with an
approval that holds. A change to the letter, to its own text or to whom it goes ends the approval in the same transaction.
An answer is never rewritten, nor taken away while its draft is there.
"""

from django.db import migrations

UP = """
CREATE FUNCTION mailings_needs_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM mailings_approvalrule WHERE is_asked)
        AND NOT EXISTS (SELECT 1 FROM mailings_approval WHERE mailing_id = NEW.id AND state = 'approved')
    THEN
        RAISE EXCEPTION 'mailing % leaves without the approval of a second person', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'mailing_needs_approval';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mailing_needs_approval BEFORE UPDATE OF state ON mailings_mailing
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION mailings_needs_approval();
CREATE TRIGGER mailing_born_needs_approval BEFORE INSERT ON mailings_mailing
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION mailings_needs_approval();

CREATE FUNCTION mailings_lapse_approval() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHERE mailing_id = changed AND state IN ('asked', 'approved')
        AND EXISTS (SELECT 1 FROM mailings_mailing WHERE id = changed AND state = 'draft');
    RETURN NULL;
END $$;
CREATE TRIGGER mailing_changed_lapses_approval
    AFTER UPDATE OF subject, preheader, sender_name, reply_to, body, segment_id ON mailings_mailing
    FOR EACH ROW WHEN (
        (OLD.subject, OLD.preheader, OLD.sender_name, OLD.reply_to, OLD.body, OLD.segment_id)
        IS DISTINCT FROM (NEW.subject, NEW.preheader, NEW.sender_name, NEW.reply_to, NEW.body, NEW.segment_id)
    ) EXECUTE FUNCTION mailings_lapse_approval();
CREATE TRIGGER own_text_changed_lapses_approval
    AFTER INSERT OR UPDATE OF words OR DELETE ON mailings_owntext
    FOR EACH ROW EXECUTE FUNCTION mailings_lapse_approval();

CREATE FUNCTION mailings_keep_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.mailing_id, OLD.digest, OLD.asked_at, OLD.request)
        IS DISTINCT FROM (NEW.mailing_id, NEW.digest, NEW.asked_at, NEW.request)
        OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id AND NEW.asked_by_id IS NOT NULL
        OR OLD.state IN ('refused', 'lapsed') AND NEW.state <> OLD.state
        OR OLD.state = 'approved' AND NEW.state NOT IN ('approved', 'lapsed')
        OR OLD.state <> 'asked' AND (
            (OLD.answered_at, OLD.word) IS DISTINCT FROM (NEW.answered_at, NEW.word)
            OR NEW.answered_by_id IS DISTINCT FROM OLD.answered_by_id AND NEW.answered_by_id IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'an answer about a letter is not rewritten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_is_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approval_is_kept BEFORE UPDATE ON mailings_approval
    FOR EACH ROW EXECUTE FUNCTION mailings_keep_approval();
"""

DOWN = """
DROP TRIGGER approval_is_kept ON mailings_approval;
DROP TRIGGER own_text_changed_lapses_approval ON mailings_owntext;
DROP TRIGGER mailing_changed_lapses_approval ON mailings_mailing;
DROP TRIGGER mailing_born_needs_approval ON mailings_mailing;
DROP TRIGGER mailing_needs_approval ON mailings_mailing;
DROP FUNCTION mailings_keep_approval();
DROP FUNCTION mailings_lapse_approval();
DROP FUNCTION mailings_needs_approval();
"""


class Migration(migrations.Migration):
    dependencies = [("mailings", "0003_composer")]
    operations = [migrations.RunSQL(UP, DOWN)]
