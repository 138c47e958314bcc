"""From strokes or scanned sketches to boundaries and the regions they enclose. numpy and OpenCV."""
