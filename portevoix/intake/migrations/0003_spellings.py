from django.db import migrations

# The twins in SQL of portevoix.kernel.normalise, for whole files at once. Each gives the same as its twin, or NULL
# where only the twin can tell (rare letters, addresses or numbers that are not written the usual way): the tests
# compare them on every letter. None depends on the locale of the database.

# The letters of French take the short way. Beyond the Latin letters and the usual punctuation, NULL.
SORT_KEY = r"""
CREATE FUNCTION portevoix_sort_key(name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := name;
BEGIN
    IF octet_length(folded) <> char_length(folded) THEN
        folded := translate(folded, 'éèêëàâäîïôöùûüçñÿÉÈÊËÀÂÄÎÏÔÖÙÛÜÇÑŸ’', 'eeeeaaaiioouuucnyEEEEAAAIIOOUUUCNY-');
    END IF;
    IF octet_length(folded) = char_length(folded) THEN
        RETURN btrim(regexp_replace(lower(folded COLLATE "C"), '[^a-z0-9]+', ' ', 'g'));
    END IF;
    IF folded ~ ('[^\u0001-\u00b4\u00b6-\u0137\u0139-\u0148\u014a-\u017f\u1e00-\u1e99\u1e9b\u1e9e\u1ea0-\u1ef9'
        '\u0300-\u0344\u2010-\u2027\u202f]')
    THEN
        RETURN NULL;
    END IF;
    folded := regexp_replace(normalize(folded, NFKD), '[\u0300-\u036f]+', '', 'g');
    folded := replace(replace(replace(folded, 'œ', 'oe'), 'Œ', 'oe'), 'ß', 'ss');
    folded := replace(replace(replace(folded, 'æ', 'ae'), 'Æ', 'ae'), 'ẞ', 'ss');
    folded := lower(translate(folded, 'ØĐŁÐÞĦŊŦ', 'øđłðþħŋŧ') COLLATE "C");
    RETURN btrim(regexp_replace(folded, '[^a-z0-9øđłðþħŋŧı]+', ' ', 'g'));
END
$$
"""

# The same rule as normalise.EMAIL_PATTERN, said without long counts, which cost PostgreSQL 50 µs an address.
# Addresses in other letters than ASCII are the twin's.
EMAIL = r"""
CREATE FUNCTION portevoix_email(raw text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    address text := lower(btrim(btrim(raw, E' \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f'), '<>') COLLATE "C");
    domain text;
BEGIN
    IF char_length(address) > 254
        OR address !~ '^[a-z0-9.!#$%&''*+/=?^_`{|}~-]+@[a-z0-9.-]+[.][a-z][a-z0-9-]*[a-z0-9]$'
        OR position('..' IN address) > 0 OR position('.@' IN address) > 0 OR left(address, 1) = '.'
    THEN
        RETURN NULL;
    END IF;
    domain := split_part(address, '@', 2);
    IF position('@' IN address) > 65 OR left(domain, 1) IN ('.', '-')
        OR position('.-' IN domain) > 0 OR position('-.' IN domain) > 0
        OR (char_length(domain) > 63 AND domain ~ '[^.]{64}')
    THEN
        RETURN NULL;
    END IF;
    RETURN address;
END
$$
"""

# Ten digits written in France, +33 and nine digits, or a number already in E.164.
PHONE = r"""
CREATE FUNCTION portevoix_phone(raw text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    digits text := translate(raw, ' .-', '');
BEGIN
    IF digits ~ '^0[1-9][0-9]{8}$' THEN
        RETURN '+33' || substr(digits, 2);
    END IF;
    IF digits ~ '^\+[1-9][0-9]{5,14}$' THEN
        RETURN digits;
    END IF;
    RETURN NULL;
END
$$
"""

# YYYY-MM-DD at the beginning of a moment, or MM/DD/YYYY; day_first says that the file writes DD/MM/YYYY.
# A first number above twelve can only be a day. The usual spelling, ten characters, takes the short way.
DAY = r"""
CREATE FUNCTION intake_day(raw text, day_first boolean) RETURNS date
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    part text[];
    y int;
    m int;
    d int;
BEGIN
    IF char_length(raw) = 10 AND translate(raw, '0123456789', '') = '//'
        AND substr(raw, 3, 1) = '/' AND substr(raw, 6, 1) = '/'
    THEN
        part := ARRAY[left(raw, 2), substr(raw, 4, 2), right(raw, 4)];
    ELSE
        part := regexp_match(raw, '^\s*([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?![0-9])');
        IF part IS NOT NULL THEN
            part := ARRAY[part[2], part[3], part[1]];
            day_first := false;
        ELSE
            part := regexp_match(raw, '^\s*([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?![0-9])');
        END IF;
    END IF;
    IF part IS NULL THEN
        RETURN NULL;
    END IF;
    m := part[1]; d := part[2]; y := part[3];
    IF (m > 12 AND raw !~ '^\s*[0-9]{4}') OR (day_first AND d <= 12) THEN
        m := part[2]; d := part[1];
    END IF;
    IF y < 1 OR m NOT BETWEEN 1 AND 12 OR d < 1 THEN
        RETURN NULL;
    END IF;
    IF d > 28 AND d > extract(day FROM make_date(y, m, 1) + interval '1 month - 1 day') THEN
        RETURN NULL;
    END IF;
    RETURN make_date(y, m, d);
END
$$
"""

TRUTH = r"""
CREATE FUNCTION intake_truth(raw text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN raw IN ('true', 'false') THEN raw = 'true'
    WHEN lower(btrim(raw) COLLATE "C") IN ('true', 't', 'yes', 'y', '1', 'oui', 'o', 'vrai', 'x') THEN true
    WHEN lower(btrim(raw) COLLATE "C") IN ('false', 'f', 'no', 'n', '0', 'non', 'faux') THEN false
END
"""

# Five digits; spreadsheets eat the zero of « 01000 ». The twin of territory.rules.postcode.
POSTCODE = r"""
CREATE FUNCTION intake_postcode(raw text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN raw ~ '^[0-9]{5}$' THEN raw
    WHEN raw ~ '^[0-9]{4}$' THEN '0' || raw
    WHEN raw ~ '^([Ff][Rr]?)?[- ]?[0-9]{2} ?[0-9]{3}$' THEN right(replace(raw, ' ', ''), 5)
END
"""


class Migration(migrations.Migration):

    dependencies = [
        ('intake', '0002_arrivals'),
    ]

    operations = [
        migrations.RunSQL(SORT_KEY, 'DROP FUNCTION portevoix_sort_key(text)'),
        migrations.RunSQL(EMAIL, 'DROP FUNCTION portevoix_email(text)'),
        migrations.RunSQL(PHONE, 'DROP FUNCTION portevoix_phone(text)'),
        migrations.RunSQL(DAY, 'DROP FUNCTION intake_day(text, boolean)'),
        migrations.RunSQL(TRUTH, 'DROP FUNCTION intake_truth(text)'),
        migrations.RunSQL(POSTCODE, 'DROP FUNCTION intake_postcode(text)'),
    ]
