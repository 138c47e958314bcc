"""Which point of the reference is which point of each drawing: matchers, trackers, and the whole shot's correspondence."""
