import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import QueryError, UnknownField
from bot.filters import describe
from bot.person import BASE_SCHEMA, Kind
from bot.query import QUERY_MAX, parse

SCHEMA = {**BASE_SCHEMA, "country": Kind.TEXT, "field": Kind.TAGS, "laureate": Kind.FLAG}


@pytest.mark.parametrize(
    ("query", "text", "terms"),
    [
        ("science", "science", ""),
        ("science died<2000", "science", "died < 2000"),
        ("died<2000 science", "science", "died < 2000"),
        ("women died < 2000 in science", "women in science", "died < 2000"),
        ("born>=1900 died <= 2000", "", "born >= 1900 · died <= 2000"),
        ("born==1867", "", "born = 1867"),
        ("BORN=1867", "", "born = 1867"),
        ("born != 1867", "", "born != 1867"),
        ("born<44 BC generals", "generals", "born < 44 BC"),
        ("born<-44", "", "born < 44 BC"),
        ("died<2000, born>1900", "", "died < 2000 · born > 1900"),
        ("died=none", "", "died = none"),
        ("died!=none singer", "singer", "died != none"),
        ("country=france", "", "country = france"),
        ('country="United States" singer', "singer", "country = United States"),
        ("field=physics field!=chemistry", "", "field = physics · field != chemistry"),
        ("laureate=yes", "", "laureate = yes"),
        ('"died<2000" graffiti', "died<2000 graffiti", ""),
        ("mother (and queen)", "mother (and queen)", ""),
        ("  many \n spaces\t", "many spaces", ""),
        ("@everyone who sings", "@everyone who sings", ""),
        ("شاعر", "شاعر", ""),
        ("?! died<2000", "", "died < 2000"),
        ("died ≤ 2000 born≥1900 born≠1950", "", "died <= 2000 · born >= 1900 · born != 1950"),
        ("died＜2000", "", "died < 2000"),
        ("country='United States' singer", "singer", "country = United States"),
        ("country=“United States” singer", "singer", "country = United States"),
        ("“died<2000” graffiti", "died<2000 graffiti", ""),
        ("field=physics,chemistry", "", "field = physics or field = chemistry"),
        ("singer country=france,italy", "singer", "country = france or country = italy"),
        ("country!=france,italy born<9", "", "country != france · country != italy · born < 9"),
        ("born<44 b.c.", "", "born < 44 BC"),
        ("born<44 B.C.E. generals", "generals", "born < 44 BC"),
        ("born>100 AD", "", "born > 100"),
        ("born>1900 ad agency", "ad agency", "born > 1900"),
        ("born<44bc", "", "born < 44 BC"),
        ("science and died<2000", "science", "died < 2000"),
        ("died<2000 and born>1900", "", "died < 2000 · born > 1900"),
        ("died<2000 && born>1900 && poets", "poets", "died < 2000 · born > 1900"),
        ("rock and roll singer", "rock and roll singer", ""),
        ("👩‍🔬 scientist", "👩‍🔬 scientist", ""),
        ("نویسنده‌ها", "نویسنده‌ها", ""),
        ('country="x;"', "", "country = x;"),
    ],
)
def test_parse(query: str, text: str, terms: str):
    parsed = parse(query, SCHEMA)
    assert parsed.text == text
    assert (describe(parsed.filter) if parsed.filter else "") == terms
    assert parsed.understood == " · ".join(part for part in (text, terms) if part)


@pytest.mark.parametrize(
    ("query", "position", "says"),
    [
        ("", 0, "no words"),
        ("   ", 0, "no words"),
        ("?!…", 0, "no words"),
        ("🎸", 0, "no words"),
        ('""', 0, "no words"),
        ("x" * 4000, QUERY_MAX, "at most 500 characters; this one has 4,000"),
        ("(" * 10000, QUERY_MAX, "at most 500 characters"),
        ("(" * QUERY_MAX, 0, "no words"),
        ("a\0b", 1, r"U\+0000"),
        (
            "science died<abc",
            13,
            "died takes a number, .*, not abc",
        ),
        ("science died<", 13, "A value is missing"),
        ("died<  ", 5, "A value is missing"),
        ('died=""', 5, "A value is missing"),
        ("< 2000", 0, "What should be < here"),
        ("science < > 3", 8, "science"),
        ("country<france", 7, "can be = or != only"),
        ("field>=physics", 5, "can be = or != only"),
        ("died<none", 4, "can be = or != only"),
        ("laureate=maybe", 9, "laureate takes yes or no"),
        ('country="\'"', 8, "letters or digits"),
        ('science "died<2000', 8, "quote is never closed"),
        ("-country=france", 0, "- beside a condition"),
        ("singer !country=france", 7, "! beside a condition"),
        ("not country=france", 0, "not beside a condition"),
        ("born>1 or died<2", 6, "or beside a condition"),
        ("poets or died<2", 6, "or beside a condition"),
        ("(died<2000)", 0, r"\( beside a condition"),
        ("field=a)", 7, r"\) beside a condition"),
        ("3died<1950", 5, "right before it"),
        ("died<2000,1900", 5, "takes one value"),
        ("a.died<3", 6, "right before it"),
    ],
)
def test_parse_says_where_and_what(query: str, position: int, says: str):
    with pytest.raises(QueryError, match=says) as caught:
        parse(query, SCHEMA)
    if "science < >" not in query:
        assert caught.value.position == position


def test_an_unknown_field_offers_the_near_ones():
    with pytest.raises(UnknownField, match=r"Did you mean died\?") as caught:
        parse("science dead<2000", SCHEMA)
    assert caught.value.position == 8
    assert caught.value.pointer() == "science dead<2000\n        ^"
    with pytest.raises(UnknownField, match="There are born, died, country"):
        parse("zzz<2000", SCHEMA)


@pytest.mark.parametrize("position", [0, 30, 250, 499, 500])
def test_the_pointer_points_into_the_line(position: int):
    line, caret = QueryError("", "x" * 250 + "y" * 250, position).pointer(60).split("\n")
    assert len(line) <= 60
    assert 0 <= caret.index("^") <= 60


@given(st.text(max_size=80) | st.text(alphabet="died<>=! \"'-0123 BC(),", max_size=40))
def test_parse_never_crashes(query: str):
    try:
        parsed = parse(query, SCHEMA)
    except QueryError as error:
        assert 0 <= error.position <= len(query)
        assert str(error) and error.pointer()
    else:
        assert parsed.text or parsed.filter
