"""``anidoc models``: list, get, verify and remove the models that the AniDoc engine uses."""

import argparse
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from ..contracts.errors import AniDocError
from .main import ALL_DONE, CANCELLED, COULD_NOT_RUN, SOME_FAILED

_SHOWN_EVERY, _TOLD_EVERY = 50 * 10**6, 2 * 10**6
"""Bytes between two lines of progress, for people and for programs."""


_LONGEST_ANSWER = 10_000
"""Bytes of a line on stdin."""


def declare(parser: argparse.ArgumentParser) -> None:
    """The verb's arguments."""
    add = parser.add_argument
    add(
        "what",
        choices=("list", "get", "verify", "remove"),
        help="list: what there is and what is here; get: fetch; verify: check the files; remove: delete",
    )
    add(
        "names",
        nargs="*",
        metavar="NAME",
        help="models as list calls them (get without a name: those that the engine needs)",
    )
    add("--folder", type=Path, metavar="DIR", help="where models are kept (default: your folder for application data)")
    add(
        "--from",
        dest="own",
        type=Path,
        metavar="DIR",
        help="get: use this folder that you already have; nothing is copied",
    )
    add("--mirror", default="", metavar="URL", help="get: another place of the hub's form")
    add("--offline", action="store_true", help="go online for nothing")
    add("--accept-licence", action="store_true", help="get: you have read the licence that is shown, and accept it")
    add("--json", action="store_true", help="print one JSON object a line")
    add(
        "--stdin",
        action="store_true",
        help="for programs, with --json: the first line on stdin is your hub token or empty, then yes or no to each "
        "licence; the end of stdin stops",
    )


def run(chosen: argparse.Namespace) -> int:
    """Do what was asked; 0 all right, 1 something is wrong with a model, 2 it could not be done."""
    from ..runner.stdio import claim_stdout
    from ..setup.models import default_root
    from ..setup.models_http import Stopped
    from .run import end_politely

    end_politely()
    out = claim_stdout() if chosen.json else None
    say = _Say(out, _listen() if chosen.stdin else None)
    root = chosen.folder or default_root()
    try:
        return {"list": _list, "get": _get, "verify": _verify, "remove": _remove}[chosen.what](chosen, root, say)
    except (KeyboardInterrupt, Stopped):
        say(
            f"Stopped. What has arrived stays in {root}; the same command goes on.",
            {"type": "summary", "outcome": "cancelled"},
        )
        return CANCELLED
    except AniDocError as error:
        if out is None:
            raise
        say("", {"type": "problem", "sentence": error.sentence, "remedy": error.remedy, "kind": error.kind})
        say("", {"type": "summary", "outcome": "failed"})
        return COULD_NOT_RUN


def _listen() -> "queue.SimpleQueue[str]":
    """Lines as they come on stdin. Its end ends the process at once: whatever is being written has a temporary name."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def listen() -> None:
        while line := sys.stdin.buffer.readline(_LONGEST_ANSWER):
            lines.put(line.decode("utf-8", "replace").strip())
        os._exit(CANCELLED)

    threading.Thread(target=listen, daemon=True).start()
    return lines


class _Say:
    """To people in sentences, to programs in JSON lines. ``answers``: what a program writes on stdin."""

    def __init__(self, out, answers: "queue.SimpleQueue[str] | None" = None) -> None:
        self.out, self.answers = out, answers

    def __call__(self, sentence: str, line: dict) -> None:
        if self.out is not None:
            self.out.write((json.dumps(line) + "\n").encode())
        elif sentence:
            print(sentence, flush=True)


def _chosen(names: list[str], default: list):
    from ..setup.models_table import MODELS, model_named

    if not names:
        return default
    found = []
    for name in names:
        model = model_named(name)
        if model is None:
            raise AniDocError(f"There is no model called {name}.", f"There are: {', '.join(m.name for m in MODELS)}.")
        found.append(model)
    return found


def _list(chosen: argparse.Namespace, root: Path, say: _Say) -> int:
    from ..setup.models import pinned, place, state
    from ..setup.models_table import MODELS

    words = {"absent": "not here", "part": "in part", "ready": "here", "own": "your folder", "broken": "BROKEN"}
    for model in _chosen(chosen.names, list(MODELS)):
        now, known = state(root, model), pinned(root, model)
        size = sum(s for s, _ in known.files.values()) if known else model.about
        amount = in_bytes(size) if size else ("told before fetching" if model.repo else "not fetched by AniDoc")
        gated = " (an account is needed)" if model.gated else ""
        note = " Known by name: this version has no code that runs it." if model.use == "named" else ""
        say(
            f"{model.name:<18}{words[now]:<13}{model.title}: {model.purpose}.{note}\n"
            f"{'':31}{amount}; {model.licence.name}{gated}. {model.licence.means}",
            {
                "type": "model", "name": model.name, "title": model.title, "purpose": model.purpose, "state": now,
                "use": model.use, "bytes": size, "source": model.repo, "gated": model.gated,
                "licence": model.licence.name, "licence_text": model.licence.text, "licence_means": model.licence.means,
                "folder": str(place(root, model)), "commit": known.commit if known else "",
                "files": {f: {"bytes": s, "sha256": h} for f, (s, h) in (known.files if known else {}).items()},
            },
        )  # fmt: skip
    say(f"They are kept in {root}.", {"type": "summary", "outcome": "done", "folder": str(root)})
    return ALL_DONE


def _get(chosen: argparse.Namespace, root: Path, say: _Say) -> int:
    from ..setup.models import get, hub, offer, state, take_over
    from ..setup.models_http import Wire, own_token
    from ..setup.models_table import HUB, MODELS

    models = _chosen(chosen.names, [m for m in MODELS if m.use == "engine"])
    if chosen.own is not None:
        if len(models) != 1 or not chosen.names:
            raise AniDocError("A folder of your own is for one model.", "For example: anidoc models get svd --from DIR")
        take_over(root, models[0], chosen.own)
        say(f"{models[0].title} is taken from {chosen.own}.", {"type": "summary", "outcome": "done"})
        return ALL_DONE
    missing = [m for m in models if state(root, m) not in ("ready", "own")]
    if chosen.offline and missing:
        raise AniDocError(
            f"{missing[0].title} is not here, and AniDoc was told to stay offline.",
            f"Copy it from another computer and name its folder: anidoc models get {missing[0].name} --from DIR",
        )
    base = hub(chosen.mirror)
    given = say.answers.get() if say.answers is not None else ""
    # The user's token belongs to the hub; a mirror gets only what was given for it.
    wire = Wire(base, given or (own_token() if base == HUB else ""))
    for model in missing:
        offered = offer(model, wire, root)
        size = in_bytes(offered.total)
        say(
            f"{model.title}: {size} from {base}/{model.repo}\n"
            f"Licence: {model.licence.name} ({model.licence.text}). {model.licence.means}",
            {
                "type": "licence", "name": model.name, "bytes": offered.total, "licence": model.licence.name,
                "source": f"{base}/{model.repo}", "licence_text": model.licence.text, "licence_means": model.licence.means,
            },
        )  # fmt: skip
        if not (chosen.accept_licence or _agreed(say)):
            raise AniDocError(
                f"{model.title} is fetched only when its licence is accepted.", "Read it, then add --accept-licence."
            )
        get(root, model, wire, _progress(model.name, say), offered)
        say(f"{model.title} is here and checked.", {"type": "fetched", "name": model.name})
    say("" if missing else "All there.", {"type": "summary", "outcome": "done"})
    return ALL_DONE


def _agreed(say: _Say) -> bool:
    if say.answers is not None:
        return say.answers.get().lower() == "yes"
    if say.out is not None or not sys.stdin.isatty():
        return False
    return input("Do you accept this licence? (yes/no) ").strip().lower() in ("y", "yes")


def _verify(chosen: argparse.Namespace, root: Path, say: _Say) -> int:
    from ..setup.models import state, verify
    from ..setup.models_table import MODELS

    wrong = 0
    models = _chosen(chosen.names, [m for m in MODELS if state(root, m) != "absent"])
    for model in models:
        errors = verify(root, model, _progress(model.name, say) if say.out else lambda file, done, total: None)
        wrong += bool(errors)
        for error in errors:
            say(str(error), {"type": "problem", "name": model.name, "sentence": error.sentence, "remedy": error.remedy})
        if not errors:
            say(f"{model.title}: every byte is as it was fetched.", {"type": "verified", "name": model.name})
    say("" if models else "No model is here.", {"type": "summary", "outcome": "failed" if wrong else "done"})
    return SOME_FAILED if wrong else ALL_DONE


def _remove(chosen: argparse.Namespace, root: Path, say: _Say) -> int:
    from ..setup.models import remove

    if not chosen.names:
        raise AniDocError("Which model is to be removed?", "Name it: anidoc models remove NAME")
    for model in _chosen(chosen.names, []):
        freed = remove(root, model)
        say(
            f"{model.title} is removed; {in_bytes(freed)} freed.",
            {"type": "removed", "name": model.name, "bytes": freed},
        )
    say("", {"type": "summary", "outcome": "done"})
    return ALL_DONE


def _progress(name: str, say: _Say) -> Callable[[str, int, int], None]:
    last: dict[str, int] = {}
    often = _SHOWN_EVERY if say.out is None else _TOLD_EVERY

    def tell(file: str, done: int, total: int) -> None:
        if done - last.get(file, 0) >= often or done == total:
            last[file] = done
            of = f" of {in_bytes(total)}" if total else ""
            say(
                f"  {file}: {in_bytes(done)}{of}",
                {"type": "progress", "name": name, "file": file, "done": done, "total": total},
            )

    return tell


def in_bytes(count: int) -> str:
    """As people say it: 1.4 GB, 12 MB, 3 KB."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{max(1, round(count / 1000))} KB"
