"""Pictures as they come back from where they lose something."""

import cv2
import numpy as np


def saved_as_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """(H, W, 4) uint8 sRGB, opaque, as it comes back from a JPEG."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    back = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert back is not None
    return cv2.cvtColor(back, cv2.COLOR_BGR2RGBA)
