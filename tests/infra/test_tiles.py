"""Scenario tiles: one copy a host, checked, read-only."""

import hashlib
import io

import numpy as np
import pytest

from infra import tiles
from infra.storage import DamagedObject, MissingObject
from infra.tiles import TilePlugin, map_tile
from tests.support.together import at_once


@pytest.fixture(autouse=True)
def _fresh():
    """Every test is a new process, as far as mapped tiles are concerned."""
    tiles._mapped.cache_clear()


def put(storage, array, key="scenarios/tile-00000.npy") -> tuple[str, str]:
    stream = io.BytesIO()
    np.save(stream, array)
    storage.write(key, stream.getvalue())
    return key, hashlib.sha256(stream.getvalue()).hexdigest()


def test_a_tile_is_mapped_read_only(storage, tmp_path):
    array = np.random.default_rng(1).normal(size=(5, 6, 8))
    key, sha256 = put(storage, array)
    tile = map_tile(storage, key, sha256, tmp_path)
    assert isinstance(tile, np.memmap)
    np.testing.assert_array_equal(tile, array)
    with pytest.raises(ValueError, match="read-only"):
        tile[0, 0, 0] = 1.0
    assert map_tile(storage, key, sha256, tmp_path) is tile


def test_a_tile_that_is_not_what_was_promised_is_refused(storage, tmp_path):
    key, sha256 = put(storage, np.zeros((5, 6, 8)))
    storage.write(key, storage.read_bytes(key)[:-8])
    with pytest.raises(DamagedObject, match=rf"tile-00000\.npy has sha256 .*; sha256 {sha256} was expected"):
        map_tile(storage, key, sha256, tmp_path)
    assert not list(tmp_path.glob("tiles/*.npy"))


def test_a_missing_tile_is_named(storage, tmp_path):
    with pytest.raises(MissingObject, match=r"no\.npy"):
        map_tile(storage, "no.npy", "0" * 64, tmp_path)


@pytest.mark.parametrize("array", [np.zeros(3, dtype=np.float32), np.array([{}], dtype=object)])
def test_only_arrays_of_float64_are_tiles(folder, tmp_path, array):
    key, sha256 = put(folder, array)
    with pytest.raises(DamagedObject, match=r"tile-00000\.npy is not"):
        map_tile(folder, key, sha256, tmp_path)


def test_the_hash_of_a_tile_is_no_path(folder, tmp_path):
    with pytest.raises(ValueError, match="64 hexadecimal"):
        map_tile(folder, "a.npy", "../../etc/passwd", tmp_path)


def test_a_damaged_copy_is_fetched_again(s3_url, tmp_path):
    from infra.storage import Storage

    storage = Storage(s3_url)
    array = np.arange(48.0).reshape(1, 6, 8)
    key, sha256 = put(storage, array)
    (tmp_path / "tiles").mkdir()
    (tmp_path / "tiles" / f"{sha256}.npy").write_bytes(b"cut by a full disk")
    np.testing.assert_array_equal(map_tile(storage, key, sha256, tmp_path), array)


def test_eight_at_once_fetch_one_copy(s3_url, tmp_path, monkeypatch):
    from infra.storage import Storage

    storage = Storage(s3_url)
    key, sha256 = put(storage, np.ones((50, 6, 8)))
    fetched: list[str] = []
    download = Storage.download

    def counting(self, key, target):
        fetched.append(key)
        download(self, key, target)

    monkeypatch.setattr(Storage, "download", counting)
    sums = at_once(lambda _: tiles._mapped.__wrapped__(storage, key, sha256, tmp_path).sum(), range(8))
    assert sums == [2400.0] * 8
    assert fetched == [key]


def test_the_plugin_maps_every_tile_when_a_worker_starts(s3_url, tmp_path):
    from infra.storage import Storage

    storage = Storage(s3_url)
    named = tuple(put(storage, np.full((1, 6, 8), float(i)), f"t/{i}.npy") for i in range(3))
    TilePlugin(storage, named, tmp_path).setup(worker=None)
    assert sorted(p.stem for p in tmp_path.glob("tiles/*.npy")) == sorted(sha256 for _, sha256 in named)
