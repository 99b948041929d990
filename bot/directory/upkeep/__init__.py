"""Looking after a directory as a whole.

findings.py  what is wrong in a directory, and the commands that mend it
people.py    whether everybody's attributes and vectors are as the bot writes them
indexes.py   whether the indexes go with the people
past.py      whether the history goes with itself, and with the people
headers.py   what was asked for, beside what the history's steps say of it
reembed.py   everybody embedded by another model, while the directory is in use
copy.py      a directory as records, and back
check.py     all of these; and mending what they find
"""
