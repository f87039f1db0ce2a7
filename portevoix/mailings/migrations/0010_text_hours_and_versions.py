"""Text messages leave at an hour and are tried in versions, as letters are."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import portevoix.mailings.models.trials
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('delivery', '0014_waiting_by_channel'),
        ('mailings', '0009_approval_of_versions'),
        ('segments', '0002_snapshots_and_uses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TextDeparture',
            fields=[
                ('at', models.DateTimeField(verbose_name='leaves on')),
                ('digest', models.CharField(max_length=64)),
                ('count', models.PositiveIntegerField(verbose_name='people it was planned for')),
                ('planned_at', models.DateTimeField(verbose_name='planned on')),
                ('fault', models.CharField(blank=True, max_length=400, verbose_name='why it did not leave')),
                ('mailing', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='departure', serialize=False, to='mailings.shortmessage', verbose_name='text message')),
            ],
            options={
                'verbose_name': 'departure of a text message',
                'verbose_name_plural': 'departures of text messages',
                'ordering': ['at'],
            },
        ),
        migrations.CreateModel(
            name='TextTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(choices=[('clicks', 'most clicks for a hundred letters'), ('leaving', 'fewest departures and complaints')], default='clicks', max_length=10, verbose_name='what decides')),
                ('share', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(90)], verbose_name='share of the audience')),
                ('hours', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(168)], verbose_name='hours to wait')),
                ('is_automatic', models.BooleanField(default=True, verbose_name='the best version leaves by itself')),
                ('salt', models.CharField(default=portevoix.mailings.models.trials.new_salt, editable=False, max_length=16)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='created')),
                ('started_at', models.DateTimeField(null=True, verbose_name='began')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='audience confirmed')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('is_by_hand', models.BooleanField(default=False, verbose_name='chosen by hand')),
                ('fault', models.CharField(blank=True, max_length=400, verbose_name='why it waits')),
            ],
            options={
                'verbose_name': 'trial of versions of a text message',
                'verbose_name_plural': 'trials of versions of text messages',
                'ordering': ['-id'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='TextVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(verbose_name='place')),
                ('sent', models.PositiveIntegerField(default=0, verbose_name='letters accepted')),
                ('clicks', models.PositiveBigIntegerField(default=0, verbose_name='clicks')),
                ('unsubscribed', models.PositiveIntegerField(default=0, verbose_name='departures')),
                ('complained', models.PositiveIntegerField(default=0, verbose_name='complaints')),
                ('bounced', models.PositiveIntegerField(default=0, verbose_name='bounces')),
            ],
            options={
                'verbose_name': 'version of a text message',
                'verbose_name_plural': 'versions of text messages',
                'ordering': ['trial', 'place'],
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='shortmessage',
            name='short_message_sent_once',
        ),
        migrations.RemoveConstraint(
            model_name='shortmessage',
            name='short_message_finished_after_sent',
        ),
        migrations.AddConstraint(
            model_name='shortmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('batch', None), ('sent_at', None), ('state__in', ('draft', 'scheduled'))), models.Q(models.Q(('state__in', ('draft', 'scheduled')), _negated=True), ('batch__isnull', False), ('sent_at__isnull', False)), _connector='OR'), name='short_message_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='shortmessage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['draft', 'scheduled', 'sending'])), ('state__in', ['sent', 'stopped']), _connector='OR'), name='short_message_finished_after_sent'),
        ),
        migrations.AddField(
            model_name='textdeparture',
            name='planned_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='planned by'),
        ),
        migrations.AddField(
            model_name='texttrial',
            name='mailing',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='trial', to='mailings.shortmessage', verbose_name='text message'),
        ),
        migrations.AddField(
            model_name='texttrial',
            name='started_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='started by'),
        ),
        migrations.AddField(
            model_name='textversion',
            name='mailing',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='version', to='mailings.shortmessage', verbose_name='text message'),
        ),
        migrations.AddField(
            model_name='textversion',
            name='trial',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='mailings.texttrial', verbose_name='trial'),
        ),
        migrations.AddField(
            model_name='texttrial',
            name='winner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='mailings.textversion', verbose_name='version that was kept'),
        ),
        migrations.AddIndex(
            model_name='textdeparture',
            index=models.Index(condition=models.Q(('fault', '')), fields=['at'], name='text_departure_at'),
        ),
        migrations.AddConstraint(
            model_name='textversion',
            constraint=models.UniqueConstraint(fields=('trial', 'place'), name='textversion_place'),
        ),
        migrations.AddConstraint(
            model_name='textversion',
            constraint=models.CheckConstraint(condition=models.Q(('place__lt', 4)), name='textversion_has_a_letter'),
        ),
        migrations.AddConstraint(
            model_name='texttrial',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 5), ('share__lte', 90)), name='texttrial_leaves_a_rest'),
        ),
        migrations.AddConstraint(
            model_name='texttrial',
            constraint=models.CheckConstraint(condition=models.Q(('winner', None), ('decided_at__isnull', False), _connector='OR'), name='texttrial_winner_is_decided'),
        ),
        migrations.AddConstraint(
            model_name='texttrial',
            constraint=models.CheckConstraint(condition=models.Q(('decided_at', None), ('started_at__isnull', False), _connector='OR'), name='texttrial_decided_after_start'),
        ),
    ]
