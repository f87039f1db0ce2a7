import unicodedata
from importlib import import_module

from django.db import migrations

from portevoix.kernel import normalise

# A name in Greek, Cyrillic or Arabic letters, or with a Romanian ș, had no key in SQL: who bore it and was erased was
# not known again, and their twins were not alike. The kernel's key looks at one letter at a time; so the letters are
# asked of the kernel itself, once, and written into the function.
#
# Python and PostgreSQL each know the letters of their own version of Unicode. Those of 3.2, which every Python keeps,
# are the same for both, and what they are is never changed; a text with a later one has no key, and only the kernel
# can tell.
FORMER = import_module("portevoix.intake.migrations.0003_spellings").SORT_KEY
BORDER = "        RETURN NULL;\n"


def is_known(letter: str) -> bool:
    """Tell whether a letter, and what it is made of, is in Unicode 3.2."""
    parts = letter + unicodedata.normalize("NFKD", letter)
    return all(unicodedata.ucd_3_2_0.category(part) not in {"Cn", "Cs", "Co"} for part in parts)


def ranges(letters: list[str]) -> str:
    """Return letters as what stands between the brackets of a regular expression."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, letters)):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in runs)


def rare_key() -> str:
    """Return the statements that fold what is beyond the Latin letters."""
    known = [letter for code in range(1, 0x30000) if is_known(letter := chr(code))]
    parts = sorted({part for letter in known for part in unicodedata.normalize("NFKD", letter)})
    keys = {part: normalise.sort_key(f"a{part}b")[1:-1] for part in parts}
    between = ranges([part for part, key in keys.items() if key == " "])
    dropped = ranges([part for part, key in keys.items() if key == ""])
    swapped = {part: key for part, key in keys.items() if len(key) == 1 and key not in {part, " "}}
    longer = {part: key for part, key in keys.items() if len(key) > 1}
    lines = [
        f"IF name ~ '[^{ranges(known)}]' THEN RETURN NULL; END IF;",
        "folded := normalize(name, NFKD);",
        # Before anything is dropped: a mark may be a letter once it is folded.
        f"folded := translate(folded, '{''.join(swapped)}', '{''.join(swapped.values())}');",
        *(f"folded := replace(folded, '{part}', '{key}');" for part, key in longer.items()),
        f"folded := regexp_replace(folded, '[{dropped}]+', '', 'g');",
        f"RETURN btrim(regexp_replace(folded, '[{between}]+', ' ', 'g'));",
    ]
    return "".join(f"        {line}\n" for line in lines)


def sort_key() -> str:
    """Return the function with the way for rare letters where it gave up."""
    function = FORMER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    assert function.count(BORDER) == 1
    return function.replace(BORDER, rare_key())


class Migration(migrations.Migration):
    dependencies = [("intake", "0008_purpose_participation")]

    operations = [
        migrations.RunSQL(
            [(sort_key(), None)], [(FORMER.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"), None)]
        )
    ]
