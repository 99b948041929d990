"""What Discord sees.

pressed.py      what the buttons that lead on lead to
too_old.py      what answers where a control's view is gone
search.py       finding by meaning: /whois, /search, /similar
browse.py       looking round: /people, /random, /about
map.py          /map
talk.py         the bot mentioned or answered, and the menu of a message
help.py         /help
admin.py        keeping: /addperson, /editperson, /removeperson, /setattribute
fields.py       the attributes there are: /fields
history.py      what was changed, and taking it back: /history, /undo
privacy.py      what is stored: /privacy, /mydata
departures.py   servers that the bot left: their directories are kept for a while
asking.py       questions to a directory, and their answers, wherever they are asked from
editing.py      a person edited in a form, also while somebody else changes that person
bulk.py         one attribute of many people, set at once
undoing.py      the question before a change is taken back, and what is said after it
question.py     a question before something is done
progress.py     a bar that shows how far it is
changes.py      changes in words
forms.py        forms, and that of a person
permissions.py  who may keep the directory
completion.py   what Discord offers while somebody types
pages.py        pages of an answer, and the controls that turn them
cards.py        people as Components V2, and how much of them fits
leads.py        buttons that lead on, for anybody and for ever
"""
