"""AniDoc's job type for Flamenco: anidoc_colorize.js is what a studio copies; submit.py hands a batch to its Manager."""
