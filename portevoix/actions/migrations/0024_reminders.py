"""When somebody was reminded: of a form that waits for a click, of the day of a meeting."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("actions", "0023_who_came"), ("delivery", "0018_not_after")]
    operations = [
        migrations.AddField(
            model_name="participation",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reminded on"),
        ),
        migrations.AddIndex(
            model_name="participation",
            index=models.Index(
                condition=models.Q(confirmed_at=None, reminded_at=None),
                fields=["created_at"],
                name="participation_unreminded",
            ),
        ),
        migrations.AddField(
            model_name="attendance",
            name="reminded_of",
            field=models.DateField(blank=True, null=True, verbose_name="day of which they were reminded"),
        ),
    ]
