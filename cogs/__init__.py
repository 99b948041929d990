"""What Discord sees.

pressed.py      what the buttons that lead on lead to
too_old.py      what answers where a control's view is gone
search.py       finding by meaning: /whois, /search, /similar
browse.py       looking round: /people, /random, /about
map.py          /map
talk.py         the bot mentioned or answered, and the menu of a message
help.py         /help
admin.py        keeping: /addperson, /editperson, /removeperson, /setattribute
privacy.py      what is stored: /privacy, /mydata
departures.py   servers that the bot left: their directories are kept for a while
asking.py       questions to a directory, and their answers, wherever they are asked from
forms.py        the form of a person, and the question before a removal
permissions.py  who may keep the directory
completion.py   what Discord offers while somebody types
pages.py        pages of an answer, and the controls that turn them
cards.py        people as Components V2, and how much of them fits
leads.py        buttons that lead on, for anybody and for ever
"""
