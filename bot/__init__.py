"""A semantic who's-who for Discord. The layers, each importing only from those below it:

__main__                    the command line: verbs and their options
cli/                        what each verb does, and what the terminal prints
preview · health            the bot in a browser · /metrics and /healthz
cogs/                       what Discord shows: commands, cards, forms
client                      the Discord client and its command tree
interactions/               answering an interaction in time, also with an error
map/                        a directory as a picture
maintenance/                check and repair, re-embed, back up and restore
files/                      people in files: reading, import and export
directory/                  the people of one vector set, and the list of directories
embedding/ · embedded_redis/  text to vectors · the bundled Redis server
query/                      text to words, conditions and the filter tree
person/                     a person, a match, the schema
logs · metrics              the log and the counters, without what anybody wrote
settings                    the environment
errors                      every failure that has a message for the user
language                    translating messages, formatting numbers and lists
"""
