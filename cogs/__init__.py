"""What Discord shows, by topic.

search.py          finding people by meaning: /whois, /search and /similar
browse.py          looking around: /people, /random and /about
map.py             the directory as a picture: /map
mentions.py        answering messages that mention the bot; the command in the menu of a message
help.py            /help
people.py          editing people: /addperson, /editperson, /removeperson and /setattribute
person_edit.py     editing a person, also while someone else edits them
bulk_edit.py       one attribute of many people, set at once
attributes.py      the attributes people can have: /attributes
history.py         what was changed: /history and /undo
history_text.py    changes to a directory, in words
import_export.py   files of people: /import and /export
import_view.py     an import: its plan, its progress and its report
privacy.py         what is stored: /privacy and /mydata
left_servers.py    deleting the directories of servers that the bot has left
results.py         answers to questions: what a directory found, as pages
paging.py          answers with pages, and the controls that turn them
cards.py           people as a card or a list, shortened to fit a message
buttons.py         buttons that never expire
presses.py         answering presses on persistent buttons and expired controls
confirmation.py    asking before something is done
forms.py           forms, and the one for a person
progress.py        progress bars, while something takes long
permissions.py     who may edit the directory
autocomplete.py    what Discord offers while someone types
"""
