
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0009_kinds_of_paths'),
        ('territory', '0003_commune_centre'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='restricted_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='restricted since'),
        ),
        migrations.AlterField(
            model_name='interaction',
            name='kind',
            field=models.CharField(choices=[('imported', 'came in by a file'), ('signed_up', 'filled in the sign-up form'), ('confirmed', 'confirmed their address'), ('consented', 'gave a consent'), ('withdrew', 'withdrew a consent'), ('mailed', 'was sent a message'), ('edited', 'record edited'), ('tagged', 'was tagged'), ('exported', 'was part of an export'), ('merged', 'merged with another record'), ('separated', 'merge undone'), ('consulted', 'record consulted'), ('noted', 'note written'), ('filed', 'file added'), ('tied', 'relationship changed'), ('played', 'role changed'), ('stepped', 'moved on a path'), ('asked', 'used one of their rights'), ('answered', 'request answered'), ('restricted', 'data left alone (restriction)'), ('released', 'restriction lifted')], max_length=20, verbose_name='what'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(condition=models.Q(('restricted_at__isnull', False)), fields=['id'], name='person_restricted'),
        ),
    ]
