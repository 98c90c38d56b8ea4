"""The command ``highwater``: what it prints, how it fails, and what it does not import before it must."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from flows import cli, commands, console
from infra.settings import SettingsError
from tests.support.tiny_store import THROUGH, store

COMMANDS = (
    *(
        "demo",
        "daily",
        "reserve",
        "hedge",
        "project",
        "explain",
        "show",
        "report",
        "illustrate",
        "convergence",
        "scenarios",
        "statement",
    ),
    "rules",
    "dictionary",
)
WITHOUT_STORE = ("scenarios", "rules", "dictionary")
HEAVY = ("numpy", "pandas", "pyarrow", "numba", "prefect", "distributed", "matplotlib", "valuation", "tasks")


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    place = ("--store", str(folder)) if folder else ()
    env = {name: value for name, value in os.environ.items() if not name.startswith("HIGHWATER_")} | {"COLUMNS": "140"}
    command = [sys.executable, "-m", "flows", *arguments, *place]
    return subprocess.run(command, capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL)


class TestHelp:
    def test_names_every_command(self) -> None:
        done = run("--help")
        assert done.returncode == 0
        assert all(name in done.stdout for name in COMMANDS)

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_explains_its_options(self, name: str, capsys: Any) -> None:
        cli.app([name, "--help"])
        shown = capsys.readouterr().out
        assert "Usage: highwater " + name in shown
        assert name in WITHOUT_STORE or "--store" in shown

    def test_nothing_heavy_is_imported(self) -> None:
        program = f"import sys, flows.cli; print([m for m in {HEAVY} if m in sys.modules])"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestMisuse:
    """Exit code 2, one message, no traceback."""

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("valuate",), "valuate"),
            (("daily", "--through", "2008-10-31"), "--contracts"),
            (("report", "--on", "31.10.2008"), "31.10.2008"),
            (("explain", "VA0000001"), "--on"),
        ],
    )
    def test_message(self, arguments: tuple[str, ...], said: str, monkeypatch: Any, capsys: Any) -> None:
        assert exit_code(arguments, monkeypatch) == cli.MISUSED
        shown = capsys.readouterr().err
        assert said in shown
        assert "Traceback" not in shown
        assert "--help" in shown


class TestScenarios:
    """A number is a count, anything else the name of an imported set."""

    @pytest.mark.parametrize(("given", "count", "named"), [("64", 64, None), ("academy", 256, "academy")])
    def test_the_option_of_the_reserve(self, given: str, count: int, named: str | None, monkeypatch: Any) -> None:
        asked: list[Any] = []
        monkeypatch.setattr(cli.commands, "reserve", lambda *arguments: asked.append(arguments))
        cli.app(["reserve", "--on", "2008-10-31", "--scenarios", given, "--quiet"])
        settings, on, horizon, name, volatilities = asked[0]
        assert (settings.risk_neutral_scenarios, on, horizon) == (count, date(2008, 10, 31), None)
        assert (name, volatilities) == (named, None)

    @pytest.mark.parametrize("command", ["import", "show"])
    def test_help_names_the_store(self, command: str, capsys: Any) -> None:
        cli.app(["scenarios", command, "--help"])
        shown = capsys.readouterr().out
        assert "Usage: highwater scenarios " + command in shown
        assert "--store" in shown


def exit_code(arguments: tuple[str, ...], monkeypatch: Any) -> int:
    monkeypatch.setattr(sys, "argv", ["highwater", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0)


class TestFailure:
    """Exit code 1: what was found, what is allowed, the next step."""

    def test_unknown_run(self) -> None:
        folder, written = store()
        done = run("show", "0000", folder=folder)
        assert done.returncode == cli.FAILED
        assert "'0000' is no finished run" in done.stderr
        assert written["daily"] in done.stderr
        assert "Traceback" not in done.stderr

    def test_unknown_contract_names_one_that_is_there(self) -> None:
        folder, written = store()
        done = run("explain", "VA999", "--on", str(THROUGH), folder=folder)
        assert done.returncode == cli.FAILED
        assert "contract VA999 is not among the " in done.stderr
        assert f" contracts of run {written['daily']}" in done.stderr
        assert "VA0000001" in done.stderr

    @pytest.mark.slow
    def test_a_flow_that_fails_says_so_once(self, tmp_path: Path) -> None:
        done = run("reserve", "--on", "2008-10-31", "--quiet", folder=tmp_path)
        assert done.returncode == cli.FAILED
        assert done.stderr.count("daily_valuation has published nothing for 2008-10-31") == 1
        assert "Run `highwater daily --through 2008-10-31` first" in done.stderr
        assert "Traceback" not in done.stderr

    def test_debug_shows_the_traceback(self) -> None:
        folder, _ = store()
        done = run("show", "0000", "--debug", folder=folder)
        assert done.returncode == cli.FAILED
        assert "Traceback" in done.stderr
        assert "UnknownRun" in done.stderr

    def test_bad_setting_names_it(self, monkeypatch: Any, capsys: Any) -> None:
        monkeypatch.setenv("HIGHWATER_WORKERS", "none")
        assert exit_code(("show", "x"), monkeypatch) == cli.FAILED
        assert "HIGHWATER_WORKERS is 'none'" in capsys.readouterr().err

    def test_messages_of_one_s_own_errors_stand_alone(self) -> None:
        assert console.explained(SettingsError("HIGHWATER_SEED is 'x'"))[0] == "HIGHWATER_SEED is 'x'"

    def test_a_fault_is_called_one(self) -> None:
        message, hint = console.explained(KeyError("units"))
        assert message == "KeyError: 'units'"
        assert "fault of the program" in hint


class TestExplain:
    def test_a_day(self) -> None:
        folder, written = store()
        done = run("explain", "VA0000007", "--on", str(THROUGH), folder=folder)
        assert done.returncode == 0, done.stderr
        assert "VA0000007 on 2008-10-31" in done.stdout
        assert "Asset transfer formula" in done.stdout
        assert "10028-10040" in done.stdout
        assert f"Replayed from run {written['daily']}" in done.stdout
        assert "published snapshot says the same" in " ".join(done.stdout.split())

    def test_a_refused_contract_says_why(self) -> None:
        folder, _ = store()
        done = run("explain", "VD0000001", "--on", str(THROUGH), folder=folder)
        assert done.returncode == cli.FAILED
        assert "VD0000001 was not valued" in done.stderr


class TestStatement:
    def test_a_month(self) -> None:
        folder, written = store()
        done = run("statement", "VA0000007", "2008-10-01..2008-10-31", folder=folder)
        assert done.returncode == 0, done.stderr
        assert "Additional report of Annuity VA0000007, 2008-10-01 to 2008-10-31" in done.stdout
        assert "this additional report, billed to you (REP-2)" in done.stdout
        made = sorted(path.name for path in folder.rglob("statements/VA0000007/*/*"))
        assert made == ["statement.csv", "statement.html", "statement.txt"]
        assert written["daily"] in next(folder.rglob("statement.html")).read_text(encoding="utf-8")

    def test_what_is_no_period_is_said(self) -> None:
        folder, _ = store()
        done = run("statement", "VA0000007", "2008-10", folder=folder)
        assert done.returncode == cli.FAILED
        assert "write its first and last day, as 2008-10-01..2008-12-31" in done.stderr


class TestIllustrate:
    def test_one_gross_return(self, tmp_path: Path) -> None:
        done = run("illustrate", "--gross", "0.06", "--expense", "0.0095", "--credit", "0.05", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "6% gross rate of return, net L 3.42%, B 3.79%, X 3.37%; USD" in done.stdout
        assert "Expenses if you annuitize, USD" in done.stdout
        written = sorted(path.name for path in tmp_path.rglob("illustrations/*/*"))
        assert written == [
            "annuity_values.csv",
            "days_highest.csv",
            "expense_examples.csv",
            "illustrations.html",
            "surrender_values.csv",
            "unit_values.csv",
        ]
        assert all(f"/{name}" in done.stdout for name in written)

    def test_a_percentage_for_a_fraction_is_refused(self, tmp_path: Path) -> None:
        done = run("illustrate", "--gross", "6", folder=tmp_path)
        assert done.returncode == cli.FAILED
        assert "gross return 6 cannot be illustrated; allowed is -0.5 to 0.5" in done.stderr


class TestShow:
    def test_manifest(self) -> None:
        folder, written = store()
        done = run("show", written["daily"][:8], folder=folder)
        assert done.returncode == 0, done.stderr
        for said in (
            "daily_valuation",
            "opening + ledger = closing",
            "contracts.parquet",
            "ledger.INVESTMENT",
            "snapshot",
            "0 repeated partitions, at most 0.",
            "GiB a worker",
        ):
            assert said in done.stdout


class TestSummaries:
    """What the flows print when they end."""

    @pytest.mark.parametrize(
        ("flow", "name", "said"),
        [
            (
                "daily_valuation",
                "daily",
                ("contracts in force", "Account Value", "CONTRACT_REFUSED", "asset transfers"),
            ),
            ("month_end_reserve", "reserve", ("CTE70", "12,345,678.00", "100,000.00", "4 of 5 passed")),
            (
                "daily_hedge",
                "hedge",
                ("delta large equity", "-90,000.00", "1800% breach", "S&P 500 E-mini future", "-7"),
            ),
        ],
    )
    def test_pages(self, flow: str, name: str, said: tuple[str, ...], capsys: Any) -> None:
        from infra.storage import Storage
        from tasks.start import Outcome
        from tasks.summary_runs import outcome_pages

        folder, written = store()
        outcome = Outcome(flow, date(2008, 10, 31), written[name], 1, False, 3, 2, {"value": 1.5}, 870_000_000)
        console.pages(outcome_pages(Storage(folder.as_uri()), outcome))
        shown = capsys.readouterr().out
        assert written[name] in shown
        assert "2 partitions computed in 1.5 s, at most 0.81 GiB a worker, 3 found from before" in shown
        assert all(one in shown for one in said), shown


def test_demo_asks_the_three_flows_for_the_same_day(monkeypatch: Any) -> None:
    """The order of a demonstration, without its work."""
    asked: list[tuple[str, Any]] = []
    settings = object()
    monkeypatch.setattr(cli.Place, "settings", lambda self, **given: settings)
    monkeypatch.setattr(console, "storage", lambda _: None)
    monkeypatch.setattr(console, "where_next", lambda *_: "")
    for name in ("daily", "reserve", "hedge", "report"):
        monkeypatch.setattr(commands, name, lambda s, day, *_, name=name, **__: asked.append((name, day)))
    inputs = type("Inputs", (), {"contracts": "c", "transactions": "t", "prices": "p", "declared_rates": "d"})()
    monkeypatch.setattr("tasks.demo.write_demo", lambda *_, **__: inputs)
    cli.demo(contracts=10, through=date(2009, 3, 31))
    assert asked == [(name, date(2009, 3, 31)) for name in ("daily", "reserve", "hedge", "report")]
