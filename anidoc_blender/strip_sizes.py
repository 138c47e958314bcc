"""Tell Blender the size of every picture of an image strip, which its own data API forgets.

``strip.elements.append`` (Blender 4.5 to 5.2) leaves the new element's width and height uninitialised. They do no harm while
the file is there, because reading it sets them. When it is missing (a moved .blend, deleted frames), Blender 5.0 and 5.2
make a placeholder of that size and crash, with the sequencer open already when the file is loaded. Python may only read
the two numbers, so they are written where Blender keeps them, and only where reading shows that this is the place.
"""

import ctypes
from typing import Any

NAME_BYTES = 256
"""Bytes of the file name that stands before width and height in DNA's StripElem (FILE_MAXFILE, DNA_sequence_types.h)."""


def set_sizes(strip: Any, width: int, height: int) -> bool:
    """Give every element of an image strip this size in pixels; False where this Blender keeps sizes elsewhere."""
    places = []
    for element in strip.elements:
        place = (ctypes.c_int * 2).from_address(element.as_pointer() + NAME_BYTES)
        if tuple(place) != (element.orig_width, element.orig_height):
            return False
        places.append(place)
    for place in places:
        place[0], place[1] = width, height
    return True
