"""What Discord sees.

search.py       finding: /whois, /search
admin.py        keeping: /addperson, /editperson, /removeperson, /setattribute
forms.py        the form of a person, and the question before a removal
reading.py      the button under an answer whose conditions were read from plain words
completion.py   what Discord offers while somebody types
cards.py        people as Components V2
permissions.py  who may keep the directory
"""
