"""The lock on political opinions, in the database: screen, importer, shell and raw SQL alike obey it (RGPD art. 9).

An opinion leans on a ground of the same person for this very purpose (composite key, which Django 5.2 cannot write)
that is live when it is written, under FOR SHARE: a withdrawal comes wholly before or wholly after. When the ground
ends, the opinion is deleted by the statement that ended it.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE rights_opinion ADD CONSTRAINT opinion_leans_on_its_ground
    FOREIGN KEY (ground_id, person_id, channel, purpose)
    REFERENCES rights_ground (id, person_id, channel, purpose)
    ON UPDATE CASCADE ON DELETE CASCADE;

CREATE FUNCTION rights_opinion_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rights_ground WHERE id = NEW.ground_id AND withdrawn_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a political opinion without a live ground (GDPR art. 9)'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'opinion_lock', TABLE = 'rights_opinion';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER opinion_lock BEFORE INSERT OR UPDATE ON rights_opinion
    FOR EACH ROW EXECUTE FUNCTION rights_opinion_lock();

CREATE FUNCTION rights_opinion_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rights_opinion WHERE ground_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER opinion_ends AFTER UPDATE OF withdrawn_at ON rights_ground
    FOR EACH ROW WHEN (NEW.purpose = 'opinion' AND NEW.withdrawn_at IS NOT NULL)
    EXECUTE FUNCTION rights_opinion_ends();
"""
BACKWARD = """
DROP TRIGGER opinion_ends ON rights_ground;
DROP FUNCTION rights_opinion_ends();
DROP TRIGGER opinion_lock ON rights_opinion;
DROP FUNCTION rights_opinion_lock();
ALTER TABLE rights_opinion DROP CONSTRAINT opinion_leans_on_its_ground;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0006_opinions")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
