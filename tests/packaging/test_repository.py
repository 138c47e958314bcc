"""The zip can be offered from a static folder: a studio's server or shared disk."""

import hashlib
import json

from tools.package import repository


def test_the_index_names_the_zip_with_its_size_and_hash(extension, tmp_path):
    index = json.loads(repository(extension, tmp_path / "repository").read_text(encoding="utf-8"))
    (entry,) = index["data"]
    assert entry["id"] == "anidoc" and f"anidoc-{entry['version']}.zip" == extension.name
    offered = tmp_path / "repository" / entry["archive_url"]
    data = offered.read_bytes()
    assert entry["archive_size"] == len(data)
    assert entry["archive_hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
