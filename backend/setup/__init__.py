"""Making and checking the environments that engines run in."""
