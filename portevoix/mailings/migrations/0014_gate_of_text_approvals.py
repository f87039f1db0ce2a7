"""The database keeps a text message that nobody approved, as it keeps a letter, whoever writes to it.

While `mailings_approvalrule` asks for a second person, a row of `mailings_shortmessage` leaves the state of draft only
with an approval that holds, its own or that of the text of which it is a version. A change to the words, to whom it goes,
to its versions or to what it declares as an advertisement ends the approval in the same transaction.
"""

from django.db import migrations

UP = """
CREATE FUNCTION mailings_text_needs_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM mailings_approvalrule WHERE is_asked)
        AND NOT EXISTS (SELECT 1 FROM mailings_textapproval WHERE mailing_id = NEW.id AND state = 'approved')
        AND NOT EXISTS (
            SELECT 1 FROM mailings_textversion v JOIN mailings_texttrial t ON t.id = v.trial_id
            JOIN mailings_textapproval a ON a.mailing_id = t.mailing_id AND a.state = 'approved'
            WHERE v.mailing_id = NEW.id
        )
    THEN
        RAISE EXCEPTION 'text message % leaves without the approval of a second person', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'text_needs_approval';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER text_needs_approval BEFORE UPDATE OF state ON mailings_shortmessage
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft') EXECUTE FUNCTION mailings_text_needs_approval();
CREATE TRIGGER text_born_needs_approval BEFORE INSERT ON mailings_shortmessage
    FOR EACH ROW WHEN (NEW.state <> 'draft') EXECUTE FUNCTION mailings_text_needs_approval();

CREATE FUNCTION mailings_lapse_text_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line jsonb := to_jsonb(coalesce(NEW, OLD));
    changed bigint := (line ->> CASE TG_TABLE_NAME WHEN 'mailings_shortmessage' THEN 'id' ELSE 'mailing_id' END)::bigint;
BEGIN
    UPDATE mailings_textapproval SET state = 'lapsed', lapsed_at = now()
        WHERE state IN ('asked', 'approved') AND mailing_id IN (
            SELECT changed UNION ALL
            SELECT t.mailing_id FROM mailings_textversion v JOIN mailings_texttrial t ON t.id = v.trial_id
            WHERE v.mailing_id = changed
        )
        AND EXISTS (SELECT 1 FROM mailings_shortmessage m WHERE m.id = mailing_id AND m.state = 'draft');
    RETURN NULL;
END $$;
CREATE TRIGGER text_changed_lapses_approval
    AFTER UPDATE OF words, segment_id ON mailings_shortmessage
    FOR EACH ROW WHEN ((OLD.words, OLD.segment_id) IS DISTINCT FROM (NEW.words, NEW.segment_id))
    EXECUTE FUNCTION mailings_lapse_text_approval();
CREATE TRIGGER version_added_lapses_approval AFTER INSERT OR UPDATE ON mailings_textversion
    FOR EACH ROW EXECUTE FUNCTION mailings_lapse_text_approval();
CREATE TRIGGER advert_changed_lapses_approval AFTER INSERT OR UPDATE OR DELETE ON mailings_textadvert
    FOR EACH ROW EXECUTE FUNCTION mailings_lapse_text_approval();
CREATE TRIGGER approval_is_kept BEFORE UPDATE ON mailings_textapproval
    FOR EACH ROW EXECUTE FUNCTION mailings_keep_approval();
"""

DOWN = """
DROP TRIGGER approval_is_kept ON mailings_textapproval;
DROP TRIGGER advert_changed_lapses_approval ON mailings_textadvert;
DROP TRIGGER version_added_lapses_approval ON mailings_textversion;
DROP TRIGGER text_changed_lapses_approval ON mailings_shortmessage;
DROP TRIGGER text_born_needs_approval ON mailings_shortmessage;
DROP TRIGGER text_needs_approval ON mailings_shortmessage;
DROP FUNCTION mailings_lapse_text_approval();
DROP FUNCTION mailings_text_needs_approval();
"""


class Migration(migrations.Migration):
    dependencies = [("mailings", "0013_approval_of_texts")]
    operations = [migrations.RunSQL(UP, DOWN)]
