"""A key dies with the rights of whoever made it: the database ends it, by whatever way those end.

A mandate that is given again, or an account that is opened again, brings no key back.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION api_end_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'accounts_mandate' THEN
        UPDATE api_key SET ended_at = clock_timestamp(), "end" = 'mandate' WHERE user_id = OLD.user_id AND ended_at IS NULL;
    ELSE
        UPDATE api_key SET ended_at = clock_timestamp(), "end" = 'account' WHERE user_id = OLD.id AND ended_at IS NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER api_keys_end_with_a_mandate AFTER UPDATE OR DELETE ON accounts_mandate
    FOR EACH ROW EXECUTE FUNCTION api_end_keys();
CREATE TRIGGER api_keys_end_with_an_account AFTER UPDATE ON accounts_user FOR EACH ROW WHEN (
    OLD.is_active AND NOT NEW.is_active OR OLD.is_superuser AND NOT NEW.is_superuser
    OR OLD.password IS DISTINCT FROM NEW.password AND NEW.password LIKE '!%'
) EXECUTE FUNCTION api_end_keys();
"""
BACKWARD = """
DROP TRIGGER api_keys_end_with_a_mandate ON accounts_mandate;
DROP TRIGGER api_keys_end_with_an_account ON accounts_user;
DROP FUNCTION api_end_keys();
"""


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial"), ("accounts", "0005_scope_of_roles")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
