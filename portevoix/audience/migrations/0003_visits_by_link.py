from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audience", "0002_bookmark")]

    operations = [
        migrations.AddField(
            model_name="dailycount",
            name="source",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=60, verbose_name="word of the link"
            ),
        ),
        migrations.AddField(
            model_name="dailycount",
            name="is_by_personal_link",
            field=models.BooleanField(db_default=False, default=False, verbose_name="by a personal link"),
        ),
        migrations.RemoveConstraint(model_name="dailycount", name="one_count_a_day"),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.UniqueConstraint(
                fields=("day", "path", "origin", "source", "is_by_personal_link"), name="one_count_a_day"
            ),
        ),
    ]
