"""What the law has a campaign say of itself."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rights', '0013_measurement_lock'),
        ('territory', '0004_elections'),
    ]

    operations = [
        migrations.CreateModel(
            name='Imprint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('publisher', models.CharField(blank=True, help_text='The association, the party or the candidate in whose name the site is.', max_length=160, verbose_name='publisher')),
                ('publisher_form', models.CharField(blank=True, choices=[('candidate', 'candidate, in their own name'), ('association', 'association (law of 1901)'), ('financing', 'financing association of a candidate'), ('party', 'party or political group'), ('company', 'company'), ('other', 'another form')], max_length=20, verbose_name='legal form')),
                ('publisher_number', models.CharField(blank=True, help_text='RNA or SIREN, if there is one.', max_length=60, verbose_name='number in a register')),
                ('publisher_address', models.CharField(blank=True, max_length=240, verbose_name='postal address')),
                ('publisher_phone', models.CharField(blank=True, max_length=30, verbose_name='telephone number')),
                ('publisher_email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                ('director', models.CharField(blank=True, help_text='A person: who answers for what is published, most often the president or the candidate.', max_length=120, verbose_name='director of publication')),
                ('data_officer_email', models.EmailField(blank=True, help_text='The address of the data-protection officer, or of whoever does that work.', max_length=254, verbose_name='where people write about their data')),
                ('candidate', models.CharField(blank=True, help_text='For a list: who leads it. Empty where there is none.', max_length=120, verbose_name='candidate')),
                ('host_name', models.CharField(blank=True, max_length=160, verbose_name='company or person that hosts')),
                ('host_address', models.CharField(blank=True, max_length=240, verbose_name='postal address of the host')),
                ('host_phone', models.CharField(blank=True, max_length=30, verbose_name='telephone number of the host')),
                ('host_country', models.CharField(blank=True, max_length=2, validators=[django.core.validators.MinLengthValidator(2)], verbose_name='country of the host')),
                ('election', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='territory.election', verbose_name='election')),
            ],
            options={
                'verbose_name': 'imprint',
                'verbose_name_plural': 'imprints',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_imprint')],
            },
        ),
    ]
