"""The life of a run: committed once, resumed, published last, read with every hash checked."""

import dataclasses
import json
import threading
from datetime import date

import pyarrow as pa
import pytest

from infra.storage import DamagedObject, InvalidKey, MissingObject
from tasks.fanout import Job, run_partitions
from tasks.provenance import code_hash, package_versions
from tasks.publish import Run, RunConflict, RunIncomplete, history, latest, open_run
from tasks.records import (
    Check,
    Circumstances,
    Commit,
    FrozenInput,
    Manifest,
    RunInputs,
    canonical_json,
    decoded,
    digest,
    run_id_of,
)
from tests.support.together import at_once

DAY = date(2024, 6, 28)
INPUTS = RunInputs(
    flow="daily_valuation",
    valuation_date=DAY,
    inputs=(FrozenInput("contracts", "contracts.parquet", "inputs/aa/contracts.parquet", 3, 100, "aa"),),
    code_hash="c0de",
    kernel_hash="4e1",
    packages={"numpy": "2.4.6"},
    assumptions={"lapse": "2024-01"},
    terms={"hd7": "2009-05"},
    calendar="XNYS 4.13.2",
    scenarios={},
    seed=7,
    settings={"quarantine_limit": 0.01, "contracts_per_partition": None},
)


def table(number: int) -> pa.Table:
    return pa.table({"contract_id": [f"C{number}{i}" for i in range(3)], "account_value": [1.0, 2.0, number / 3]})


def a_run(storage, **changes) -> tuple[Run, RunInputs]:
    inputs = dataclasses.replace(INPUTS, **changes)
    return Run(storage, inputs.flow, inputs.run_id), inputs


def finished(storage, partitions: int = 3, **changes) -> tuple[Run, Manifest]:
    run, inputs = a_run(storage, **changes)
    for index in range(partitions):
        run.commit("snapshot", index, table(index))
    manifest = Manifest(
        run_id=run.run_id,
        inputs=inputs,
        parts=run.collect(["snapshot"], partitions),
        control_totals={"account_value": 10.0},
        checks=(Check("roll-forward", True, 0.0, 0.0, 1e-6),),
        circumstances=Circumstances(wall_seconds=12.5),
    )
    return run, run.write_manifest(manifest)


def test_the_run_id_is_a_function_of_the_inputs_alone():
    shuffled = dict(reversed([(f.name, getattr(INPUTS, f.name)) for f in dataclasses.fields(INPUTS)]))
    assert run_id_of(shuffled) == INPUTS.run_id == dataclasses.replace(INPUTS).run_id
    assert len(INPUTS.run_id) == 16
    changed = [
        dataclasses.replace(INPUTS, **{name: value})
        for name, value in {
            "flow": "month_end_reserve",
            "valuation_date": date(2024, 6, 27),
            "inputs": (),
            "code_hash": "c0df",
            "kernel_hash": "4e2",
            "packages": {"numpy": "2.4.7"},
            "assumptions": {"lapse": "2024-02"},
            "terms": {},
            "calendar": "XNYS 4.13.3",
            "scenarios": {"risk neutral": "5e7"},
            "seed": 8,
            "settings": {"quarantine_limit": 0.02, "contracts_per_partition": None},
        }.items()
    ]
    assert len(changed) == len(dataclasses.fields(INPUTS))
    assert len({inputs.run_id for inputs in [INPUTS, *changed]}) == len(changed) + 1


def test_canonical_json_refuses_what_has_no_one_form():
    assert canonical_json({"b": (1, DAY), "a": 0.1}) == b'{\n "a": 0.1,\n "b": [\n  1,\n  "2024-06-28"\n ]\n}\n'
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical_json({"total": float("nan")})
    with pytest.raises(TypeError, match="string keys"):
        canonical_json({1: 2})
    with pytest.raises(TypeError, match="may not hold set"):
        canonical_json({"a": {1}})


def test_a_partition_is_committed_once_and_found_again(storage):
    run, _ = a_run(storage)
    assert run.committed("snapshot", 4) is None
    record = run.commit("snapshot", 4, table(4), {"seconds": 1.5})
    assert record.key == f"runs/daily_valuation/{run.run_id}/snapshot/part-00004.parquet"
    assert run.committed("snapshot", 4) == record
    assert run.commit("snapshot", 4, table(4), {"seconds": 9.9}) == record
    commit = run.committed_group("snapshot", 4)
    assert commit is not None
    assert commit.extra == {"seconds": 1.5}
    assert storage.read_part(record).equals(table(4))


def test_other_contents_of_the_same_run_are_an_error_with_both_hashes(storage):
    run, _ = a_run(storage)
    record = run.commit("snapshot", 0, table(0))
    with pytest.raises(RunConflict, match=record.sha256) as caught:
        run.commit("snapshot", 0, table(1))
    other = Run(storage, "other", "0").commit("snapshot", 0, table(1))
    assert other.sha256 in str(caught.value)
    assert storage.read_part(record).equals(table(0))


def test_a_group_is_one_commit_after_all_its_parts(storage, monkeypatch):
    run, _ = a_run(storage)
    tables = {"snapshot": table(0), "ledger": table(1)}
    write = type(storage).write_once

    def breaks(self, key, data):
        if key.endswith("ledger/part-00000.parquet"):
            raise OSError("the worker loses the network")
        write(self, key, data)

    with monkeypatch.context() as patch:
        patch.setattr(type(storage), "write_once", breaks)
        with pytest.raises(OSError, match="network"):
            run.commit_group("value", 0, tables)
    assert storage.exists(run.part_key("snapshot", 0))
    assert run.committed_group("value", 0) is None
    with pytest.raises(RunIncomplete, match="lacks 1 of 1 partitions: value 0"):
        run.collect(["value"], 1)
    group = run.commit_group("value", 0, tables)
    assert [part.dataset for part in group.parts] == ["snapshot", "ledger"]
    assert run.committed_group("value", 0) == group


def test_a_part_left_by_a_dead_attempt_must_have_the_same_bits(storage):
    run, _ = a_run(storage)
    storage.write_table(run.part_key("snapshot", 0), table(9))
    with pytest.raises(RunConflict, match="The same inputs must give the same bits"):
        run.commit("snapshot", 0, table(0))
    assert run.committed("snapshot", 0) is None


def test_eight_attempts_at_once_commit_one_partition(storage):
    run, _ = a_run(storage)
    barrier = threading.Barrier(8)

    def commit(_):
        barrier.wait()
        return run.commit("snapshot", 0, table(0))

    records = at_once(commit, range(8))
    assert len(records) == 8
    assert len(set(records)) == 1


def test_a_run_that_stopped_computes_only_what_is_missing(storage):
    run, _ = a_run(storage)
    computed: list[int] = []

    def value(number: int):
        if number == 5 and 5 not in computed:
            computed.append(number)
            raise KeyboardInterrupt  # the machine goes down
        computed.append(number)
        return run.commit("snapshot", number, table(number))

    jobs = [Job(number, (number,)) for number in range(8)]

    class Patience:
        partition_attempts, partition_failures, stall_seconds = 1, 1, 60.0

    def go():
        return run_partitions(
            None,
            value,
            jobs,
            key_prefix="v",
            settings=Patience(),
            done=lambda job: run.committed("snapshot", job.index),
        )

    with pytest.raises(KeyboardInterrupt):
        go()
    assert computed == [0, 1, 2, 3, 4, 5]
    with pytest.raises(RunIncomplete, match="lacks 3 of 8 partitions: snapshot 5, snapshot 6, snapshot 7"):
        run.collect(["snapshot"], 8)
    result = go()
    assert computed == [0, 1, 2, 3, 4, 5, 5, 6, 7]
    assert (result.found, result.complete) == (5, True)
    assert [part.index for part in run.collect(["snapshot"], 8)] == list(range(8))
    assert list(result.records.values()) == [part.file for part in run.collect(["snapshot"], 8)]


def test_the_manifest_is_written_once_and_a_repeat_agrees(storage):
    run, manifest = finished(storage)
    later = dataclasses.replace(manifest, circumstances=Circumstances(retries=3, worker_peak_bytes=2**30))
    assert run.write_manifest(later) == manifest
    assert run.manifest() == manifest
    assert manifest.rows == {"snapshot": 9}


def test_a_manifest_from_before_memory_was_measured_is_read(storage):
    _, manifest = finished(storage)
    plain = json.loads(canonical_json(manifest))
    assert plain["circumstances"].pop("worker_peak_bytes") == 0
    assert decoded(Manifest, canonical_json(plain), "an old one") == manifest


def test_a_manifest_with_other_facts_fails_and_names_them(storage):
    run, manifest = finished(storage)
    other = dataclasses.replace(manifest, control_totals={"account_value": 10.000001})
    with pytest.raises(RunConflict, match="control_totals sha256") as caught:
        run.write_manifest(other)
    assert digest(manifest.control_totals) in str(caught.value)
    assert digest(other.control_totals) in str(caught.value)
    assert "checks" not in str(caught.value)
    assert run.manifest() == manifest


def test_a_manifest_of_other_inputs_is_refused(storage):
    run, manifest = finished(storage)
    wrong = dataclasses.replace(manifest, inputs=dataclasses.replace(manifest.inputs, seed=8))
    with pytest.raises(ValueError, match="Make the run id from the same inputs"):
        run.write_manifest(wrong)


def test_a_run_without_manifest_does_not_exist(storage):
    run, _ = a_run(storage)
    run.commit("snapshot", 0, table(0))
    assert run.manifest() is None
    with pytest.raises(RunIncomplete, match="never finished"):
        open_run(storage, run.flow, run.run_id)
    with pytest.raises(RunIncomplete, match="never finished"):
        run.publish()
    assert latest(storage, run.flow, DAY) is None


def test_the_latest_publication_is_in_force_and_none_is_lost(storage):
    first, _ = finished(storage)
    second, _ = finished(storage, seed=8)
    assert first.publish().number == 1
    assert second.publish().number == 2
    assert second.publish().number == 2, "in force already"
    assert latest(storage, first.flow, DAY).manifest.run_id == second.run_id
    assert first.publish().number == 3, "back to the first"
    assert latest(storage, first.flow, DAY).manifest.run_id == first.run_id
    assert [p.run_id for p in history(storage, first.flow, DAY)] == [first.run_id, second.run_id, first.run_id]
    assert latest(storage, first.flow, date(2024, 6, 27)) is None


def test_runs_published_at_once_take_different_numbers(storage):
    runs = [finished(storage, partitions=1, seed=seed)[0] for seed in range(6)]
    barrier = threading.Barrier(6)

    def publish(run: Run) -> None:
        barrier.wait()
        run.publish()

    at_once(publish, runs)
    published = history(storage, runs[0].flow, DAY)
    assert [p.number for p in published] == [1, 2, 3, 4, 5, 6]
    assert {p.run_id for p in published} == {run.run_id for run in runs}


def test_a_run_that_fails_a_check_is_kept_and_not_published(folder):
    run, manifest = finished(folder, partitions=1)
    failing = Run(folder, run.flow, dataclasses.replace(INPUTS, seed=99).run_id)
    failing.write_manifest(
        dataclasses.replace(
            manifest,
            run_id=failing.run_id,
            inputs=dataclasses.replace(INPUTS, seed=99),
            parts=(),
            checks=(Check("roll-forward", False, 0.02, 0.0, 1e-6, "contract C7"),),
        )
    )
    with pytest.raises(RunIncomplete, match=r"roll-forward: 0\.02, expected 0\.0 contract C7"):
        failing.publish()
    assert history(folder, run.flow, DAY) == ()


def test_readers_get_the_tables_by_partition_and_never_list(storage, monkeypatch):
    run, _ = finished(storage)
    run.publish()
    storage.write_table(run.part_key("snapshot", 77), table(77))  # a stray file that no manifest names

    def listing(self, prefix):
        raise AssertionError("a reader listed a folder")

    monkeypatch.setattr(type(storage), "list", listing)
    opened = latest(storage, run.flow, DAY)
    assert opened.table("snapshot").equals(pa.concat_tables([table(0), table(1), table(2)]))
    assert opened.table("snapshot", ["account_value"]).column_names == ["account_value"]
    with pytest.raises(KeyError, match="has no dataset 'ledger'; it has snapshot"):
        opened.table("ledger")


def test_an_altered_part_or_manifest_is_refused(storage):
    run, manifest = finished(storage)
    run.publish()
    storage.write_table(run.part_key("snapshot", 1), table(5))
    with pytest.raises(DamagedObject, match=r"part-00001\.parquet has sha256"):
        latest(storage, run.flow, DAY).table("snapshot")
    storage.write(run.manifest_key, canonical_json(dataclasses.replace(manifest, control_totals={})))
    with pytest.raises(DamagedObject, match=r"manifest\.json has sha256"):
        latest(storage, run.flow, DAY)


@pytest.mark.parametrize("key", ["runs/other/0/snapshot/part-00000.parquet", "../../etc/passwd", "/etc/passwd"])
def test_a_manifest_can_name_only_files_of_its_own_run(folder, key):
    run, manifest = finished(folder, partitions=1)
    fake = json.loads(canonical_json(manifest))
    fake["parts"][0]["file"]["key"] = key
    folder.write(run.manifest_key, json.dumps(fake).encode())
    with pytest.raises(DamagedObject, match="not a part of run"):
        open_run(folder, run.flow, run.run_id)
    fake = json.loads(folder.read_bytes(run.commit_key("snapshot", 0)))
    fake["parts"][0]["file"]["key"] = key
    folder.write(run.commit_key("snapshot", 0), json.dumps(fake).encode())
    with pytest.raises(DamagedObject, match="not a part of run"):
        run.collect(["snapshot"], 1)


def test_a_damaged_record_is_named(folder):
    run, manifest = finished(folder, partitions=1)
    data = canonical_json(manifest)
    for damaged, says in [
        (data[:50], "Invalid JSON"),
        (b"{}", "Field required"),
        (data.replace(b'"format": 1', b'"format": 2'), "has format 2; this version reads 1"),
    ]:
        folder.write(run.manifest_key, damaged)
        with pytest.raises(DamagedObject, match=rf"manifest\.json .*{says}"):
            open_run(folder, run.flow, run.run_id)
    folder.write(run.commit_key("snapshot", 0), b"")
    with pytest.raises(DamagedObject, match=r"commit/snapshot/part-00000\.json is not a commit record"):
        run.committed("snapshot", 0)


def test_records_survive_the_way_to_json_and_back(folder):
    _, manifest = finished(folder)
    assert decoded(Manifest, canonical_json(manifest), "m") == manifest
    commit = Run(folder, "f", "0").commit_group("value", 0, {"a": table(0)}, {"total": 1, "list": [1, 2.5, None]})
    assert decoded(Commit, canonical_json(commit), "c") == commit


@pytest.mark.parametrize(("flow", "dataset"), [("../x", "a"), ("daily", "../../x"), ("daily", "a b")])
def test_names_that_are_no_keys_are_refused(folder, flow, dataset):
    with pytest.raises(InvalidKey):
        Run(folder, flow, "0").part_key(dataset, 0)


def test_a_part_that_was_removed_is_named(folder):
    run, _ = finished(folder)
    folder.local_path(run.part_key("snapshot", 2)).unlink()
    with pytest.raises(MissingObject, match=r"part-00002\.parquet does not exist"):
        open_run(folder, run.flow, run.run_id).table("snapshot")


def test_provenance_names_code_and_libraries():
    assert len(code_hash()) == 64
    assert code_hash() == code_hash()
    assert package_versions()["numpy"].startswith("2.")
