"""The step of a place is a step of the same path: a composite key, which Django 5.2 cannot write.

It also refuses to remove a step that somebody stands on, or stood on when they left, to raw SQL too.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE paths_place ADD CONSTRAINT place_on_its_path
    FOREIGN KEY (step_id, path_id) REFERENCES paths_step (id, path_id) DEFERRABLE INITIALLY IMMEDIATE;
"""
BACKWARD = "ALTER TABLE paths_place DROP CONSTRAINT place_on_its_path;"


class Migration(migrations.Migration):
    dependencies = [("paths", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
