"""Plain English: what filters, and what stays words."""

import pytest

from bot.filters import Compare, Filter, Not, either, every
from bot.person import BASE_SCHEMA, Kind
from bot.query import Query, parse, values_named
from tests.test_query import (
    ALIVE,
    DEAD,
    SCHEMA,
    YEAR,
    born,
    country,
    died,
    gender,
    lived_in,
    span,
    tagged,
)

KNOWN = {
    "france": {"country": "France"},
    "germany": {"country": "Germany"},
    "united states": {"country": "United States"},
    "cote divoire": {"country": "Côte d'Ivoire"},
    "turkey": {"country": "Turkey"},
    "china": {"country": "China"},
    "netherlands": {"country": "Netherlands"},
    "physics": {"field": "physics"},
    "peace studies": {"field": "peace studies"},
    "chess": {"field": "chess"},
    "female": {"gender": "female"},
    "male": {"gender": "male"},
}
OLDER_THAN_80 = every([ALIVE, born("<", YEAR - 80)])

FILTERS: list[tuple[str, str, Filter]] = [
    # death
    ("scientists who died before 2000", "scientists", died("<", 2000)),
    ("Scientists who died before 2000?", "Scientists", died("<", 2000)),
    ("who died in 1934", "", died("=", 1934)),
    ("people who died in 1934", "", died("=", 1934)),
    ("everyone who died in the year 1934", "", died("=", 1934)),
    ("singers who died after 1990", "singers", died(">", 1990)),
    ("painters who died since 2010", "painters", died(">=", 2010)),
    ("painters dead before 1900", "painters", died("<", 1900)),
    ("kings dead by 1500", "kings", died("<=", 1500)),
    ("queens who had died by 1600", "queens", died("<=", 1600)),
    ("actors who passed away in 2016", "actors", died("=", 2016)),
    ("died 1944", "", died("=", 1944)),
    ("died in the 1960s", "", span("died", 1960, 1969)),
    ("poets who died in the 1800s", "poets", span("died", 1800, 1899)),
    ("who died during the 1340's", "", span("died", 1340, 1349)),
    ("composers who died in the 18th century", "composers", span("died", 1701, 1800)),
    ("died before the 19th century", "", died("<", 1801)),
    ("died after the 1960s", "", died(">", 1969)),
    ("died between 1914 and 1918", "", span("died", 1914, 1918)),
    ("soldiers who died from 1914 to 1918", "soldiers", span("died", 1914, 1918)),
    ("died from 1990 on", "", died(">=", 1990)),
    ("died in or before 1900", "", died("<=", 1900)),
    ("generals who died before 44 BC", "generals", died("<", -44)),
    ("emperors who died in 14 AD", "emperors", died("=", 14)),
    # birth
    ("born in 1867", "", born("=", 1867)),
    ("born 1867", "", born("=", 1867)),
    ("women born in 1867", "women", born("=", 1867)),
    ("born in the 19th century", "", span("born", 1801, 1900)),
    ("born in the nineteenth century", "", span("born", 1801, 1900)),
    ("Born in the 19th Century", "", span("born", 1801, 1900)),
    ("born in the twenty-first century", "", span("born", 2001, 2100)),
    ("philosophers born in the 5th century BC", "philosophers", span("born", -500, -401)),
    ("who was born before 1500", "", born("<", 1500)),
    ("writers born between 1900 and 1950", "writers", span("born", 1900, 1950)),
    ("writers who were born between 1900 and 1950", "writers", span("born", 1900, 1950)),
    ("born from 1900 until 1950", "", span("born", 1900, 1950)),
    ("born between 100 and 44 BC", "", span("born", -100, -44)),
    ("born between 63 BC and 14 AD", "", span("born", -63, 14)),
    ("born between the 1950s and the 1970s", "", span("born", 1950, 1979)),
    ("born from 1980 onwards", "", born(">=", 1980)),
    ("born in or after 1980", "", born(">=", 1980)),
    ("born prior to 1800", "", born("<", 1800)),
    # both, not, or
    ("died after 1990 but born before 1920", "", every([died(">", 1990), born("<", 1920)])),
    ("born before 1920 and died after 1990", "", every([born("<", 1920), died(">", 1990)])),
    (
        "poets who were born before 1920 and who died after 1990",
        "poets",
        every([born("<", 1920), died(">", 1990)]),
    ),
    ("born before 1900 or after 1950", "", either([born("<", 1900), born(">", 1950)])),
    ("born after 1900 but before 1910", "", every([born(">", 1900), born("<", 1910)])),
    ("born in 1900 or in 1901", "", either([born("=", 1900), born("=", 1901)])),
    ("who were born in 1900 or 1901?", "", either([born("=", 1900), born("=", 1901)])),
    ("born before 1900 or died in 1950", "", either([born("<", 1900), died("=", 1950)])),
    ("singers not born in the 1960s", "singers", Not(span("born", 1960, 1969))),
    ("singers who were not born before 1900", "singers", Not(born("<", 1900))),
    (
        "singers (born in 1900 or died in 1950)",
        "singers",
        either([born("=", 1900), died("=", 1950)]),
    ),
    # a life
    ("who lived in the 18th century", "", lived_in(1701, 1800)),
    ("painters who lived in the 1500s", "painters", lived_in(1500, 1599)),
    ("people who lived during the 5th century BC", "", lived_in(-500, -401)),
    ("composers alive in 1750", "composers", lived_in(1750, 1750)),
    ("still alive", "", ALIVE),
    ("Still alive?", "", ALIVE),
    ("singers still alive", "singers", ALIVE),
    ("singers who are still alive", "singers", ALIVE),
    ("who is alive", "", ALIVE),
    ("actors alive today", "actors", ALIVE),
    ("living composers", "composers", ALIVE),
    ("the greatest living novelists", "the greatest novelists", ALIVE),
    ("living people", "", ALIVE),
    ("writers still living", "writers", ALIVE),
    ("who are not alive", "", Not(ALIVE)),
    ("singers no longer alive", "singers", DEAD),
    ("the late actors", "the actors", DEAD),
    ("late singer", "singer", DEAD),
    ("deceased writers", "writers", DEAD),
    ("writers who are deceased", "writers", DEAD),
    ("actors now deceased", "actors", DEAD),
    ("who is dead", "", DEAD),
    ("older than 80", "", OLDER_THAN_80),
    ("actors older than 80", "actors", OLDER_THAN_80),
    ("actors who are older than 80 years", "actors", OLDER_THAN_80),
    ("singers over 80 years old", "singers", OLDER_THAN_80),
    ("singers aged over 80", "singers", OLDER_THAN_80),
    ("footballers younger than 30", "footballers", every([ALIVE, born(">", YEAR - 30)])),
    # values
    ("French chemists", "chemists", country("France")),
    ("a French chemist", "a chemist", country("France")),
    ("who were French chemists", "chemists", country("France")),
    ("french women", "women", country("France")),
    ("French people", "", country("France")),
    ("American presidents", "presidents", country("United States")),
    (
        "Dutch painters born in the 17th century",
        "painters",
        every([country("Netherlands"), span("born", 1601, 1700)]),
    ),
    ("French and German chemists", "chemists", country("France", "Germany")),
    ("French, German or Dutch chemists", "chemists", country("France", "Germany", "Netherlands")),
    ("not French chemists", "chemists", Not(country("France"))),
    ("female physicists", "physicists", gender("female")),
    ("female French physicists", "physicists", every([gender("female"), country("France")])),
    ("physicists from France", "physicists", country("France")),
    ("someone from the United States", "", country("United States")),
    ("from the Netherlands", "", country("Netherlands")),
    ("singers from Côte d'Ivoire", "singers", country("Côte d'Ivoire")),
    ("singers from cote d’ivoire", "singers", country("Côte d'Ivoire")),
    ("poets who came from China", "poets", country("China")),
    ("whose country is France", "", country("France")),
    ("whose country is not France", "", Not(country("France"))),
    ("people whose field is physics", "", tagged("physics")),
    ("pioneers with field peace studies", "pioneers", tagged("peace studies")),
    ("living French chemists", "chemists", every([ALIVE, country("France")])),
    ("singers who are French", "singers", country("France")),
    ("who are female", "", gender("female")),
    ("singers not from France", "singers", Not(country("France"))),
    ("singers from France or Germany", "singers", country("France", "Germany")),
    ("whose country is not Germany or France", "", Not(country("Germany", "France"))),
    # among other words
    ("died between 1990-2000", "", span("died", 1990, 2000)),
    (
        "presidents of the United States born after 1900",
        "presidents of the United States",
        born(">", 1900),
    ),
    ("members of the Beatles still alive", "members of the Beatles", ALIVE),
    (
        "people who won two prizes and died before 1950",
        "people who won two prizes",
        died("<", 1950),
    ),
    ("who died before 2000 and won a Nobel prize", "won a Nobel prize", died("<", 2000)),
    ("Nobel laureates who died in 1900", "Nobel laureates", died("=", 1900)),
    ("chess grandmasters born after 1950", "chess grandmasters", born(">", 1950)),
    ("kings of France who died before 1500", "kings of France", died("<", 1500)),
    # beside symbols
    (
        "scientists who died before 2000 country:france",
        "scientists",
        every([died("<", 2000), country("france")]),
    ),
    ("still alive born<1950", "", every([ALIVE, born("<", 1950)])),
    ('"born in 1984" fans born in 1990', "born in 1984 fans", born("=", 1990)),
]

WORDS = [
    # numbers that are no years
    "top 100 singers",
    "lived in 1600 Pennsylvania Avenue",
    "died in 1000 ways",
    "born in 10 minutes",
    "died 3 times",
    "killed 1500 people",
    "died before 500 people",
    "born in 476 monks",
    "died at 27",
    "died aged 27",
    "born with 11 fingers",
    "died in 3000",
    "born in 1,900 places",
    "2001: A Space Odyssey director",
    "Blade Runner 2049",
    "1984 author",
    "agent 007",
    "Apollo 13",
    "Forbes 30 under 30",
    "older than 80 castles",
    "older than 2000",
    "born 4 July 1776",
    "born on 4 July 1776",
    "died in 1918-19",
    # titles and idioms
    "born in the USA singer",
    "born to run",
    "natural born killers",
    "firstborn of the king",
    "born in a log cabin",
    "born before his time",
    "who died young",
    "who died in battle",
    "died of a broken heart",
    "never died",
    "who wrote Still Alive",
    "buried alive",
    "still alive after the plane crash",
    "living in Paris",
    "living room designers",
    "the cost of living",
    "night of the living dead",
    "studied living things",
    "the late Middle Ages",
    "late night host",
    "late bloomers",
    "better late than never",
    "of late 19th century fame",
    "Dead Poets Society",
    "speaker for the deceased",
    "older than the hills",
    # periods without an event, and what may be ten years or a hundred
    "19th century writers",
    "between 1900 and 1950",
    "since 1950",
    "reigned in the 18th century",
    "famous in the 1960s",
    "born in the 1900s",
    "born in the sixties",
    "born in the early 19th century",
    "born in the first half of the 19th century",
    "born around 1900",
    "born last century",
    "lived before 1900",
    # adjectives and places that are none, or not known
    "French Revolution leaders",
    "French horn players",
    "Spanish flu victims",
    "German shepherds",
    "Dutch courage",
    "English teachers",
    "Italian singers",
    "Ruritanian kings",
    "French and Saxon kings",
    "French and Italian singers",
    "non-French chemists",
    "poets from Turkey Creek",
    "letters from France",
    "king of France",
    "born in France",
    "poets from Atlantis",
    "chess players",
    "physics teacher",
    "field of physics",
    "peace activists",
    "country music from Nashville",
    # not about who is asked for, denied, or read by halves
    "French chemists or German physicists",
    "French chemists and German physicists",
    "French chemists or scientists",
    "French actresses or singers",
    "living singers or actors",
    "born in 1900 and 1910",
    "born in 1900, 1901 or 1902",
    "born in the 1950s and 1960s",
    "singers from France and Spain",
    "singers from France, Spain",
    "from Georgia, USA",
    "field is physics and juggling",
    "born after 1900, before 1950",
    "born after 1900 before 1950",
    "born after 1900 but not after 1950",
    "born in 1900 but not in 1901",
    "who has lived in 2001 and in 1990",
    "not born in 1900 but in 1901",
    "died in 1990–2000",
    "died 1990–2000",
    "died in 1990 - 2000",
    "born 1900 to 1950",
    "born after 1900-ish",
    "died aged under 30",
    "died younger than 30",
    "died over 90 years old",
    "aged over 60 when he won",
    "older than 60 when elected",
    "won Nobel prize aged under 30",
    "older than 80 in 2000",
    "founded a university over 100 years old",
    "lives in house over 50 years old",
    "over 18 years old whisky distiller",
    "no older than 30",
    "older than 50 cent",
    "not older than 30",
    "whose father died in 1900",
    "his father died in 1900",
    "her son was born in 1950",
    "company born in 1998",
    "founder of a company born in 2004",
    "internet born in 1983",
    "when the web was born in 1989",
    "killed someone who died in 1968",
    "married a man born in 1900",
    "father of a girl born in 1980",
    "parents of children born in 2000",
    "killed a man who was still alive",
    "told he was dead in 1900",
    "predicted he would be dead by 2000",
    "wife of an American president",
    "killed an American president",
    "married a French actor",
    "influenced German philosophers",
    "French painter museum",
    "Indian chef restaurant",
    "non French chemists",
    "no French chemists",
    "half French chemists",
    "French but not male singers",
    "French and not German singers",
    "African American singers",
    "Native American actors",
    "South American actors",
    "East German politicians",
    "French Canadian singers",
    "Old English poet",
    "nail polish artist",
    "The Quiet American author",
    "Irish American poet",
    "French or female singers",
    "nobody born in 1900",
    "no one who died in 1900",
    "not all who died in 1900",
    "except those born in 1900",
    "anyone but those who died in 1900",
    "not yet born in 1900",
    "who was already dead in 1900",
    "who may have died in 1900",
    "rumoured to have died in 1966",
    "said Elvis is still alive",
    "thought to be still alive",
    "who has been dead since 1980",
    "dead in 1900",
    "buried while still alive",
    "became famous while still living",
    "still alive because",
    "who is still alive in 2020",
    "who is dead wrong",
    "who is living proof",
    "who are living legends",
    "who is living a double life",
    "Living Dead director",
    "Living Colour guitarist",
    "The Living Daylights actor",
    "the late Queen singer",
    "Still alive composer",
    "who is alive and well",
    "still alive and kicking",
    "who is not dead yet",
    "lived in 500 square feet",
    "lived in 1600 pennsylvania avenue",
    "died in 1000 different ways",
    "born in 100 million",
    "died in 100 percent of movies",
    "died 1000 feet above",
    "died in 1917 movie",
    "born in 1984 novel",
    "actor in Born in 1999",
    "author of Born in 1984",
    "Born 1984 band",
    "wrote We Lived in 1850",
    "movie Died 1999",
    "song called born in 1985",
    "died from 2000 on heroin",
    "lived in 1984 by Orwell",
    "From Russia with Love",
    "The Man from Georgia",
    "singer from France national team",
    "man who came from China in 1850",
    "whose field was music theory",
    "gender is male dominated",
    "whose country is new to me",
    "playing field is physics",
    "his field is physics",
    # or, beside what is no condition
    "scientists or who died in 1900",
    "born or died in 1900",
]


@pytest.mark.parametrize(("query", "text", "tree"), FILTERS)
def test_it_filters(query: str, text: str, tree: Filter):
    assert parse(query, SCHEMA, YEAR, KNOWN) == Query(text, tree, english=True)


@pytest.mark.parametrize("query", WORDS)
def test_it_stays_words(query: str):
    assert parse(query, SCHEMA, YEAR, KNOWN) == Query(query)


@pytest.mark.parametrize(("query", "tree"), [(query, tree) for query, _, tree in FILTERS])
def test_literally_it_is_words(query: str, tree: Filter):
    literal = parse(query, SCHEMA, YEAR, KNOWN, literal=True)
    assert literal.filter != tree and literal.text and not literal.english


def test_quotes_keep_words():
    assert parse('"who died before 2000"', SCHEMA, YEAR, KNOWN) == Query("who died before 2000")


def test_the_table_is_as_large_as_promised():
    from tests.test_query import SYMBOLS

    assert len(SYMBOLS) + len(FILTERS) + len(WORDS) >= 150
    assert len(WORDS) >= 40


def test_it_asks_for_the_values_that_it_needs():
    def asked(query: str) -> set[str]:
        return values_named(query, SCHEMA, YEAR)

    assert asked("science died<2000") == set()
    assert asked("French chemists") == {"france"}
    assert asked("French horn players") == set()
    assert asked("American and French singers") >= {"united states", "usa", "france"}
    assert asked("poets from Sri Lanka") == {"sri lanka", "sri"}
    assert asked("whose country is Sri Lanka") >= {"sri lanka"}
    assert asked("died<abc") == set()
    assert asked("x" * 1000) == set()


def test_a_place_is_sought_in_the_usual_fields():
    schema = {**BASE_SCHEMA, "team": Kind.TEXT, "birthplace": Kind.TEXT}
    known = {"france": {"team": "France"}}
    assert parse("poets from France", schema, YEAR, known).filter is None
    assert parse("French poets", schema, YEAR, known).filter is None
    known["france"]["birthplace"] = "France"
    assert parse("French poets", schema, YEAR, known).filter is None
    assert parse("poets from France", schema, YEAR, known).filter == Compare(
        "birthplace", Kind.TEXT, "=", "France"
    )
    known["france"]["country"] = "France"
    usual = {**schema, "country": Kind.TEXT}
    for query in ("poets from France", "French poets"):
        assert parse(query, usual, YEAR, known).filter == country("France")
