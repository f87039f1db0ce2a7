from django.db import migrations, models


# Of the addresses that are there already, nothing tells who brought them: none is held to be the person’s own.
class Migration(migrations.Migration):
    dependencies = [("people", "0018_people_by_change")]
    operations = [
        migrations.AddField(
            model_name="emailaddress",
            name="is_own",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="given by the person"
            ),
        ),
    ]
