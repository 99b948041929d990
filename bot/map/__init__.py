"""A directory as a picture on which similar people are close together.

directory_map.py   MapCache: which people a map shows, in which colours; a cache of images
render.py          render_map(): people and their vectors to an image and its description
layout.py          positions on a plane for vectors: t-SNE, of landmarks if there are many
groups.py          groups of people and their colours
fonts.py           text in any script as a line that can be measured and drawn
labels.py          which names are written, and where, so that they don't overlap
legend.py          the legend: groups with their colours and counts
drawing.py         painting all of it into a PNG
description.py     the map in words
"""

from bot.map.directory_map import MapCache, list_colourings
from bot.map.labels import Label
from bot.map.render import MapImage, MapPerson, render_map

__all__ = ["Label", "MapCache", "MapImage", "MapPerson", "list_colourings", "render_map"]
