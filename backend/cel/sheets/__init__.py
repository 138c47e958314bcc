"""Design sheets: the same character in another pose, scale and canvas says which colour each region has.

    sheet = prepare_sheet(picture, palette)                            # once a sheet
    log = sheet_evidence(sheet, look.labels, look.paper, look.count)   # (R, P) float32, once a drawing

and over a shot, with the drawings beside: :class:`backend.cel.sheets.shot.ShotSheets`.
"""

from .evidence import Sheet, prepare_sheet, sheet_evidence

__all__ = ["Sheet", "prepare_sheet", "sheet_evidence"]
