"""Files that a kill has left half written."""

import os
import time

from backend.contracts.files import forget_parts, write_bytes


def test_what_was_left_half_written_goes_and_what_is_in_work_stays(tmp_path):
    write_bytes(tmp_path / "whole.npz", b"whole")
    for name, age in (("torn.npz.71.part", 3600), ("job.json.71.part", 3600), ("in-work.npz.72.part", 0)):
        (tmp_path / name).write_bytes(b"ha")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    forget_parts(tmp_path, "job.json.*.part")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in-work.npz.72.part", "torn.npz.71.part", "whole.npz"]
    forget_parts(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in-work.npz.72.part", "whole.npz"]
    forget_parts(tmp_path / "not there")
