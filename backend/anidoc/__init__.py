"""The AniDoc engine: the paper's model, from released weights to coloured frames."""
