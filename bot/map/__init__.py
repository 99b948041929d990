"""People and their vectors as a picture, in which the like stand together.

layout.py        vectors to places on a plane: t-SNE, of landmarks if there are many
groups.py        who shares which colour
fonts.py         text of every script as a line that can be measured and drawn
labels.py        which names are written, and where, so that none lies on another
legend.py        the groups in rows, with their numbers
canvas.py        dots and bars with smooth edges
drawing.py       all of it painted: the PNG
summary.py       what stands where, for the description
maps.py          Maps: who is on the map of a directory, and the pictures made so far
composition.py   Place, Picture and picture(), which puts it all together
"""

from bot.map.composition import Picture, Place, picture
from bot.map.labels import Label
from bot.map.maps import Maps, fields

__all__ = ["Label", "Maps", "Picture", "Place", "fields", "picture"]
