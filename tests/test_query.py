"""The query language in symbols. tests/test_english.py is about plain English."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import QueryError, UnknownField
from bot.person import BASE_SCHEMA, Kind
from bot.query import QUERY_MAX, Query, negate, parse, print_query
from bot.query.filters import Comparison, Filter, HasValue, Not, all_of, any_of
from bot.query.lifetimes import alive_filter, dead_filter, lived_filter
from bot.query.values import Span

SCHEMA = {
    **BASE_SCHEMA,
    "country": Kind.TEXT,
    "field": Kind.TAGS,
    "laureate": Kind.FLAG,
    "height": Kind.NUMBER,
    "gender": Kind.TEXT,
}
YEAR = 2026


def parse_query(query: str) -> Query:
    return parse(query, SCHEMA, YEAR)


def number(field: str, operator: str, value: float) -> Comparison:
    return Comparison(field, Kind.NUMBER, operator, value)


def born(operator: str, value: float) -> Comparison:
    return number("born", operator, value)


def died(operator: str, value: float) -> Comparison:
    return number("died", operator, value)


def span(field: str, least: float, greatest: float) -> Filter:
    return all_of([number(field, ">=", least), number(field, "<=", greatest)])


def country(*names: str) -> Filter:
    return any_of(Comparison("country", Kind.TEXT, "=", name) for name in names)


def gender(name: str) -> Filter:
    return Comparison("gender", Kind.TEXT, "=", name)


def lived_in(least: int, greatest: int) -> Filter:
    return lived_filter((least, greatest), YEAR)


def tagged(*tags: str) -> Filter:
    return any_of(Comparison("field", Kind.TAGS, "=", tag) for tag in tags)


LAUREATE = Comparison("laureate", Kind.FLAG, "=", True)
ALIVE, DEAD = alive_filter(YEAR), dead_filter(YEAR)
UNITED_STATES = "United States"

SYMBOLS: list[tuple[str, str, Filter | None]] = [
    # comparisons
    ("science", "science", None),
    ("science died<2000", "science", died("<", 2000)),
    ("died<2000 science", "science", died("<", 2000)),
    ("women died < 2000 in science", "women in science", died("<", 2000)),
    ("born>=1900 died <= 2000", "", all_of([born(">=", 1900), died("<=", 2000)])),
    ("born==1867", "", born("=", 1867)),
    ("born:1867", "", born("=", 1867)),
    ("born: 1867", "", born("=", 1867)),
    ("died = 1934", "", died("=", 1934)),
    ("BORN=1867", "", born("=", 1867)),
    ("born != 1867", "", Not(born("=", 1867))),
    ("died=>1990 born=<1900", "", all_of([died(">=", 1990), born("<=", 1900)])),
    ("height>1.8", "", number("height", ">", 1.8)),
    ("height:-5", "", number("height", "=", -5)),
    ("died ≤ 2000 born≥1900", "", all_of([died("<=", 2000), born(">=", 1900)])),
    ("born≠1950", "", Not(born("=", 1950))),
    ("died＜2000", "", died("<", 2000)),
    ("died<2000, born>1900", "", all_of([died("<", 2000), born(">", 1900)])),
    ("scientists died<2000?", "scientists", died("<", 2000)),
    ("scientists, died<2000.", "scientists", died("<", 2000)),
    ("?! died<2000", "", died("<", 2000)),
    # years before Christ
    ("born<44 BC generals", "generals", born("<", -44)),
    ("born<-44", "", born("<", -44)),
    ("born<44bc", "", born("<", -44)),
    ("born<44 b.c.", "", born("<", -44)),
    ("born<44 B.C.E. generals", "generals", born("<", -44)),
    ("born>100 AD", "", born(">", 100)),
    ("born>1900 ad agency", "ad agency", born(">", 1900)),
    ("born:100 BC..44 BC consul", "consul", span("born", -100, -44)),
    # spans
    ("born:1900..1950", "", span("born", 1900, 1950)),
    ("born:1900...1950", "", span("born", 1900, 1950)),
    ("born:1900…1950", "", span("born", 1900, 1950)),
    ("born:1900 .. 1950 poet", "poet", span("born", 1900, 1950)),
    ("born:1900-1950", "", span("born", 1900, 1950)),
    ("born=1900–1950", "", span("born", 1900, 1950)),
    ("born:1900..", "", born(">=", 1900)),
    ("born:..1950 poet", "poet", born("<=", 1950)),
    ("-born:1900..1950", "", Not(span("born", 1900, 1950))),
    ("born!=1900..1950", "", Not(span("born", 1900, 1950))),
    ("height:1.5..1.75", "", span("height", 1.5, 1.75)),
    ("born:1960s", "", span("born", 1960, 1969)),
    ("born:1800s", "", span("born", 1800, 1899)),
    ("born:440s BC", "", span("born", -449, -440)),
    ("born<1960s", "", born("<", 1960)),
    ("born<=1960s", "", born("<=", 1969)),
    ("born>1960s", "", born(">", 1969)),
    ("born:19c", "", span("born", 1801, 1900)),
    ("born:1c", "", span("born", 1, 100)),
    ("born:5C BC", "", span("born", -500, -401)),
    ("died>19c", "", died(">", 1900)),
    ("born:1950s..1970s", "", span("born", 1950, 1979)),
    ("born:1867,1900..1910", "", any_of([born("=", 1867), span("born", 1900, 1910)])),
    # texts, tags, flags
    ("country=france", "", country("france")),
    ("country:france singer", "singer", country("france")),
    ("country: france", "", country("france")),
    ("country:france,italy", "", country("france", "italy")),
    ("country:france,", "", country("france")),
    ("country:france, died<2000", "", all_of([country("france"), died("<", 2000)])),
    ("country!=france,italy", "", Not(country("france", "italy"))),
    ('country:"united states" singer', "singer", country("united states")),
    ('country:"united states",france', "", country("united states", "france")),
    ("country='United States' singer", "singer", country(UNITED_STATES)),
    ("country=“United States” singer", "singer", country(UNITED_STATES)),
    ('country="x;"', "", country("x;")),
    ('country:"a born:1"', "", country("a born:1")),
    ("country:U.S.", "", country("U.S.")),
    ("country:france.", "", country("france")),
    ("country:Rhône-Alpes", "", country("Rhône-Alpes")),
    ("country:日本", "", country("日本")),
    ("field=physics field!=chemistry", "", all_of([tagged("physics"), Not(tagged("chemistry"))])),
    ("field:physics,chemistry", "", tagged("physics", "chemistry")),
    ("laureate=yes", "", LAUREATE),
    ("laureate:no", "", Comparison("laureate", Kind.FLAG, "=", False)),
    # unknown or known
    ("died=none", "", Not(HasValue("died"))),
    ("died!=none singer", "singer", HasValue("died")),
    ("has:died no:country", "", all_of([HasValue("died"), Not(HasValue("country"))])),
    ("-has:died", "", Not(HasValue("died"))),
    ("-no:died", "", HasValue("died")),
    # lives
    ("is:alive singer", "singer", ALIVE),
    ("IS:dead", "", DEAD),
    ("-is:alive", "", Not(ALIVE)),
    ("lived:1701..1800", "", lived_in(1701, 1800)),
    ("lived:18c", "", lived_in(1701, 1800)),
    ("lived=1850 painter", "painter", lived_in(1850, 1850)),
    ('country:"null"', "", country("null")),
    ("country:null", "", Not(HasValue("country"))),
    ("country:‘united states’ singer", "singer", country("united states")),
    ("country : france", "", country("france")),
    ("born : 1900", "", born("=", 1900)),
    ("born：1900", "", born("=", 1900)),
    ("born:1900\u200b", "", born("=", 1900)),
    ("born:1900 - 1950", "", span("born", 1900, 1950)),
    ("born:1900—1950", "", span("born", 1900, 1950)),
    ("born:1900 to 1950 poet", "poet", span("born", 1900, 1950)),
    ("is=alive", "", ALIVE),
    ("is: alive", "", ALIVE),
    ("is!=alive", "", Not(ALIVE)),
    ("country:'a \"b\" c'", "", country("a b c")),
    # not, and, or, brackets
    ("–country:france", "", Not(country("france"))),
    ("-country:france", "", Not(country("france"))),
    ("not country:france", "", Not(country("france"))),
    ("!country:france singer", "singer", Not(country("france"))),
    ("not not country:france", "", country("france")),
    ("born<1 or died>2", "", any_of([born("<", 1), died(">", 2)])),
    ("born<1 OR died>2", "", any_of([born("<", 1), died(">", 2)])),
    (
        "born<1 or died>2 and born>3",
        "",
        any_of([born("<", 1), all_of([died(">", 2), born(">", 3)])]),
    ),
    ("born<1 or died>2 born>3", "", all_of([any_of([born("<", 1), died(">", 2)]), born(">", 3)])),
    (
        "born<1 or died>2 poets born>3",
        "poets",
        all_of([any_of([born("<", 1), died(">", 2)]), born(">", 3)]),
    ),
    ("(born<1 died>2) or born>3", "", any_of([all_of([born("<", 1), died(">", 2)]), born(">", 3)])),
    ("-(born<1 or died>2)", "", Not(any_of([born("<", 1), died(">", 2)]))),
    (
        "poets (born<1 or (died>2 and not born>3))",
        "poets",
        any_of([born("<", 1), all_of([died(">", 2), Not(born(">", 3))])]),
    ),
    ("died<2000 and born>1900", "", all_of([died("<", 2000), born(">", 1900)])),
    ("died<2000 but not country:france", "", all_of([died("<", 2000), Not(country("france"))])),
    ("died<2000 & born>1900", "", all_of([died("<", 2000), born(">", 1900)])),
    (
        "died<2000&&born>1900||-has:born",
        "",
        any_of([all_of([died("<", 2000), born(">", 1900)]), Not(HasValue("born"))]),
    ),
    ("science and died<2000", "science", died("<", 2000)),
    ("died<2000 && born>1900 && poets", "poets", all_of([died("<", 2000), born(">", 1900)])),
    # Redis's own spelling
    (".died < 2000 and .born > 1900", "", all_of([died("<", 2000), born(">", 1900)])),
    (".died < 2000 || !(.born > 1900)", "", any_of([died("<", 2000), Not(born(">", 1900))])),
    ('.country == "france" poets', "poets", country("france")),
    (".died == null", "", Not(HasValue("died"))),
    ('"physics" in .field', "", tagged("physics")),
    ("not 'physics' in .field", "", Not(tagged("physics"))),
    ('.country in ["france", "united states"]', "", country("france", "united states")),
    # words
    ('"died<2000" graffiti', "died<2000 graffiti", None),
    ("“died<2000” graffiti", "died<2000 graffiti", None),
    ('"C++ > Java" advocate', "C++ > Java advocate", None),
    ("who is country:france", "", country("france")),
    ("anyone country:france please", "", country("france")),
    ("poets but country:france", "poets", country("france")),
    ("rock or pop singer", "rock or pop singer", None),
    ("rock or pop singer died<2000", "rock or pop singer", died("<", 2000)),
    ("rock and roll singer", "rock and roll singer", None),
    ("mother (and queen)", "mother (and queen)", None),
    ("mother (and queen) died<2000", "mother (and queen)", died("<", 2000)),
    ("not a singer", "not a singer", None),
    ("not a singer died<2000", "not a singer", died("<", 2000)),
    ("salt & pepper", "salt & pepper", None),
    ("AT&T engineer", "AT&T engineer", None),
    ("either/or philosopher", "either/or philosopher", None),
    ("not-for-profit founder", "not-for-profit founder", None),
    ("a -5 degrees swimmer", "a -5 degrees swimmer", None),
    (":) died<2000", "", died("<", 2000)),
    ("smile :-) clown", "smile :-) clown", None),
    ("Star Wars: A New Hope", "Star Wars: A New Hope", None),
    ("at 2:30 in the morning", "at 2:30 in the morning", None),
    ("https://example.org/x", "https://example.org/x", None),
    ("std::vector inventor", "std::vector inventor", None),
    ("https://youtu.be/x?t=10 singer", "https://youtu.be/x?t=10 singer", None),
    ("<https://example.org/?a=b>", "<https://example.org/?a=b>", None),
    ("read <id:browse> first", "read <id:browse> first", None),
    ("Hamlet : a play", "Hamlet : a play", None),
    ("no: thanks", "no: thanks", None),
    ("oh no:-) said the clown", "oh no:-) said the clown", None),
    ("friend of <@1234567890>", "friend of <@1234567890>", None),
    ("<:guitar:123456> player", "<:guitar:123456> player", None),
    ("  many \n spaces\t", "many spaces", None),
    ("@everyone who sings", "@everyone who sings", None),
    ("شاعر", "شاعر", None),
    ("👩‍🔬 scientist", "👩‍🔬 scientist", None),
    ("نویسنده‌ها", "نویسنده‌ها", None),
    ("who wrote Q&A?", "who wrote Q&A?", None),
]


@pytest.mark.parametrize(("query", "text", "tree"), SYMBOLS)
def test_symbols_parse_to_words_and_a_filter(query: str, text: str, tree: Filter | None):
    assert parse_query(query) == Query(text, tree)
    assert parse(query, SCHEMA, YEAR, literal=True) == Query(text, tree)


@pytest.mark.parametrize(
    ("query", "position", "reason"),
    [
        ("", 0, "no words"),
        ("   ", 0, "no words"),
        ("?!…", 0, "no words"),
        ("🎸", 0, "no words"),
        ('""', 0, "no words"),
        ("or", None, ""),
        ("x" * 4000, QUERY_MAX, r"at most 500 characters\. This one has 4,000"),
        ("(" * 10000, QUERY_MAX, "at most 500 characters"),
        ("(" * QUERY_MAX, 0, "no words"),
        ("a\0b", 1, r"U\+0000"),
        # values
        ("science died<abc", 13, 'died needs a number, .*, or a range, .* "abc" is neither'),
        ("science died<", 13, "A value is missing"),
        ("died<  ", 5, "A value is missing"),
        ("country:", 8, "A value is missing"),
        ('died=""', 5, "A value is missing"),
        ("country:france,''", 8, "A value is missing"),
        ("country<france", 8, "country isn't a number. Use = or !=, not <"),
        ("field>=physics", 7, "field isn't a number. Use = or !=, not >="),
        ("died<none", 5, "Use = or != with none"),
        ("laureate=maybe", 9, 'laureate must be yes or no, not "maybe"'),
        ('country="\'"', 8, "at least one letter or digit"),
        ("died<2000,1900", 5, "only one value after died<"),
        ("born<1900..1950", 5, "one number after born<, not a range"),
        ("born:1950..1900", 5, r"1950 comes after 1900\. Write born=1900\.\.1950"),
        ("born:100..44 BC", 5, r"Write born=44 BC\.\.100 or born=100 BC\.\.44 BC"),
        ("born:1900s", 5, r"ten years or a hundred\. Write 1900\.\.1909 or 1900\.\.1999"),
        ("born:60s", 5, "Write 1960s or 1860s"),
        ("born:0c", 5, "no century 0"),
        ("born:1900..x", 5, "born needs a number"),
        ("country:france,italy born:1900,x", 31, "born needs a number"),
        ("country:france, italy", 14, "If italy is another value"),
        ("country:france, and italy", 14, "If italy is another value"),
        ("country:france; italy.", 14, "write france,italy without"),
        ('country:"united states", italy', 23, 'write "united states",italy without'),
        ('country:"france", "italy"', 16, 'If "italy" is another value'),
        ("born:1900, 1901", 9, "write 1900,1901"),
        ("country:france,,italy", 15, "A value is missing"),
        ('country:"a"b', 11, "space after the closing quote"),
        ("country:'france", 8, "quote is never closed"),
        ("country:'", 8, "quote is never closed"),
        ("country:‘united states", 8, "quote is never closed"),
        ("country:not France", 8, "put a - before country"),
        ("country:-France", 8, "put a - before country"),
        ("country:(France or Italy)", 8, "use commas: country=france,italy"),
        ("born:>1900", 5, "Remove the colon"),
        ("born:1,900", 5, "Write 1900 without the comma"),
        ("born<2,000", 5, "Write 2000 without the comma"),
        ("born:1900..1950..2000", 5, "two ends"),
        ("born:1950s..1940s", 5, r"Write born=1940s\.\.1950s\."),
        ("height:5..-1", 7, r"Write height=-1\.\.5\."),
        ("born:1960-70", 5, r"Write born=1960\.\.1970"),
        ("born:19??", 5, "born needs a number"),
        ("country:france|born:1900", 15, "Put a space before born"),
        ("country:france,-italy", 15, "put a - before country"),
        ("country:france,not italy", 15, "put a - before country"),
        ("country=~france", 8, "Remove the ~"),
        ("country:[france,italy]", 8, r"Remove the \["),
        ("country:france;italy", 8, "Separate values with commas"),
        ("is:alive/dead", 8, "takes one word"),
        ("has:country, field", 11, "takes one word"),
        ("born:000s", 5, "no year 0"),
        ("is:alive,dead", 8, "takes one word"),
        ("no:died,born", 7, "takes one word"),
        (".country in []", 13, "A value is missing"),
        ("- country:france", 0, "Remove the space after -"),
        ("poets – country:france", 6, "Remove the space after –"),
        ("country:France - field:physics", 15, "Remove the space after -"),
        ("everyone but country:france", 9, "put a - right before the condition"),
        ("people who arent is:dead", 11, "put a - right before the condition"),
        ("country:france -germany", 15, "To exclude germany"),
        ("country:france !germany", 15, "To exclude germany"),
        ("country:france|germany", 8, "Separate values with commas"),
        ("is:!alive", 3, "put a - before is"),
        ("poets except country:france", 6, "put a - right before the condition"),
        ("neither born<1900 nor died<1950", 18, "put a - right before the condition"),
        ("poets,country:france", 6, "Put a space before country"),
        ("**country:france**", 2, "Put a space before country"),
        ("`born<1900`", 1, "Put a space before born"),
        ("country:france;died<1900", 8, "Separate values with commas"),
        ("born<1900 or and died>5", 13, "in a row"),
        ("not and died<5", 4, "in a row"),
        ("is:famous", 3, "alive or dead"),
        ("lived>1900", 6, "After lived, write ="),
        ("lived:1900..", 6, "After lived, write ="),
        # places
        ("< 2000", 0, "< needs an attribute right before it"),
        ("C++ > Java", 4, "> needs an attribute right before it"),
        ("1900<born", 4, "Write born>1900"),
        ("poets 1900 <= born<1950", 11, "Write born>=1900"),
        ("name:Curie", 0, "use /whois"),
        ("age>80", 0, "older than 80"),
        ("science < > 3", 8, "A value is missing|There's no attribute"),
        ("3died<1950", 5, "right before it"),
        ("a.died<3", 6, "right before it"),
        (".died", 5, "Add an operator .* after died"),
        (".died - .born > 80", 5, "Add an operator .* after died"),
        ('science "died<2000', 8, "quote is never closed"),
        ("(died<2000", 0, "bracket is never closed"),
        ("singer (died<2000 or (born>3)", 7, "bracket is never closed"),
        ("field=a)", 7, "bracket was never opened"),
        ("(science died<2000)", 1, 'Put "science" before the brackets'),
        ("(died<2000 science)", 11, 'Put "science" before the brackets'),
        ("poets or died<2", 6, "joins two conditions"),
        ("died<2 or poets", 7, "joins two conditions"),
        ("or died<2", 0, "joins two conditions"),
        ("died<2 or or born>1", 10, "in a row"),
        ("(" * 30 + "died<2" + ")" * 30, 21, "nested at most 20 deep"),
        ("not " * 30 + "died<2", 84, "nested at most 20 deep"),
    ],
)
def test_a_wrong_query_is_refused_with_the_place_and_the_reason(
    query: str, position: int | None, reason: str
):
    if position is None:
        assert parse_query(query).text == query
        return
    with pytest.raises(QueryError, match=reason) as caught:
        parse_query(query)
    if "science < >" not in query:
        assert caught.value.position == position


def test_an_unknown_field_suggests_similar_fields():
    with pytest.raises(UnknownField, match=r"Did you mean died\?") as caught:
        parse_query("science dead<2000")
    assert caught.value.position == 8
    assert caught.value.pointer() == "science dead<2000\n        ^"
    for query in ("zzz<2000", "zzz:x", 'zzz:"x y"', "zzz:1900..1950", "has:zzz", ".zzz == 3"):
        with pytest.raises(UnknownField, match="Use born, died, country"):
            parse_query(query)
    with pytest.raises(UnknownField, match=r"Did you mean country\?"):
        parse_query("no:contry")
    with pytest.raises(UnknownField, match=r"Did you mean born\?"):
        parse_query("birth:1900")


@pytest.mark.parametrize("position", [0, 30, 250, 499, 500])
def test_the_pointer_stays_within_the_line(position: int):
    line, caret = QueryError("", "x" * 250 + "y" * 250, position).pointer(60).split("\n")
    assert len(line) <= 60
    assert 0 <= caret.index("^") <= 60


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("singer ", "singer "),
        ("čárka ", "čárka "),
        ("певец ", "певец "),
        ("歌手 x ", "… x "),
        ("🎸 ", "… "),
        ("👩‍🔬 a ", "… a "),
        ("شاعر b ", "… b "),
        ("cafe\u0301 ", "… "),
        ("❤️ ", "… "),
        ("ｆｕｌｌ ", "… "),
    ],
)
def test_the_pointer_is_not_moved_by_wide_characters(before: str, shown: str):
    with pytest.raises(QueryError) as caught:
        parse_query(f"{before}died<abc")
    line, caret = caught.value.pointer().split("\n")
    assert line == f"{shown}died<abc"
    assert caret == f"{' ' * len(shown)}     ^"


# Random filters that a query can express, printed and parsed again.

values = st.text(
    st.characters(codec="utf-8", exclude_characters='"“”', exclude_categories=["Cc", "Cs"]),
    min_size=1,
    max_size=12,
)
names = values.map(str.strip).filter(
    lambda text: any(c.isalnum() for c in text) and text.lower() not in ("none", "null")
)
years = st.integers(-9999, 9999)
sizes = st.integers(-(10**14), 10**14) | st.decimals(-1000, 1000, places=3).map(float)


def spans(low: int, high: int) -> st.SearchStrategy[Span]:
    pair = st.tuples(st.integers(low, high), st.integers(low, high))
    return pair.map(lambda ends: (min(ends), max(ends)))


conditions = st.one_of(
    st.builds(
        number,
        st.sampled_from(["born", "died"]),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        years,
    ),
    st.builds(number, st.just("height"), st.sampled_from(["=", "<", "<=", ">", ">="]), sizes),
    st.builds(
        lambda field, ends: span(field, *ends), st.sampled_from(["born", "died"]), spans(-99, 2030)
    ),
    st.lists(names, min_size=1, max_size=3).map(lambda chosen: country(*chosen)),
    st.lists(names, min_size=1, max_size=3).map(lambda chosen: tagged(*chosen)),
    st.builds(Comparison, st.just("laureate"), st.just(Kind.FLAG), st.just("="), st.booleans()),
    st.builds(HasValue, st.sampled_from(list(SCHEMA))),
    st.sampled_from([ALIVE, DEAD]),
    spans(-500, 2030).map(lambda ends: lived_filter(ends, YEAR)),
)


def combinations(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(parts.map(negate), several.map(all_of), several.map(any_of))


trees = st.recursive(conditions, combinations, max_leaves=10)


@given(tree=trees, words=st.sampled_from(["", "singer", "rock or pop"]))
@settings(max_examples=1000, deadline=None)
def test_a_printed_filter_parses_to_the_same_filter(tree: Filter, words: str):
    query = f"{words} {print_query(tree)}"
    if len(query) <= QUERY_MAX:
        assert parse_query(query) == Query(words, tree)


alphabet = st.sampled_from(
    [
        *"died<>=! \"'-0123 BC(),.:|&",
        "or ",
        "and ",
        "not ",
        "born ",
        "in ",
        "country:",
        "1900",
        "..",
        "who ",
        "before ",
        "the ",
        "19th century ",
        "from ",
        "French ",
        "is:",
        "alive",
        "🎸",
        "歌",
    ]
)


@given(st.text(max_size=80) | st.lists(alphabet, max_size=30).map("".join))
@settings(max_examples=1000, deadline=None)
def test_parsing_any_text_raises_only_query_errors(query: str):
    for literal in (False, True):
        try:
            parsed = parse(query, SCHEMA, YEAR, literal=literal)
        except QueryError as error:
            assert 0 <= error.position <= len(query)
            assert str(error) and error.pointer()
        else:
            assert parsed.text or parsed.filter
