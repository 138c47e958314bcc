"""In-between: breakdown drawings between two key drawings, or between all keys of a shot."""
