"""Networks that look at one coloured picture: the paper's line extractors, and the matte that finds the figure."""
