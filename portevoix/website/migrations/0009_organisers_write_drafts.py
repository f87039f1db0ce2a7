"""Organisers write drafts of pages and submit them: those who have that mandate already, too."""

from django.conf import settings
from django.db import migrations


def give(apps, schema_editor):
    writers = apps.get_model("auth", "Group").objects.filter(name="Editors").first()
    if writers is not None:
        of_role = apps.get_model("accounts", "Mandate").objects.filter(role="organiser")
        for user in apps.get_model("accounts", "User").objects.filter(pk__in=of_role.values("user_id")):
            user.groups.add(writers)


class Migration(migrations.Migration):
    dependencies = [
        ("website", "0008_the_words_that_were_shown"),
        ("accounts", "0004_reminders"),
        ("wagtailcore", "0002_initial_data"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
