"""People and their vectors as a picture, in which the like stand together.

layout.py   vectors to places on a plane: t-SNE, of landmarks if there are many
fonts.py    text of every script as a line that can be measured and drawn
"""
