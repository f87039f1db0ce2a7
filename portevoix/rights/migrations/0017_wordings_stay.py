"""What people agreed to is never written anew, nor taken away, in the database too (RGPD art. 7(1))."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION rights_wording_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the words that people agreed to stay as they were: write a new version'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'wording_stays', TABLE = 'rights_wording';
END $$;
CREATE TRIGGER wording_stays BEFORE UPDATE OR DELETE ON rights_wording
    FOR EACH ROW EXECUTE FUNCTION rights_wording_stays();
"""
BACKWARD = """
DROP TRIGGER wording_stays ON rights_wording;
DROP FUNCTION rights_wording_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0016_members_term_and_request_words")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
