"""Cel finish: any coloured video and its line art in, crisp flats of the reference's palette at the line art's size out."""
