"""The history of a directory: who changed what, and undoing it.

operations.py      operations: what someone asked to change, and what is stored about it
entries.py         history entries: what one transaction changed, and how it is stored
history.py         History: listing and finding operations, and what they changed
author_export.py   what the history has about one author, as a file
undo.py            Undo: which operations can be undone, and undoing one, entry by entry
undo_decision.py   deciding what an undo does to a person who was changed again
blame.py           which later operations changed what an undo would put back
field_renames.py   following fields through renames
"""
