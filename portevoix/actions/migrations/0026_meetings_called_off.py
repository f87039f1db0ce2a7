"""Since when a meeting is called off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0025_surveys_on_several_pages")]
    operations = [
        migrations.AddField(
            model_name="eventpage",
            name="cancelled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="cancelled on"),
        ),
    ]
