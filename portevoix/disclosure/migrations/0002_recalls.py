from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disclosure', '0001_exports'),
    ]

    operations = [
        migrations.RenameField('export', 'erasures', 'recalls'),
        migrations.AlterField(
            model_name='export',
            name='recalls',
            field=models.PositiveIntegerField(default=0, verbose_name='erased, restricted or objected since'),
        ),
        migrations.AlterField(
            model_name='export',
            name='end',
            field=models.CharField(blank=True, choices=[('expired', 'its time was over'), ('by_hand', 'somebody of the team asked for it'), ('erasure', 'a person in it was erased'), ('restricted', 'a person in it had their data restricted'), ('objected', 'a person in it objected to being solicited'), ('no_room', 'the disk is full: the host must make room; then ask for the export again'), ('no_right', 'who asked for it may no longer export people'), ('too_moving', 'people were erased, restricted or objected each time it was written: ask for it again later'), ('unforeseen', 'the platform failed: ask for it again, and tell the host if it fails again')], max_length=10, verbose_name='why it ended'),
        ),
    ]
