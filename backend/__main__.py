"""``python -m backend``: the anidoc command where it is not installed as a script."""

from .cli.main import main

raise SystemExit(main())
