"""The AniDoc engine: the paper's model, from released weights to coloured frames."""

import os

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")  # it advises to install what we do not use
