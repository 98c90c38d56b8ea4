"""The three flows on a small block: identities, the same bits however they are cut, restarts, nothing half published."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tasks import value
from tasks.check import LimitExceeded
from tasks.fanout import PartitionsFailed
from tasks.freeze import InputError
from tasks.progress import listening
from tasks.publish import RunIncomplete, history, latest
from tasks.start import NothingPublished
from tests.support.pipeline import CONTRACTS, HOP, THROUGH, Lab, contents

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FLOWS = ("daily_valuation", "month_end_reserve", "daily_hedge")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """All three flows in this process, four partitions."""
    lab = Lab(tmp_path_factory.mktemp("lab"))
    lab.outcomes = {"daily_valuation": lab.daily(), "month_end_reserve": lab.reserve(), "daily_hedge": lab.hedge()}
    return lab


def made(lab: Lab, flow: str):
    return lab.opened(lab.outcomes[flow])


class TestWholePath:
    def test_every_check_passes_and_the_run_is_in_force(self, lab):
        for flow in FLOWS:
            found = latest(lab.storage, flow, THROUGH)
            assert found is not None
            assert found.manifest.run_id == lab.outcomes[flow].run_id
            assert found.manifest.checks
            assert not found.manifest.failed

    def test_contracts_and_rows_are_all_accounted_for(self, lab):
        totals = made(lab, "daily_valuation").manifest.control_totals
        assert totals["received.contracts"] == CONTRACTS
        assert totals["contracts"] + totals["contracts_later"] + totals["quarantined.contracts"] == CONTRACTS

    def test_the_ledger_leads_from_nothing_to_the_account_value(self, lab):
        found = made(lab, "daily_valuation")
        ledger = found.table("ledger").group_by("contract_id").aggregate([("amount", "sum")])
        moved = dict(zip(ledger["contract_id"].to_pylist(), ledger["amount_sum"].to_pylist(), strict=True))
        for row in found.table("snapshot", ["contract_id", "account_value"]).to_pylist():
            assert row["account_value"] == pytest.approx(moved[row["contract_id"]], abs=1e-6)

    def test_daily_totals_end_with_the_snapshot(self, lab):
        found = made(lab, "daily_valuation")
        last = found.table("daily_totals").to_pylist()[-1]
        snapshot = found.table("snapshot")
        assert last["date"] == THROUGH
        assert last["account_value"] == pytest.approx(pc.sum(snapshot["account_value"]).as_py(), abs=0.01)
        assert last["contracts"] == pc.sum(pc.equal(snapshot["status"], "ACTIVE")).as_py()

    def test_the_summary_is_the_mean_of_the_paths(self, lab):
        found = made(lab, "month_end_reserve")
        paths = found.table("path_values")
        mine = paths.filter(pc.equal(paths["measure"], "fair_value_guarantee"))
        n = pc.max(mine["scenario"]).as_py() + 1
        mean = float(np.sum(mine["value"].to_numpy())) / n
        summary = {
            row["measure"]: row for row in found.table("reserve_summary").to_pylist() if row["basis"] == "risk_neutral"
        }
        assert summary["fair_value_guarantee"]["value"] == pytest.approx(mean, abs=0.01)
        assert summary["fair_value_guarantee"]["standard_error"] > 0.0

    def test_the_tail_is_the_mean_of_the_worst_scenarios(self, lab):
        found = made(lab, "month_end_reserve")
        rows = [r for r in found.table("reserve_scenario").to_pylist() if r["measure"] == "scenario_reserve"]
        worst = sorted((row["value"] for row in rows), reverse=True)
        summary = {row["measure"]: row["value"] for row in found.table("reserve_summary").to_pylist()}
        assert summary["cte_70"] == pytest.approx(np.mean(worst[: round(0.3 * len(worst))]), rel=1e-12)
        assert summary["cte_70"] >= summary["surrender_value"] - 0.01

    def test_greeks_have_errors_and_trades_respect_limits(self, lab):
        found = made(lab, "daily_hedge")
        errors = {
            (row["greek"], row["bucket"]): row["standard_error"] for row in found.table("greeks_block").to_pylist()
        }
        assert all(error > 0.0 for (greek, bucket), error in errors.items() if bucket not in ("7", "10", "20", "30"))
        assert errors["rho", "30"] == 0.0  # nothing is paid that late within the horizon
        for row in found.table("hedge_exposure").to_pylist():
            assert abs(row["after_trade"]) <= row["limit"] * (1.0 + 1e-6)

    def test_a_held_position_moves_the_net_exposure(self, lab, tmp_path):
        path = tmp_path / "positions.csv"
        path.write_text("instrument,held\nS&P 500 E-mini future,-3\n")
        found = lab.opened(lab.hedge(str(path)))
        delta = next(r for r in found.table("hedge_exposure").to_pylist() if r["bucket"] == "large_equity")
        assert delta["held"] == pytest.approx(-3 * 50.0 * 0.01 * 1282.83, rel=1e-9)  # S&P 500 close of 2008-08-29
        assert delta["net"] == pytest.approx(delta["held"] - delta["liability"])


class TestRepeat:
    def test_a_published_run_is_found_and_nothing_is_computed(self, lab, monkeypatch):
        def refused(*_):
            raise AssertionError("a published run was computed again")

        monkeypatch.setattr(value, "value_block", refused)
        for again, flow in ((lab.daily(), FLOWS[0]), (lab.reserve(), FLOWS[1])):
            assert again.found
            assert again.run_id == lab.outcomes[flow].run_id
            assert again.partitions_computed == 0
        assert len(history(lab.storage, "daily_valuation", THROUGH)) == 1

    def test_an_interrupted_run_publishes_nothing_and_computes_only_the_rest(self, lab, tmp_path, monkeypatch):
        other = Lab(tmp_path)
        whole, calls = value.value_block, []

        def stops(contracts, *rest, **named):
            calls.append(contracts.num_rows)
            if len(calls) == 3:
                raise KeyboardInterrupt
            return whole(contracts, *rest, **named)

        monkeypatch.setattr(value, "value_block", stops)
        with pytest.raises(KeyboardInterrupt):
            other.daily()
        assert latest(other.storage, "daily_valuation", THROUGH) is None
        assert not [key for key in other.storage.list("runs") if key.endswith("manifest.json")]
        outcome = other.daily()
        assert len(calls) == 3 + 2
        assert outcome.partitions_found == 2
        assert contents(other.opened(outcome)) == contents(made(lab, "daily_valuation"))


class TestSameBits:
    @pytest.mark.parametrize("size", [CONTRACTS, 3])
    def test_for_any_partitioning(self, lab, tmp_path, size):
        other = Lab(tmp_path, contracts_per_partition=size)
        outcomes = {
            "daily_valuation": other.daily(),
            "month_end_reserve": other.reserve(),
            "daily_hedge": other.hedge(),
        }
        for flow in FLOWS:
            assert outcomes[flow].run_id != lab.outcomes[flow].run_id
            assert contents(other.opened(outcomes[flow])) == contents(made(lab, flow)), flow

    def test_on_a_cluster_with_a_worker_killed_in_the_middle(self, lab, tmp_path, cluster):
        other, killed = Lab(tmp_path, cluster), set()

        def kill(step, progress):
            if step in ("value", "project") and step not in killed:
                killed.add(step)
                os.kill(next(iter(cluster.run(os.getpid).values())), signal.SIGKILL)

        with listening(kill):
            outcomes = {"daily_valuation": other.daily(), "month_end_reserve": other.reserve()}
        assert killed == {"value", "project"}
        for flow, outcome in outcomes.items():
            assert contents(other.opened(outcome)) == contents(made(lab, flow)), flow

    def test_in_two_hops(self, lab, tmp_path):
        other = Lab(tmp_path)
        other.daily(HOP)
        found = other.opened(other.daily(THROUGH, HOP))
        whole = made(lab, "daily_valuation")
        assert contents(found)["snapshot"] == contents(whole)["snapshot"]
        assert found.manifest.control_totals["transactions_before"] > 0
        prices = whole.table("unit_prices")
        late = prices.filter(pc.greater_equal(prices["date"], pa.scalar(HOP)))
        assert found.table("unit_prices").equals(late)
        totals = whole.table("daily_totals")
        assert found.table("daily_totals").equals(totals.filter(pc.greater(totals["date"], pa.scalar(HOP))))


class TestBadInputs:
    def file(self, lab: Lab, dataset: str) -> pa.Table:
        key = getattr(lab.inputs, dataset).removeprefix(lab.url + "/")
        return lab.storage.read_table(key)

    def test_a_truncated_file_is_named(self, lab, tmp_path):
        path = tmp_path / "contracts.parquet"
        pq.write_table(self.file(lab, "contracts"), path)
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(InputError, match=r"contracts\.parquet is truncated"):
            lab.daily(contracts=str(path))

    def test_a_missing_file_is_named(self, lab, tmp_path):
        with pytest.raises(InputError, match=r"nowhere\.parquet cannot be read"):
            lab.daily(prices=str(tmp_path / "nowhere.parquet"))

    def test_bad_rows_go_to_quarantine_and_the_rest_closes(self, lab, tmp_path):
        contracts = self.file(lab, "contracts")
        bad = pa.array(["Z", *contracts["series"].to_pylist()[1:]])
        path = tmp_path / "contracts.parquet"
        pq.write_table(contracts.set_column(1, "series", bad), path)
        found = lab.opened(lab.daily(contracts=str(path)))
        reasons = {row["reason"] for row in found.table("quarantine").to_pylist()}
        assert "UNKNOWN_CODE" in reasons
        assert found.manifest.control_totals["quarantined.contracts"] == 1.0
        assert not found.manifest.failed

    def test_too_many_bad_rows_stop_the_run(self, lab, tmp_path):
        contracts = self.file(lab, "contracts")
        path = tmp_path / "contracts.parquet"
        pq.write_table(contracts.set_column(1, "series", pa.array(["Z"] * contracts.num_rows)), path)
        other = Lab(tmp_path, quarantine_limit=0.1)
        with pytest.raises(LimitExceeded, match=r"100\.00%"):
            other.daily(contracts=str(path))
        assert latest(other.storage, "daily_valuation", THROUGH) is None

    def test_prices_that_end_early_refuse_who_holds_them(self, lab, tmp_path):
        prices = self.file(lab, "prices")
        path = tmp_path / "prices.parquet"
        pq.write_table(prices.filter(pc.less(prices["date"], pa.scalar(THROUGH))), path)
        other = Lab(tmp_path, quarantine_limit=0.1)
        with pytest.raises(LimitExceeded, match="PRICE_MISSING"):
            other.daily(prices=str(path))

    def test_a_day_without_a_session_is_refused(self, lab):
        from datetime import date

        with pytest.raises(ValueError, match="2008-08-30 is no Valuation Day"):
            lab.daily(date(2008, 8, 30))

    def test_the_reserve_needs_a_snapshot(self, tmp_path):
        with pytest.raises(NothingPublished, match="highwater daily --through 2008-08-29"):
            Lab(tmp_path).reserve()

    def test_unknown_positions_are_named(self, lab, tmp_path):
        path = tmp_path / "positions.csv"
        path.write_text("instrument,held\nTulip future,1\n")
        with pytest.raises(InputError, match="'Tulip future' is unknown"):
            lab.hedge(str(path))


class TestNothingHalfPublished:
    def test_a_partition_that_always_fails(self, tmp_path, monkeypatch):
        lab, whole = Lab(tmp_path), value.value_block

        def fails(contracts, *rest, **named):
            if contracts["contract_id"][0].as_py() == "VA0000011":
                raise ValueError("VA0000011 cannot be valued")
            return whole(contracts, *rest, **named)

        monkeypatch.setattr(value, "value_block", fails)
        with pytest.raises(PartitionsFailed, match="VA0000011 cannot be valued"):
            lab.daily()
        assert latest(lab.storage, "daily_valuation", THROUGH) is None

    def test_a_value_that_does_not_close(self, tmp_path, monkeypatch):
        lab, whole = Lab(tmp_path), value.value_block

        def wrong(*arguments, **named):
            result = whole(*arguments, **named)
            amount = result.ledger["amount"].to_numpy().copy()
            amount[0] += 0.01
            at = result.ledger.schema.get_field_index("amount")
            return result._replace(
                ledger=result.ledger.set_column(at, result.ledger.schema.field(at), pa.array(amount))
            )

        monkeypatch.setattr(value, "value_block", wrong)
        with pytest.raises(RunIncomplete, match=r"opening \+ ledger = closing"):
            lab.daily()
        assert latest(lab.storage, "daily_valuation", THROUGH) is None


def test_on_s3(lab, tmp_path, s3_url):
    other = Lab(tmp_path, url=s3_url)
    assert contents(other.opened(other.daily())) == contents(made(lab, "daily_valuation"))


def test_under_prefect(lab, tmp_path, monkeypatch):
    """The flows as they are run: with Prefect's engine and server, and a cluster of their own."""
    monkeypatch.setenv("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "600")
    from prefect.testing.utilities import prefect_test_harness

    from flows.daily_valuation import daily_valuation

    other = Lab(tmp_path)
    with prefect_test_harness(server_startup_timeout=600):
        i = other.inputs
        outcome = daily_valuation(THROUGH, i.contracts, i.transactions, i.prices, None, other.settings)
        again = daily_valuation(THROUGH, i.contracts, i.transactions, i.prices, None, other.settings)
    assert contents(other.opened(outcome)) == contents(made(lab, "daily_valuation"))
    assert again.found
    manifest = json.loads(Path(tmp_path / "store" / f"runs/daily_valuation/{outcome.run_id}/manifest.json").read_text())
    assert set(manifest["circumstances"]["notes"]["seconds"]) >= {"begin", "prepare", "value", "reconcile"}
    assert 2**26 < manifest["circumstances"]["worker_peak_bytes"] < 2**34
