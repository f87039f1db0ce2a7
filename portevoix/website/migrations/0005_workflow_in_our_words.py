"""The workflow that Wagtail makes has an English name, which the menus of editors show."""

from django.conf import settings
from django.db import migrations

NAMES = {"fr": "relecture", "en": "review"}


def name(apps, schema_editor):
    for model, former in (("Workflow", "Moderators approval"), ("Task", "Moderators approval")):
        apps.get_model("wagtailcore", model).objects.filter(name=former).update(name=NAMES[settings.LANGUAGE_CODE])


class Migration(migrations.Migration):
    dependencies = [("website", "0004_menus"), ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes")]
    operations = [migrations.RunPython(name, migrations.RunPython.noop)]
