"""A semantic who's-who for Discord. The layers, each importing only from those below it:

__main__ · preview      wire everything: the command line, the bot, the bot in a browser
cogs.*                  what Discord sees: commands, cards, forms
client                  the Discord client and its command tree
answers                 how an interaction is answered, also with an error
terminal · transfer     what the command line prints, imports and exports
directory               the people of one vector set, and the directories there are
embedder · redis_server text to vectors · the embedded Redis
query → filters         what was asked: words, and the exact terms among them
people_file             people as JSON files
person/                 who is stored, and what is stored of them
settings · errors       the environment · every failure that has a sentence
"""
