"""What texts cost, when they may arrive, what an answer means: decisions without a database."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portevoix.conf.instance import Sms
from portevoix.delivery.exceptions import UnknownMergeField
from portevoix.delivery.rules import gateways, merge, ovh, quiet, stops, texting
from portevoix.delivery.rules.texting import Alphabet


@pytest.mark.parametrize(
    ("text", "alphabet", "length", "parts", "left"),
    [
        ("", "gsm", 0, 1, 160),
        ("a" * 160, "gsm", 160, 1, 0),
        ("a" * 161, "gsm", 161, 2, 145),
        ("a" * 306, "gsm", 306, 2, 0),
        ("a" * 307, "gsm", 307, 3, 152),
        ("€" * 80, "gsm", 160, 1, 0),
        ("à é è ù ì ò Ç Ö ñ @ £ Ω", "gsm", 23, 1, 137),
        ("ê", "ucs", 1, 1, 69),
        ("ê" * 70, "ucs", 70, 1, 0),
        ("ê" * 71, "ucs", 71, 2, 63),
        ("ê" * 134, "ucs", 134, 2, 0),
        ("ê" * 135, "ucs", 135, 3, 66),
        ("🎉" * 35, "ucs", 70, 1, 0),
        ("🎉" * 36, "ucs", 72, 2, 61),
    ],
)
def test_a_text_is_counted_as_operators_do(text: str, alphabet: str, length: int, parts: int, left: int) -> None:
    found = texting.measure(text)
    assert (found.alphabet, found.length, found.parts, found.left) == (Alphabet(alphabet), length, parts, left)


def test_a_sign_of_the_extension_table_is_not_cut_in_two() -> None:
    # 152 signs, then a sign of two: it goes to the next part whole, and one place of the first is lost.
    assert texting.measure("a" * 152 + "€" + "b" * 151).parts == 2
    assert texting.measure("a" * 152 + "€" + "b" * 152).parts == 3


def test_an_emoji_is_not_cut_in_two() -> None:
    assert texting.measure("ê" * 66 + "🎉" + "ê" * 65).parts == 2
    assert texting.measure("ê" * 66 + "🎉" + "ê" * 66).parts == 3


def test_the_signs_that_make_a_text_dear_are_named_once_each_in_their_order() -> None:
    assert texting.measure("fête, çà et là, fête ’").costly == ("ê", "ç", "’")
    assert not texting.measure("Réunion à 19h : 5 €").is_dear


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Fête à l’école", "Fete à l'école"),
        ("« Ça va » … œuf – 3×2", '"Ca va" ... oeuf - 3x2'.replace("Ca", "Ça")),
        ("garçon, NOËL, À bientôt", "garcon, NOEL, A bientot"),
        ("5\u202f€\u00a0!", "5 € !"),
        ("bravo 🎉", "bravo 🎉"),
        ("e\u0302tre", "etre"),
    ],
)
def test_a_text_in_plain_letters_says_the_same(text: str, plain: str) -> None:
    assert texting.plain(text) == plain


@pytest.mark.parametrize(
    ("name", "written", "alphabet"),
    [
        ("Élan à Évry, où ça", "Élan à Évry, où ça", "ucs"),
        ("Hélène Ù’Èze – « À venir »", 'Hélène Ù\'Èze - "À venir"', "ucs"),
        ("Été à Orès, près d’où", "Été à Orès, près d'où", "gsm"),
        ("FRANÇOISE BRÉZÉ", "FRANÇOISE BRÉZÉ", "gsm"),
        ("Françoise Le Goûec", "Françoise Le Goûec", "ucs"),
        ("Liste de l’Œuvre", "Liste de l'Œuvre", "ucs"),
        ("Łódź Ensemble", "Łódź Ensemble", "ucs"),
        ("He\u0301le\u0300ne", "Hélène", "gsm"),
    ],
)
def test_a_name_keeps_each_of_its_letters_and_costs_what_they_cost(name: str, written: str, alphabet: str) -> None:
    assert texting.faithful(name) == written
    assert texting.measure(written).alphabet == alphabet


@given(st.text(alphabet=st.characters(max_codepoint=0x17F)))
def test_plain_letters_never_cost_more_and_change_nothing_twice(text: str) -> None:
    plain = texting.plain(text)
    assert texting.plain(plain) == plain
    if texting.is_cheap(text):
        assert plain == text


@given(st.text())
def test_parts_hold_the_whole_text(text: str) -> None:
    found = texting.measure(text)
    most = texting.ONE if found.parts == 1 else texting.MANY
    assert found.length <= most[found.alphabet] * found.parts
    assert 0 <= found.left <= most[found.alphabet]


def test_fields_are_counted_at_their_longest_and_no_shorter_than_what_stands_for_them() -> None:
    lengths = {"first_name": 12, "commune": 0}
    assert texting.dearest("Bonjour {{ first_name }} !", lengths) == "Bonjour xxxxxxxxxxxx !"
    assert texting.dearest("{{ commune|chez vous }}", lengths) == "x" * 9
    with pytest.raises(UnknownMergeField):
        texting.dearest("{{ unsubscribe_url }}", lengths)


IN_RENNES = "{{ if commune = Rennes }}"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        # Of two passages, the longer counts; of several, all of those.
        (IN_RENNES + "a" * 161 + "{{ else }}" + "b" * 20 + "{{ end }}", 2),
        (IN_RENNES + "a" * 20 + "{{ sinon }}" + "b" * 161 + "{{ fin }}", 2),
        (IN_RENNES + "a" * 80 + "{{ end }}{{ if not commune }}" + "b" * 81 + "{{ end }}", 2),
        (IN_RENNES + "a" * 161 + "{{ end }}", 2),
        # Signs of the extension table are two.
        (IN_RENNES + "€" * 81 + "{{ else }}" + "a" * 100 + "{{ end }}", 2),
        # A short passage with a dear sign costs more than a long one without.
        (IN_RENNES + "a" * 160 + "{{ else }}" + "ê" * 71 + "{{ end }}", 2),
        (IN_RENNES + "a" * 160 + "{{ else }}" + "ê" + "{{ end }}", 1),
        ("a" * 70 + IN_RENNES + "ê" + "{{ end }}", 2),
        # Nested, and one passage dear while another is long.
        (IN_RENNES + "ê{{ end }}{{ if last_name }}" + "a" * 140 + "{{ else }}b{{ end }}", 3),
        (IN_RENNES + "{{ if last_name }}" + "a" * 161 + "{{ end }}{{ else }}b{{ end }}", 2),
        ("{{ last_name|" + "ê" * 71 + "}}", 2),
    ],
)
def test_a_text_with_conditions_is_counted_as_it_costs_most(words: str, parts: int) -> None:
    lengths = {"commune": 30, "last_name": 4}
    assert texting.measure(texting.dearest(words, lengths)).parts == parts


def test_the_mention_at_its_end_may_decide_which_reading_costs_most() -> None:
    words = IN_RENNES + "a" * 155 + "{{ else }}" + "ê" * 40 + "{{ end }}"
    found = texting.measure(texting.with_mention(texting.dearest(words, {"commune": 0}, "STOP 36180"), "STOP 36180"))
    assert found.parts == 2


@given(
    st.lists(st.tuples(st.text("aê€", max_size=60), st.text("aê€", max_size=60)), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_no_reader_gets_a_text_that_costs_more_than_was_counted(
    passages: list[tuple[str, str]], known: list[bool]
) -> None:
    names = [f"f{place}" for place in range(len(passages))]
    words = "".join(
        f"{{{{ if {name} }}}}{then}{{{{ else }}}}{other}{{{{ end }}}}"
        for name, (then, other) in zip(names, passages, strict=True)
    )
    values = {name: "x" if knows else "" for name, knows in zip(names, known, strict=False)}
    got = texting.worded(merge.cut(words, known=names), values)
    counted = texting.measure(texting.dearest(words, dict.fromkeys(names, 1)))
    assert texting.measure(got).parts <= counted.parts


def test_a_name_is_written_in_plain_letters_where_the_words_that_this_reader_gets_are_plain() -> None:
    pieces = merge.cut("{{ if commune = Étel }}Fête{{ else }}Salut{{ end }} {{ name }}", known=["commune", "name"])
    assert texting.worded(pieces, {"commune": "Étel", "name": "Jérôme"}) == "Fête Jérôme"
    assert texting.worded(pieces, {"commune": "Auray", "name": "Jérôme"}) == "Salut Jérome"


def test_plain_letters_never_turn_a_condition_round() -> None:
    words = "{{ if commune ≠ L’Haÿ }}ê{{ else }}b{{ end }}"
    for commune in ("L’Haÿ", "Rennes"):
        said, plain = (
            merge.filled(merge.cut(one, known=["commune"]), {"commune": commune})
            for one in (words, texting.plain(words))
        )
        assert texting.plain(said) == plain
    assert texting.plain("a ≮ b") == "a ≮ b"


def at(text: str) -> datetime:
    """Return a moment told by the clock of Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=quiet.ZoneInfo(quiet.PARIS))


@pytest.mark.parametrize(
    ("moment", "where", "opening"),
    [
        ("2027-03-16T10:00", "35", "2027-03-16T10:00"),  # a Tuesday
        ("2027-03-16T07:59", "35", "2027-03-16T08:00"),
        ("2027-03-16T20:00", "35", "2027-03-17T08:00"),
        ("2027-03-20T19:59", "35", "2027-03-20T19:59"),  # Saturday
        ("2027-03-20T20:30", "35", "2027-03-22T08:00"),  # over Sunday
        ("2027-03-21T12:00", "", "2027-03-22T08:00"),
        ("2027-03-29T12:00", "", "2027-03-30T08:00"),  # Easter Monday
        ("2027-03-26T12:00", "35", "2027-03-26T12:00"),  # Good Friday
        ("2027-03-26T12:00", "67", "2027-03-27T08:00"),
        ("2027-12-25T12:00", "", "2027-12-27T08:00"),  # Saturday, then Sunday
        ("2027-05-27T12:00", "971", "2027-05-28T14:00"),  # abolition, then eight there
        ("2027-03-16T10:00", "971", "2027-03-16T13:00"),  # five in the morning there, in winter time
        ("2027-03-16T18:00", "974", "2027-03-17T05:00"),  # nine in the evening there
        ("2027-03-16T10:00", "988", "2027-03-16T22:00"),  # eight in the evening there: the next morning
        ("2027-03-16T08:00", "+15145551234", "2027-03-16T13:00"),  # three at night in Montréal, in summer time already
        ("2027-03-16T08:00", "+447700900123", "2027-03-16T09:00"),
        ("2027-03-16T08:00", "+999", "2027-03-16T08:00"),
        ("2027-03-16T10:30", "+61412345678", "2027-03-17T02:30"),  # from Sydney to the Cocos Islands
    ],
)
def test_a_text_arrives_at_its_readers_hours(moment: str, where: str, opening: str) -> None:
    assert quiet.opening(at(moment), where, quiet.Hours()) == at(opening)


def test_a_campaign_may_be_stricter() -> None:
    strict = quiet.Hours(time(9), time(18), is_saturday_quiet=True)
    assert quiet.opening(at("2027-03-19T18:30"), "", strict) == at("2027-03-22T09:00")


@given(st.integers(0, 5 * 366 * 24 * 60), st.sampled_from(["", "67", *quiet.ZONES]))
def test_an_opening_is_never_in_the_past_nor_closed(minutes: int, where: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opening = quiet.opening(now, where, quiet.Hours())
    here = opening.astimezone(quiet.ZoneInfo(quiet.ZONES.get(where, quiet.PARIS)))
    assert opening >= now
    assert time(8) <= here.time() < time(20)
    assert here.weekday() < 6
    assert not quiet.is_holiday(here.date(), where)
    assert quiet.opening(opening, where, quiet.Hours()) == opening


@pytest.mark.parametrize(
    ("known", "place"),
    [
        (("974", "75001", "+33612345678"), "974"),
        (("", "97410", "+33612345678"), "974"),
        (("", "67000", "+33612345678"), "67"),
        (("", "", "+262692123456"), "974"),
        (("", "", "+262639123456"), "976"),
        (("", "", "+33612345678"), ""),
        (("", "", "+15145551234"), "+15145551234"),
        (("", "H2X 1Y4", "+15145551234"), "+15145551234"),
        (("", "35000", "+15145551234"), "35"),
    ],
)
def test_where_somebody_lives_is_told_by_what_is_known(known: tuple[str, str, str], place: str) -> None:
    assert quiet.place(*known) == place


@pytest.mark.parametrize(
    "text",
    [
        *(
            "STOP",
            "stop",
            " Stop. ",
            "STOP SMS",
            "stop36180",
            "S.T.O.P",
            "Stop merci",
            "arrêt",
            "Arrêtez svp",
            "ARRETER",
        ),
        *("Désabonnez-moi", "desabonnement", "Désinscription", "Je ne veux plus recevoir vos messages", "unsubscribe"),
        *(
            "plus de sms svp",
            "Retirez-moi de votre liste",
            "Merci de ne plus me contacter",
            "Laissez-moi tranquille STOP",
        ),
    ],
)
def test_whoever_asks_for_no_more_is_understood(text: str) -> None:
    assert stops.means_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "OUI",
            "Je viens avec ma soeur",
            "À quelle heure ?",
            "Merci !",
            "",
            "Je ne peux pas jeudi",
            "Quel est le lieu",
        ),
        *("On se retrouve à l'arrêt de bus ?", "Encore plus de monde que prévu", "Entendu"),
    ],
)
def test_other_answers_are_answers(text: str) -> None:
    assert not stops.means_stop(text)


def test_a_call_is_signed_as_the_providers_own_client_does() -> None:
    # The published vector of OVHcloud's "First steps with the API".
    said = "+".join(["EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1", "GET",
                     "https://eu.api.ovh.com/1.0/domains/", "", "1366560945"])  # fmt: skip
    keys = ("EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF", "MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1")
    found = ovh.signature(keys, "GET", "https://eu.api.ovh.com/1.0/domains/", "", "1366560945")
    assert found == "$1$d3705e8afb27a0d2970a322b96550abfc67bb798", said


@pytest.mark.parametrize(
    ("ptt", "description", "verdict"),
    [("4", "1", True), ("23", "2", False), ("5", "16", False), ("3", "4", None), ("1", "8", None), ("4", "", True),
     ("24", "", False), ("", "", None)],
)  # fmt: skip
def test_receipts_are_judged_by_their_codes(ptt: str, description: str, verdict: bool | None) -> None:
    assert ovh.verdict(ptt, description) is verdict


def test_no_gateway_is_given_the_number_of_another_provider() -> None:
    gateway = Sms(backend="gateway", gateway_url="https://g.example/")
    assert gateway.missing() == ["sms.stop_mention"]
    assert gateway.mention == ""
    told = gateway.model_copy(update={"stop_mention": "STOP au 36111"})
    assert (told.missing(), told.mention) == ([], "STOP au 36111")
    assert Sms(backend="ovh").mention == "STOP au 36180", "what OVHcloud adds by itself"


def test_a_gateways_templates_are_filled_so_that_no_words_break_out() -> None:
    values = {
        "to": "+33612345678",
        "text": 'Il dit "oui"\nà 5 % & {to}',
        "from": "R",
        "id": "7",
        "to_digits": "33612345678",
    }
    body = gateways.filled('{"to":"{to}","text":"{text}"}', values, style="json")
    assert body == '{"to":"+33612345678","text":"Il dit \\"oui\\"\\nà 5 % & {to}"}'
    address = gateways.filled("https://g.example/?to={to}&m={text}&x={other}", values)
    assert address == (
        "https://g.example/?to=%2B33612345678&m=Il%20dit%20%22oui%22%0A%C3%A0%205%20%25%20%26%20%7Bto%7D&x={other}"
    )
    assert gateways.filled("{text}", values, style="plain") == 'Il dit "oui" à 5 % & {to}'


def test_success_is_what_the_configuration_calls_so() -> None:
    assert gateways.is_success(200, '{"status": "ok"}', statuses=[200], pattern='"status":\\s*"ok"')
    assert not gateways.is_success(200, '{"status": "ko"}', statuses=[200], pattern='"status":\\s*"ok"')
    assert not gateways.is_success(202, "", statuses=[200], pattern="")
    assert gateways.reference('{"id": "m-17"}', '"id": "([^"]+)"') == "m-17"
    assert gateways.reference("queued 42", "[0-9]+") == "42"
    assert gateways.reference("queued", "") == ""
