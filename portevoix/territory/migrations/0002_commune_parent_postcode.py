import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# The twin of portevoix.territory.rules.city_key, step by step: accents and case, punctuation, « cedex »,
# abbreviations, number of an arrondissement. Most towns need only the first two, so the rest is behind a test.
CITY_KEY = r"""
CREATE FUNCTION territory_city_key(town text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT CASE
        WHEN plain !~ '[0-9]|\m(cedex|ste?|s)\M' THEN plain
        ELSE regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(plain, ' ?\mcedex\M.*$', ''),
                        '\mst\M', 'saint', 'g'),
                    '\mste\M', 'sainte', 'g'),
                '\ms\M(?= )', 'sur', 'g'),
            '\m0?(\d{1,2})(er|e|eme|nd|nde)?( (arrondissement|arrdt|arr|ardt))?$', '\1')
        END
    FROM (
        SELECT btrim(
            regexp_replace(
                lower(
                    regexp_replace(
                        normalize(
                            replace(replace(replace(replace(town, 'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'),
                            NFKD),
                        '[\u0300-\u036f]', '', 'g')),
                '[^a-z0-9]+', ' ', 'g')) AS plain
    ) AS stripped
)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('territory', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='commune',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='arrondissements', to='territory.commune', verbose_name='divided commune'),
        ),
        migrations.CreateModel(
            name='Postcode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('postcode', models.CharField(max_length=5, verbose_name='postcode')),
                ('city_key', models.CharField(blank=True, max_length=80)),
                ('commune', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='territory.commune', verbose_name='commune')),
            ],
            options={
                'verbose_name': 'postcode',
                'verbose_name_plural': 'postcodes',
                'ordering': ['postcode', 'city_key'],
                'constraints': [models.UniqueConstraint(fields=('postcode', 'city_key'), name='postcode_means_one_commune')],
            },
        ),
        migrations.AddIndex(
            model_name='commune',
            index=django.contrib.postgres.indexes.GinIndex(fields=['postcodes'], name='commune_postcodes'),
        ),
        migrations.RunSQL(CITY_KEY, 'DROP FUNCTION territory_city_key(text)'),
    ]
