from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0002_gate")]
    operations = [
        migrations.AddField(
            model_name="batch",
            name="stopped_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="stopped"),
        ),
    ]
