"""A campaign always has somebody who may give mandates: the database refuses to lose the last one.

Checked when the transaction ends, so that one director may follow another; one at a time, so that two who remove each
other at the same moment are not both right.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION accounts_keep_a_director() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_keep_a_director'));
    IF NOT EXISTS (
        SELECT FROM accounts_user u
        WHERE u.is_active AND (u.is_superuser OR EXISTS (
            SELECT FROM accounts_mandate m WHERE m.user_id = u.id AND m.role = 'director'
        ))
    ) THEN
        RAISE EXCEPTION 'a campaign has at least one director' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER accounts_mandate_keep_a_director AFTER UPDATE OR DELETE ON accounts_mandate
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.role = 'director')
    EXECUTE FUNCTION accounts_keep_a_director();
CREATE CONSTRAINT TRIGGER accounts_user_keep_a_director_closed AFTER UPDATE ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.is_active AND NOT NEW.is_active OR OLD.is_superuser AND NOT NEW.is_superuser)
    EXECUTE FUNCTION accounts_keep_a_director();
CREATE CONSTRAINT TRIGGER accounts_user_keep_a_director AFTER DELETE ON accounts_user
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.is_superuser)
    EXECUTE FUNCTION accounts_keep_a_director();
"""
BACKWARD = """
DROP TRIGGER accounts_mandate_keep_a_director ON accounts_mandate;
DROP TRIGGER accounts_user_keep_a_director_closed ON accounts_user;
DROP TRIGGER accounts_user_keep_a_director ON accounts_user;
DROP FUNCTION accounts_keep_a_director();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_sign_in")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
