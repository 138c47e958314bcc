"""The last word: of all that a region was offered, it takes what agrees with what is around it and beside it."""

import numpy as np

from backend.cel.agree import contacts
from backend.cel.carry import Solved, carry, region_colours
from backend.cel.certainty import as_chance
from backend.cel.choose import Place, ShotChoice, assured, chosen, repainted, spoken_for
from backend.cel.company import company_of, observed, suits
from backend.cel.evidence import Evidence
from backend.cel.keys import certain, read_key
from backend.cel.look import Look
from backend.cel.match import Match
from backend.cel.offers import Links, Offer, linked, pack, surest, unpack
from backend.cel.palette import make_palette, palette_of
from backend.contracts.options import Options
from backend.contracts.shot import Key
from backend.lineart.runs import runs_of
from tests.support.memory import Memory

from .test_engine import doll, drawn, shot_of

HAIR, SKIN, CUFF = 1, 2, 3
PALETTE = palette_of([(90, 40, 20, 255), (250, 220, 180, 255), (30, 60, 200, 255)])
FACE = 2
TRUTH = np.array([0, HAIR, SKIN, SKIN, CUFF], np.uint8)
WITH_A_CUFF_FOR_A_FACE = np.array([0, HAIR, CUFF, SKIN, CUFF], np.uint8)


def figure() -> Look:
    """40 x 60 px: paper 0 around hair 1 over a face 2, and apart from both a hand 3 in a cuff 4."""
    labels = np.zeros((40, 60), np.int32)
    labels[5:15, 5:25], labels[15:30, 5:25] = 1, FACE
    labels[10:20, 40:50], labels[20:35, 40:50] = 3, 4
    paper = np.ones(labels.shape, bool)
    return Look(np.zeros(labels.shape, np.uint8), paper, runs_of(labels), np.bincount(labels.ravel()))


def in_place() -> Match:
    return Match(np.arange(2400).take, np.zeros(5, np.float32))


def offered() -> Solved:
    """A face offered skin by the drawing before, and then a cuff's colour by the key, a little surer."""
    drawing, labels = figure(), figure().labels
    before = carry(
        drawing, drawing, in_place(), Solved(TRUTH[labels], np.full(5, 0.5, np.float32)), PALETTE, name="before"
    )
    wrong = Solved(WITH_A_CUFF_FOR_A_FACE[labels], np.full(5, 0.6, np.float32))
    return carry(drawing, drawing, in_place(), wrong, PALETTE, True, before, name="key")


def suit(colour: np.ndarray) -> np.ndarray:
    """What suits the figure's regions by a key of the same figure."""
    touching = contacts(figure().labels)
    company = company_of([observed(TRUTH.astype(int), touching, len(PALETTE))])
    return suits(company, touching, colour.astype(int), np.ones(5))


NOTHING_SUITS = np.zeros((5, len(PALETTE)), np.float32)


def test_all_offers_are_kept_and_the_surest_is_carried_on():
    solved = offered()
    assert [o.source for o in solved.offers] == ["before", "key"]
    assert [int(o.colour[FACE]) for o in solved.offers] == [SKIN, CUFF]
    assert solved.colour[20, 10] == CUFF


def test_a_face_offered_a_cuffs_colour_a_little_surer_stays_skin_under_its_hair():
    solved, nobody = offered(), NOTHING_SUITS
    assert solved.offers[chosen(solved.offers, NOTHING_SUITS, nobody)[FACE]].colour[FACE] == CUFF, "by confidence alone"
    pick = chosen(solved.offers, suit(WITH_A_CUFF_FOR_A_FACE), nobody)
    drawn = repainted(solved, figure(), solved.offers, pick)
    assert np.array_equal(drawn.colour, TRUTH[figure().labels])
    assert drawn.sure[FACE] < solved.sure[FACE]


def test_a_face_that_lay_on_a_face_in_the_drawings_on_either_side_stays_one():
    solved = offered()
    whole = np.arange(5)
    areas = figure().area, figure().area
    lies = linked(whole, whole, figure().area, areas, np.full(5, 0.9))
    sure = np.ones(5)
    told = [(lies, True, TRUTH, sure), (lies, False, TRUTH, sure)]
    spoken = spoken_for(5, len(PALETTE), told)
    assert np.allclose(spoken[FACE], [0, 0, 1.8, 0], atol=0.01)
    assert solved.offers[chosen(solved.offers, NOTHING_SUITS, spoken)[FACE]].colour[FACE] == SKIN


def test_what_suits_and_is_agreed_upon_is_surer_than_what_is_not():
    one = np.array([SKIN])
    sure, suits_best, suits_ill = np.full(1, 0.8), np.array([[-3.0, -3, -1, -3]]), np.array([[-3.0, -1, -3, -3]])
    on_skin, on_hair = np.array([[0, 0, 0.9, 0]]), np.array([[0, 0.9, 0, 0]])
    best = as_chance(assured(one, sure, suits_best, on_skin), carried=True)[0]
    worse = [
        as_chance(assured(one, sure, *other), carried=True)[0]
        for other in ((suits_ill, on_skin), (suits_best, on_hair))
    ]
    assert best > 0.9
    assert all(chance < 0.8 for chance in worse)


def test_a_region_takes_no_colour_that_nobody_offered():
    solved = offered()
    everything_is_hair = NOTHING_SUITS.copy()
    everything_is_hair[:, HAIR] = 10
    pick = chosen(solved.offers, everything_is_hair, NOTHING_SUITS)
    assert solved.offers[pick[FACE]].colour[FACE] in (SKIN, CUFF)


def test_an_offer_chosen_in_the_end_brings_its_tone_edge():
    drawing, labels = figure(), figure().labels
    shaded = TRUTH[labels]
    shaded[15:30, 5:11] = HAIR  # a shadow without a line
    before = carry(drawing, drawing, in_place(), Solved(shaded, np.full(5, 0.5, np.float32)), PALETTE)
    wrong = Solved(WITH_A_CUFF_FOR_A_FACE[labels], np.full(5, 0.6, np.float32))
    solved = carry(drawing, drawing, in_place(), wrong, PALETTE, True, before)
    assert set(np.unique(solved.colour[15:30, 5:25])) == {CUFF}
    drawn = repainted(solved, drawing, solved.offers, np.array([-1, -1, 0, -1, -1]))
    assert np.array_equal(drawn.colour, before.colour)
    assert set(np.unique(drawn.colour[20, 5:25])) == {HAIR, SKIN}


def test_offers_come_back_from_a_store_as_they_were():
    offers = offered().offers
    for offer, again in zip(offers, unpack(pack(offers)), strict=True):
        assert offer.source == again.source
        assert np.array_equal(offer.colour, again.colour) and np.array_equal(offer.sure, again.sure)
        assert np.array_equal(offer.links.back, again.links.back)


def test_of_two_offers_alike_the_first_is_the_surest():
    none = Links(*(np.zeros(0, np.int32),) * 2, *(np.zeros(0, np.float16),) * 2)
    two = [
        Offer(
            name,
            np.array([colour], np.uint8),
            np.array([0.5], np.float32),
            none,
            np.zeros(1, bool),
            np.zeros(0, np.uint8),
        )
        for name, colour in (("a", 1), ("b", 2))
    ]
    assert surest(two)[0].tolist() == [1]


def an_eye_in_doubt() -> tuple[ShotChoice, Evidence, int, int, int]:
    """A doll, one of whose eyes was offered white and then, a little surer, its body's red; white, red, the eye's region."""
    drawings = [drawn(0), drawn(4)]
    shot, picture = shot_of(drawings, [Key(drawings[0].id, picture=doll(0, True))]), doll(0, True)
    palette = make_palette([picture], set())
    evidence = Evidence(shot, Options(), Memory())
    look, other = evidence.look(drawings[0].id), evidence.look(drawings[1].id)
    key = read_key(picture, evidence.lines(drawings[0].id), palette)
    evidence.keep("key", certain(key, look.count))
    true = region_colours(certain(key, look.count), look, len(palette))
    eye, body = int(look.labels[70, 66]), int(look.labels[180, 80])
    white, red = int(true[eye]), int(true[body])
    wrong = true.copy()
    wrong[eye] = red
    same = Match(np.arange(look.labels.size).take, np.zeros(look.count))
    offers = [
        Solved(c.astype(np.uint8)[look.labels], np.full(look.count, s, np.float32))
        for c, s in ((true, 0.5), (wrong, 0.6))
    ]
    first = carry(other, look, same, offers[0], palette, name=drawings[0].id)
    evidence.keep("solved", carry(other, look, same, offers[1], palette, True, first, name="nobody"))
    eye = int(other.labels[70, 66 + 4])
    return ShotChoice(evidence, palette, {drawings[0].id: "key"}), evidence, white, red, eye


def test_an_eye_offered_the_bodys_red_stays_white():
    choice, evidence, white, red, eye = an_eye_in_doubt()
    drawing = drawn(4).id
    for _ in range(2):  # once found out, once from the store
        place = choice.chosen(Place(drawing, "solved", "solved"), [Place(drawn(0).id, "key")])
        before, after = evidence.solved("solved"), evidence.solved(place.key)
        assert before is not None and after is not None
        inside = evidence.look(drawing).labels == eye
        assert set(np.unique(before.colour[inside])) == {red}
        assert set(np.unique(after.colour[inside])) == {white}
        assert np.array_equal(before.colour[~inside], after.colour[~inside])


def test_what_sheets_said_since_the_offers_came_in_stays():
    choice, evidence, _, _, eye = an_eye_in_doubt()
    drawing = drawn(4).id
    solved, look = evidence.solved("solved"), evidence.look(drawing)
    assert solved is not None
    evidence.keep("weighed", Solved(np.where(look.labels == eye, 0, solved.colour).astype(np.uint8), solved.sure))
    weighed = Place(drawing, "weighed", "solved")
    chosen_place = choice.chosen(weighed, [Place(drawn(0).id, "key")])
    after = evidence.solved(chosen_place.key)
    assert after is not None
    assert (after.colour[look.labels == eye] == 0).all()
