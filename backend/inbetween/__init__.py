"""In-betweens: drawings between two key drawings, from the artist's own strokes or from scanned line art."""
