"""The command line, below its options in ``__main__``.

commands.py     one function for each verb
runtime.py      what every verb needs: settings, opened resources, an exit code
serve.py        the bot in Discord until it is told to stop
import_file.py  import a file: show the plan, confirm, import
maintenance.py  check, repair, re-embed, back up and restore
output.py       what the terminal prints
"""
