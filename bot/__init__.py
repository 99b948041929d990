"""A semantic who's-who for Discord. The layers, each importing only from those below it:

__main__                    the command line: verbs and their options
verbs                       what each verb does
running                     what a verb runs in: the settings, all that is opened, and its end
preview · serving · monitor  the bot in a browser · in Discord, until told to stop · its health
cogs/                       what Discord sees: commands, cards, forms
client                      the Discord client and its command tree
answers                     how an interaction is answered, also with an error
upkeep · importing          looking after directories, and importing, in the terminal
terminal                    what the command line prints
transfer/ · backup/         people from files into a directory and back; directories as one file
map/                        a directory as a picture
directory/                  the people of one vector set, and the directories there are
embedder · redis_server     text to vectors · the embedded Redis
append_only                 the embedded Redis's file, in order for its next start
query/                      what was asked: words, and conditions among them
filters                     the conditions as a tree: evaluated, printed for Redis, written
people_file/ · shared_names  people as files · people who share a name
whole_file                  files that are there whole or not at all
person/                     who is stored, and what is stored of them
logs · metrics              the log, and what is counted, without what anybody wrote
settings                    the environment
errors                      every failure that has a sentence
sentences/                  what people read, in English
"""
