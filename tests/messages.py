"""Messages that several tests expect."""

NOT_YOURS = (
    "Only the person who asked can use these buttons. Ask the same question to get your own."
)
TOO_OLD = (
    "These buttons no longer work: they expire after 14 minutes, or when the bot restarts. "
    "Please ask again."
)
FORM_TOO_OLD = (
    "This form has expired or was already sent. Check whether it was saved before you fill it in "
    "again."
)
NOT_ALLOWED = "You need the Manage Server permission to do this."
RESTARTING = "The bot is restarting. Please try again in a moment."
CUT_OFF = (
    "The bot is restarting and couldn't finish this. If you changed something, check whether it "
    "was saved before you try again."
)
LOST = (
    "The answer didn't reach Discord. If you changed something, check whether it was saved before "
    "you try again."
)
