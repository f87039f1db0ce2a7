"""What a file says beside who people are: the statements that keep its notes, its roles, its opinions."""

from __future__ import annotations

ADD_NOTES = """
INSERT INTO people_note (person_id, text, author_name, source, created_at)
SELECT DISTINCT ON (person_id, note) person_id, note, '', %(source)s, %(now)s FROM intake_chunk
WHERE note <> '' AND NOT EXISTS (
    SELECT FROM people_note AS known WHERE known.person_id = intake_chunk.person_id AND known.text = intake_chunk.note
)
ORDER BY person_id, note, row_number
"""
ADD_ROLES = """
INSERT INTO people_personrole (person_id, kind, detail, source)
SELECT DISTINCT person_id, role, '', %(source)s FROM intake_chunk, unnest(roles) AS role
WHERE NOT EXISTS (
    SELECT FROM people_personrole AS known WHERE known.person_id = intake_chunk.person_id AND known.kind = role
)
ON CONFLICT DO NOTHING
"""
#: With the agreement that the file declares, row by row; whoever ever withdrew theirs here, or is told not to be
#: contacted, gets none back.
ADD_OPINION_GROUNDS = """
INSERT INTO rights_ground (person_id, purpose, channel, basis, given_at, evidence, withdrawal, source)
SELECT DISTINCT ON (person_id) person_id, %(opinion)s, %(record)s, %(basis)s, %(now)s,
    %(evidence)s::jsonb || jsonb_build_object('row', row_number), '{}', %(source)s
FROM intake_chunk WHERE support_level IS NOT NULL AND stops = '{}' AND NOT EXISTS (
    SELECT FROM rights_ground AS before WHERE before.person_id = intake_chunk.person_id AND before.purpose = %(opinion)s
)
ORDER BY person_id, row_number
ON CONFLICT (person_id, purpose, channel) WHERE withdrawn_at IS NULL DO NOTHING
"""
#: What is known of an opinion stays; the database itself asks for the ground (``opinion_lock``).
ADD_OPINIONS = """
INSERT INTO rights_opinion (person_id, ground_id, purpose, channel, support_level, source, recorded_at)
SELECT DISTINCT ON (told.person_id) told.person_id, live.id, %(opinion)s, %(record)s, told.support_level,
    %(source)s, %(now)s
FROM intake_chunk AS told
JOIN rights_ground AS live ON live.person_id = told.person_id AND live.purpose = %(opinion)s
    AND live.channel = %(record)s AND live.withdrawn_at IS NULL
WHERE told.support_level IS NOT NULL AND told.stops = '{}'
ORDER BY told.person_id, row_number
ON CONFLICT (person_id) DO NOTHING
"""
COUNT_OPINIONS = "SELECT count(*) FROM intake_chunk WHERE support_level IS NOT NULL"
