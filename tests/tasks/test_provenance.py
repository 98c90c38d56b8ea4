"""A worker computes for a run only what the run's own sources compute."""

import pytest

from tasks.provenance import OtherSources, code_hash, with_sources


def test_a_worker_with_the_sources_of_the_run_computes() -> None:
    assert with_sources(code_hash(), pow, 2, 5) == 32


def test_a_worker_of_another_release_refuses_and_says_what_to_do() -> None:
    computed = []
    with pytest.raises(
        OtherSources, match=f"has sources {code_hash()[:12]}; the run was begun with c0de.* Start the workers"
    ):
        with_sources("c0de", computed.append, 1)
    assert computed == []
