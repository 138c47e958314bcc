"""``python -m backend``: the anidoc command where it is not installed as a script."""

from .cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
