from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audience", "0003_visits_by_link")]

    operations = [
        migrations.AddField(
            model_name="dailycount",
            name="medium",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="medium of the link"
            ),
        ),
        migrations.AddField(
            model_name="dailycount",
            name="campaign",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="campaign of the link"
            ),
        ),
        migrations.RemoveConstraint(model_name="dailycount", name="one_count_a_day"),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.UniqueConstraint(
                fields=("day", "path", "origin", "source", "is_by_personal_link", "medium", "campaign"),
                name="one_count_a_day",
            ),
        ),
    ]
