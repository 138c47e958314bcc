"""Which part of a coloured picture is bare paper, and a picture lifted off its tinted paper."""

import cv2
import numpy as np

from .palette import background, to_lab

EVEN = 0.9
"""Part of the picture's edge that must bear one colour for that colour to be paper; white needs only to reach the edge."""

NOISE = 4.0
"""CIE76. Paper of a scan or a JPEG is this even."""

GREYEST, MOST_TINTED = 60.0, 20.0
"""L* of the darkest and chroma of the strongest tint that is paper behind a key; anything else is a painted background."""

SAME_TINT = 1.5
"""CIE76 between the means of uneven paper and of a piece that it encloses, below which that piece is paper too."""

PANEL = 0.15
"""Part of the sheet that an area of the paper's colour must cover to be paper too, as within a ruled frame; a ruled box,
as a title has, needs only to span ``BOXED`` of its width or height."""

BOXED = 0.4

PALEST, NEUTRAL, HALO = 232, 16, 8.0
"""8-bit levels that the rim of resampled or JPEG pictures on white is lighter than in its darkest channel, and that its
channels differ by; px that it reaches from the paper (a block of JPEG)."""

SQUARE = 0.9
"""Part of its box that a rectangle fills at least."""


def bare_paper(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(H, W) bool: paper of a sheet, (H, W, 4) uint8 sRGB. All False where the sheet is a scene with a background.

    The second (H, W) bool is all that has the paper's colour, enclosed or not.

    Transparent pixels; on opaque sheets the colour that nearly all of the edge bears (or white that reaches the edge),
    as far as it is connected with the edge or covers a panel of its own.
    """
    alpha = picture[..., 3]
    if int(alpha.min()) < 128:
        return alpha < 128, alpha < 128
    like = _paper_coloured(picture[..., :3])
    if not like.any():
        return like, like
    _, found, stats, _ = cv2.connectedComponentsWithStats(like.astype(np.uint8), None, None, None, 4)
    labels = found.astype(np.int32, copy=False)
    area, width, height = (stats[:, k] for k in (cv2.CC_STAT_AREA, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
    spans = (width >= BOXED * like.shape[1]) | (height >= BOXED * like.shape[0])
    paper = (area >= PANEL * like.size) | (spans & (area >= SQUARE * width * height))
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        paper[side] = True
    paper[0] = False
    return paper[labels], like


def lifted(picture: np.ndarray, figure_only: bool = True) -> np.ndarray:
    """A coloured picture without the tinted paper it stands on: (H, W, 4) uint8 sRGB, paper transparent.

    Paper between an arm and the body goes too: nobody paints with the paper's colour. White paper stays as it is,
    because white inside a figure is paint. ``figure_only`` False: a picture that may have a painted background, as a key
    may, keeps it unless it is as light and as grey as paper is.
    """
    if not figure_only:
        # Of a key every pixel is somebody's place; a sheet's palette does without its rims anyway.
        picture = without_halo(picture)
    if int(picture[..., 3].min()) < 128:
        return picture
    outside, like = bare_paper(picture)
    if not outside.any() or (picture[outside][:, :3] == 255).all(1).any():
        return picture
    tint = to_lab(np.median(picture[outside][:, :3], axis=0).round().astype(np.uint8)[None])[0]
    if not figure_only and (tint[0] < GREYEST or np.hypot(tint[1], tint[2]) > MOST_TINTED):
        return picture
    enclosed = like & ~outside
    if enclosed.any() and (np.ptp(picture[outside][:, :3], axis=0) > 0).any():
        # On uneven paper a light paint may be as near to the paper's middle as its own noise.
        count, pieces = cv2.connectedComponents(enclosed.astype(np.uint8), connectivity=4)
        lab = to_lab(picture[enclosed][:, :3])
        which = pieces[enclosed]
        size = np.maximum(np.bincount(which, minlength=count), 1)
        mean = np.stack([np.bincount(which, lab[:, k], count) / size for k in range(3)], 1)
        enclosed &= (np.linalg.norm(mean - to_lab(picture[outside][:, :3]).mean(0), axis=1) < SAME_TINT)[pieces]
    out = picture.copy()
    out[outside | enclosed] = 0
    return out


def without_halo(picture: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 sRGB, the nearly white rim that resampling and JPEG leave between paper and lines being paper.

    Only on white or transparent paper, and only what is no flat colour: flat paint has neighbours of its own colour.
    """
    outside = background(picture)
    if not outside.any() or outside.all():
        return picture
    red, green, blue, alpha = cv2.split(picture)
    low, high = (side(side(red, green), blue) for side in (cv2.min, cv2.max))
    pale = (low >= PALEST) & (high - low <= NEUTRAL) & (alpha >= 128) & ~outside
    away = cv2.distanceTransform((~outside).view(np.uint8), cv2.DIST_L2, 3)
    pale &= away <= HALO
    if not pale.any():
        return picture
    box, middle = np.ones((3, 3), np.uint8), np.ones(pale.shape, bool)
    for channel in (red, green, blue):
        middle &= cv2.dilate(channel, box) == cv2.erode(channel, box)
    pale &= cv2.dilate(middle.view(np.uint8), box) == 0
    if not pale.any():
        return picture
    _, pieces = cv2.connectedComponents((pale | outside).astype(np.uint8), connectivity=4)
    joined = np.zeros(int(pieces.max()) + 1, bool)
    joined[pieces[outside]] = True
    out = picture.copy()
    out[pale & joined[pieces]] = picture[outside][0]
    return out


def _paper_coloured(rgb: np.ndarray) -> np.ndarray:
    """(H, W) bool: what has the paper's colour; nothing where there is no paper."""
    edge = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    white = (rgb == 255).all(2)
    if (edge == 255).all(1).any():
        return white
    values, counts = np.unique(edge, axis=0, return_counts=True)
    common = values[counts.argmax()]
    if counts.max() >= EVEN * len(edge):
        return (rgb == common).all(2)
    middle = np.median(to_lab(edge[None])[0], axis=0)
    like = np.linalg.norm(to_lab(rgb) - middle, axis=2) <= NOISE
    return like if np.concatenate([like[0], like[-1], like[:, 0], like[:, -1]]).mean() >= EVEN else np.zeros_like(white)
