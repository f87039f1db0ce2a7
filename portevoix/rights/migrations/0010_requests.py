"""Requests of persons, and restriction (RGPD art. 18) down to the row that the outbox locks.

``people_person.restricted_at`` is the truth. The database itself carries it to ``rights_ground.is_held`` of every
ground but those of the person's own requests, whoever writes either: a ground that comes in while a person is
restricted is held, raw SQL cannot let it go, and merging moves it with the person. Both sides take one advisory
lock – grounds shared, restrictions alone – so that no ground slips in between the question and the answer.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from importlib import import_module

keeper = import_module("portevoix.rights.migrations.0003_ledger_keeper")
retention = import_module("portevoix.rights.migrations.0009_retention")
#: What the migration before this one tells of changes.
BEFORE = keeper.CHANGED.replace(retention.ENDED, retention.EXPIRED)

#: An advisory lock: between those who write grounds and those who restrict.
LOCK = 7_305_018

# The ledger of consents does not tell of restrictions: nothing was given or taken back.
TOLD = ("person_id", "purpose", "channel", "basis", "wording_id", "given_at", "withdrawn_at", "source", "evidence",
        "withdrawal")
CHANGED = BEFORE.replace(
    "it.* IS DISTINCT FROM before.*",
    f"({', '.join('it.' + name for name in TOLD)}) IS DISTINCT FROM ({', '.join('before.' + name for name in TOLD)})",
)


def note_changed(changed: str) -> str:
    """Return the statement that makes the ledger's keeper of changes anew."""
    body = keeper.append(changed) + keeper.KEEP_PROOFS.format(source="written")
    made = keeper.trigger("note_changed", "UPDATE", "OLD TABLE AS former NEW TABLE AS written", "written", body)
    function: str = made[: made.index("CREATE TRIGGER")]
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


FORWARD = note_changed(CHANGED) + f"""
CREATE FUNCTION rights_hold_grounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM written) THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock_shared({LOCK});
    UPDATE rights_ground AS ground SET is_held = NOT ground.is_held
    FROM written LEFT JOIN people_person AS person
        ON person.id = written.person_id AND person.restricted_at IS NOT NULL AND written.purpose <> 'service'
    WHERE ground.id = written.id AND ground.is_held <> (person.id IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER held_when_given AFTER INSERT ON rights_ground
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rights_hold_grounds();
CREATE TRIGGER held_when_changed AFTER UPDATE ON rights_ground
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rights_hold_grounds();

CREATE FUNCTION rights_restrict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});
    UPDATE rights_ground SET is_held = (NEW.restricted_at IS NOT NULL)
    WHERE person_id = NEW.id AND purpose <> 'service' AND is_held <> (NEW.restricted_at IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER restricted_now AFTER UPDATE OF restricted_at ON people_person
    FOR EACH ROW WHEN ((OLD.restricted_at IS NULL) <> (NEW.restricted_at IS NULL)) EXECUTE FUNCTION rights_restrict();
"""
BACKWARD = note_changed(BEFORE) + """
DROP TRIGGER restricted_now ON people_person;
DROP FUNCTION rights_restrict();
DROP TRIGGER held_when_given ON rights_ground;
DROP TRIGGER held_when_changed ON rights_ground;
DROP FUNCTION rights_hold_grounds();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0010_kinds_of_requests'),
        ('rights', '0009_retention'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ground',
            name='is_held',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(blank=True, db_default='', default='', max_length=254)),
                ('digest', models.BinaryField(null=True, verbose_name='fingerprint')),
                ('kind', models.CharField(choices=[('access', 'copy of one’s data'), ('rectification', 'correction'), ('objection', 'objection'), ('withdrawal', 'withdrawal of a consent'), ('restriction', 'restriction'), ('erasure', 'erasure')], max_length=15, verbose_name='request')),
                ('way', models.CharField(choices=[('site', 'the site'), ('email', 'e-mail'), ('letter', 'letter'), ('phone', 'telephone'), ('door', 'on the doorstep')], max_length=10, verbose_name='came by')),
                ('state', models.CharField(choices=[('to_verify', 'to verify'), ('open', 'to answer'), ('paused', 'waiting for a proof of identity'), ('extended', 'extended by two months'), ('answered', 'answered'), ('refused', 'refused')], max_length=10, verbose_name='state')),
                ('language', models.CharField(default='fr', max_length=5)),
                ('words', models.TextField(blank=True, db_default='', default='', verbose_name='in their words')),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('newsletter', 'news of the campaign by e-mail'), ('texts', 'news of the campaign by text message'), ('letters', 'letters by post'), ('calls', 'calls by volunteers'), ('visits', 'visits at the door'), ('local_group', 'contact by the local group'), ('measurement', 'measurement of opens and clicks'), ('opinion', 'record of political opinion'), ('service', "messages that a person's own request needs")], max_length=20), blank=True, db_default=[], default=list, size=None)),
                ('restriction', models.CharField(blank=True, choices=[('accuracy', 'what you hold is wrong, until it is checked (a)'), ('unlawful', 'you should not hold it, and I want it kept all the same (b)'), ('claims', 'you no longer need it, and I do, for a legal claim (c)'), ('objected', 'I objected, until that is decided (d)')], db_default='', default='', max_length=10, verbose_name='ground')),
                ('proposal', models.JSONField(blank=True, db_default={}, default=dict, verbose_name='correction')),
                ('received_on', models.DateField(verbose_name='received on')),
                ('due_on', models.DateField(verbose_name='answer by')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='entered')),
                ('verified_at', models.DateTimeField(blank=True, null=True, verbose_name='verified')),
                ('paused_on', models.DateField(blank=True, null=True, verbose_name='proof of identity asked for on')),
                ('days_paused', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('extended_on', models.DateField(blank=True, null=True, verbose_name='extended on')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered on')),
                ('reason', models.TextField(blank=True, db_default='', default='', verbose_name='reason')),
                ('lifting_told_at', models.DateTimeField(blank=True, null=True)),
                ('lifting_reason', models.TextField(blank=True, db_default='', default='')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='lifted on')),
                ('last_reminder', models.SmallIntegerField(blank=True, null=True)),
                ('reminded_on', models.DateField(blank=True, null=True)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='in charge')),
                ('email', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.emailaddress')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='requests', to='people.person', verbose_name='person')),
            ],
            options={
                'verbose_name': 'request of a person',
                'verbose_name_plural': 'requests of persons',
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RequestLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('verify', 'asks to verify'), ('received', 'says that it came'), ('more', 'asks who they are'), ('extended', 'says that it takes longer'), ('answered', 'answers'), ('refused', 'refuses'), ('lifting', 'says that the restriction will end')], max_length=10, verbose_name='letter')),
                ('note', models.TextField(blank=True, db_default='', default='')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='date')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='handed over')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='letters', to='rights.request', verbose_name='request of a person')),
            ],
            options={
                'verbose_name': 'letter about a request',
                'verbose_name_plural': 'letters about requests',
                'ordering': ['id'],
            },
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(condition=models.Q(('state__in', ['open', 'paused', 'extended'])), fields=['due_on'], name='request_owed'),
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(fields=['digest'], name='request_digest'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gt', models.F('received_on'))), name='request_has_time'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', False), ('state__in', ['answered', 'refused'])), models.Q(models.Q(('state__in', ['answered', 'refused']), _negated=True), ('answered_at__isnull', True)), _connector='OR'), name='request_is_over_once_answered'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('reason', ''), _negated=True), ('person__isnull', True), _connector='OR'), name='refusal_has_its_reason'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), models.Q(('lifting_told_at__isnull', False), ('lifting_told_at__lte', models.F('lifted_at'))), _connector='OR'), name='restriction_lifted_after_it_was_told'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'paused'), _negated=True), ('paused_on__isnull', False), _connector='OR'), name='pause_has_its_day'),
        ),
        migrations.AddIndex(
            model_name='requestletter',
            index=models.Index(condition=models.Q(('sent_at__isnull', True)), fields=['id'], name='request_letter_due'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
