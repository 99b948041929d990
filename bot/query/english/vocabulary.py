"""The words by which plain English is read, folded."""

from bot.person import fold


def _split(text: str) -> list[str]:
    return text.split()


ORDINALS = dict(
    zip(
        _split(
            """
            first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
            thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
            twenty-first
            """
        ),
        range(1, 22),
        strict=True,
    )
)

ASKING_WORDS = frozenset(
    _split(
        """
        a about again all am an any anybody anyone are can could do does else every everybody
        everyone few find folks for get give got have hello here hey hi how i is just know list
        looking lol many me more name need of ok on only pals people person persons please pls plz
        ppl search searching several show some somebody someone tell thanks that thats the there
        those thx to us want was we were what which who whoever whom whos would you
        """
    )
)
"""Words that ask for people in general."""

POLITE_WORDS = frozenset(_split("here lol now please pls plz thanks thx"))
"""Words that may end a question and add nothing to it."""

QUALITIES = frozenset(
    _split(
        """
        ancient best black blind both catholic celebrated contemporary deaf early either every
        famous gay great greatest hot important influential jewish medieval modern most muslim new
        notable oldest only other popular random renowned well-known young youngest
        """
    )
)
"""Words that may come before an adjective that is a condition."""

DOUBTFUL_WORDS = frozenset(
    _split(
        """
        almost already apart arent avoid because been believed believes believing besides but can
        cant claimed claims claiming could couldnt didnt doesnt dont except exclude excluding
        guess had hardly hasnt havent he her hide his i if ignore isnt it its know knows look may
        maybe might minus my nearly neither never no nobody none nor not omit our probably remove
        reportedly rumored rumoured said says she should shouldnt skip stop supposed supposedly
        than their they think thinks thought unless unlike until wasnt we werent when whether while
        whose without wont would wouldnt yet you your
        """
    )
)
"""Words after which a phrase may mean something else, or be about someone else."""

VERBS = frozenset(
    _split(
        """
        became beat born built came did died fought founding gave got had has have held kept killing
        knew left led live lives loves lived lost made making married met named played ran said sang
        saw shot sold sung taught told took won wrote writes writing
        """
    )
)
"""Words after which a phrase may be about the object of a verb. Words in -ed count, too."""

MODIFIERS = frozenset(
    _split(
        "basketball chess film folk former jazz movie nobel opera pop punk rap rock soccer stage"
    )
)
"""Nouns that may come between an adjective and a noun for people."""

PREPOSITIONS = frozenset(
    _split("about against at behind by for from in into near of on over to under with")
)

_PEOPLE = """
academic activist actor actress adventurer advocate animator anthropologist archaeologist
architect aristocrat artist astronaut astronomer athlete author aviator ballerina banker baritone
baseballer basketballer bassist biochemist biologist bishop boxer broadcaster builder businessman
businesswoman cardinal cartoonist celebrity cellist champion chef chemist choreographer
cinematographer clergyman coach comedian composer conductor cook cosmonaut cricketer criminal
critic cyclist dancer dentist designer detective developer dictator diplomat director doctor
dramatist drummer dude economist editor educator emperor engineer entertainer entomologist
entrepreneur environmentalist essayist explorer farmer female feminist fencer filmmaker footballer
friend general geneticist geographer geologist girl goalkeeper golfer guitarist guy gymnast hero
heroine historian illustrator industrialist inventor jockey journalist judge jurist king lady
laureate lawyer leader legislator lexicographer librarian linguist logician lyricist magician male
man mathematician mayor member microbiologist minister missionary model monarch monk mountaineer
murderer musician musicologist naturalist nobleman novelist nun nurse officer orator painter
pathologist patriarch person pharmacist philanthropist philologist philosopher photographer
physician physicist physiologist pianist pilot pioneer player playwright poet politician pope ppl
president priest princess producer programmer psychiatrist psychologist publisher queen rabbi
racer rapper rebel researcher revolutionary ruler runner sailor saint saxophonist scientist
screenwriter sculptor senator singer skater skier sociologist soldier songwriter soprano sprinter
spy star statesman statistician streamer student suffragette surgeon swimmer tenor theologian
thinker trumpeter user violinist virologist volleyballer weightlifter winner woman wrestler writer
youtuber zoologist
"""

_PLURALS = {
    "man": "men",
    "person": "people",
    "guy": "guys",
    "y": "ies",
    "coach": "coaches",
    "ss": "sses",
}


def _plural(noun: str) -> str:
    for end, plural in _PLURALS.items():
        if noun.endswith(end):
            return noun.removesuffix(end) + plural
    return f"{noun}s"


PEOPLE_NOUNS = frozenset(form for noun in _split(_PEOPLE) for form in (noun, _plural(noun)))
"""Nouns for people, singular and plural."""

_NATIONALITIES = """
afghan: Afghanistan; albanian: Albania; algerian: Algeria; american: United States, United States
of America, USA, US; angolan: Angola; argentine: Argentina; argentinian: Argentina; armenian:
Armenia; australian: Australia; austrian: Austria; azerbaijani: Azerbaijan; bangladeshi:
Bangladesh; belarusian: Belarus; belgian: Belgium; bolivian: Bolivia; bosnian: Bosnia and
Herzegovina, Bosnia; brazilian: Brazil; british: United Kingdom, Great Britain, UK, United
Kingdom of Great Britain and Northern Ireland; bulgarian:
Bulgaria; cambodian: Cambodia; cameroonian: Cameroon; canadian: Canada; chilean: Chile; chinese:
China; colombian: Colombia; costa rican: Costa Rica; croatian: Croatia; cuban: Cuba; cypriot:
Cyprus; czech: Czech Republic, Czechia; danish: Denmark; dutch: Netherlands, the Netherlands;
ecuadorian: Ecuador; egyptian: Egypt; english: England; estonian: Estonia; ethiopian: Ethiopia;
filipino: Philippines, the Philippines; finnish: Finland; french: France; german: Germany;
ghanaian: Ghana; greek: Greece; guatemalan: Guatemala; haitian: Haiti; hungarian: Hungary;
icelandic: Iceland; indian: India; indonesian: Indonesia; iranian: Iran; iraqi: Iraq; irish:
Ireland; israeli: Israel; italian: Italy; jamaican: Jamaica; japanese: Japan; jordanian: Jordan;
kazakh: Kazakhstan; kenyan: Kenya; latvian: Latvia; lebanese: Lebanon; liberian: Liberia; libyan:
Libya; lithuanian: Lithuania; luxembourgish: Luxembourg; malaysian: Malaysia; maltese: Malta;
mexican: Mexico; moldovan: Moldova; mongolian: Mongolia; moroccan: Morocco; mozambican:
Mozambique; namibian: Namibia; nepali: Nepal; nepalese: Nepal; nicaraguan: Nicaragua; nigerian:
Nigeria; north korean: North Korea; norwegian: Norway; pakistani: Pakistan; palestinian:
Palestine; panamanian: Panama; paraguayan: Paraguay; peruvian: Peru; polish: Poland; portuguese:
Portugal; romanian: Romania; russian: Russia; rwandan: Rwanda; saudi: Saudi Arabia; scottish:
Scotland; senegalese: Senegal; serbian: Serbia; singaporean: Singapore; slovak: Slovakia;
slovenian: Slovenia; somali: Somalia; south african: South Africa; south korean: South Korea;
soviet: Soviet Union, USSR; spanish: Spain; sri lankan: Sri Lanka; sudanese: Sudan; swedish:
Sweden; swiss: Switzerland; syrian: Syria; taiwanese: Taiwan; tanzanian: Tanzania; thai: Thailand;
tunisian: Tunisia; turkish: Turkey; ugandan: Uganda; ukrainian: Ukraine; uruguayan: Uruguay;
uzbek: Uzbekistan; venezuelan: Venezuela; vietnamese: Vietnam; welsh: Wales; yugoslav: Yugoslavia;
zambian: Zambia; zimbabwean: Zimbabwe
"""

NATIONALITIES: dict[str, tuple[str, ...]] = {
    adjective.strip(): tuple(value.strip() for value in values.split(","))
    for adjective, values in (entry.split(":") for entry in _NATIONALITIES.split(";"))
}
"""The countries that an adjective stands for: ``french`` for France."""

INDEFINITE_PRONOUNS = frozenset(
    {"anyone", "anybody", "someone", "somebody", "everyone", "everybody"}
)

SEXES = frozenset({"female", "male"})

PLACE_FIELDS = ("country", "nationality", "birthplace", "hometown", "city", "region", "state")
COUNTRY_FIELDS = PLACE_FIELDS[:2]
SEX_FIELDS = ("gender", "sex")
"""The text fields that may hold a value. The first in which someone has it counts."""

ADJECTIVES = {
    **{word: (COUNTRY_FIELDS, names) for word, names in NATIONALITIES.items()},
    **{word: (SEX_FIELDS, (word,)) for word in SEXES},
}
"""For each adjective: the fields it may be about, and the values it stands for."""


def other_country_names(country: str) -> list[str]:
    """Return the other names of a country, folded."""
    name = fold(country)
    groups = ([fold(name) for name in names] for names in NATIONALITIES.values())
    return [other for group in groups if name in group for other in group if other != name]
