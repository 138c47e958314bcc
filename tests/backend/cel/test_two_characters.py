"""Two characters in one drawing, each with a design sheet of its own: nobody wears the other's clothes."""

import numpy as np

from backend.cel.engine import CelEngine
from backend.contracts.drawing import Drawing
from backend.contracts.engine import Frame
from backend.contracts.options import Options
from backend.contracts.shot import Reference, Shot
from backend.demo import contract
from backend.demo.shot import demo_shot
from backend.evaluation.generated import true_flats, true_regions
from backend.evaluation.model_sheets import design_sheet
from backend.runner.store import EvidenceStore

SEED, WIDTH, HEIGHT = 103, 960, 540


def test_each_character_is_coloured_from_its_own_sheet(tmp_path) -> None:
    made = demo_shot(1, WIDTH, HEIGHT, SEED, characters=2)
    drawing = Drawing("0" * 8, "both", strokes=contract.lines(made, made.drawings[0]))
    sheets = [Reference("one", design_sheet(SEED, "column")), Reference("two", design_sheet(SEED + 1, "turnaround"))]
    shot = Shot("two", WIDTH, HEIGHT, (drawing.id,), [drawing], materials=contract.materials(made), references=sheets)
    frames = [e for e in CelEngine().frames(shot, Options(), EvidenceStore(tmp_path)) if isinstance(e, Frame)]
    picture, regions, truth = (
        frames[0].paint(),
        true_regions(made, made.drawings[0]),
        true_flats(made, made.drawings[0]),
    )
    owners = {colour: name.endswith(" 2") for name, colour in made.colours.items()}
    shared = [c for c in owners if {n.endswith(" 2") for n, k in made.colours.items() if k == c} == {True, False}]
    right = strangers = count = 0
    for number in range(1, int(regions.max()) + 1):
        inside = regions == number
        if inside.sum() < 100:
            continue
        values, often = np.unique(picture[inside], axis=0, return_counts=True)
        ours, true = tuple(values[often.argmax()][:3].tolist()), tuple(truth[inside][0][:3].tolist())
        count += 1
        right += ours == true
        strangers += ours not in shared and true not in shared and owners.get(ours, owners[true]) != owners[true]
    assert count > 40
    assert right >= 0.85 * count and strangers <= 0.03 * count, (right, strangers, count)
