"""ELE-3 (prospectus 112-123): what a selling firm or a state does not offer is not elected."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.tasks.block import ISSUED, check, contract, contracts, found, issue, kept, transaction, transactions

FORTIETH = date(1968, 1, 15)


def refused(restricted: str | None, benefit: str = "HD7", day: date = ISSUED, **person: Any) -> dict[str, set[str]]:
    """What is found where contract A elects, its firm restricting the offer; born on 15 January 1938: 70 at issue."""
    given = {"owner_birth_date": date(1938, 1, 15), "annuitant_birth_date": date(1938, 1, 15)} | person
    asked = [issue("A"), transaction("A-1", "A", "ELECTION", day, benefit=benefit)]
    return found(check([contract("A", restricted_benefits=restricted, **given)], asked))


class TestNotOffered:
    def test_without_restrictions_nothing_is_refused(self) -> None:
        assert refused(None) == {}
        assert refused("SHD7=0;TI=50") == {}

    def test_a_benefit_that_is_not_offered(self) -> None:
        assert refused("HD7=0") == {"A-1": {"NOT_OFFERED"}}

    @pytest.mark.parametrize("born, reasons", [(date(1937, 1, 16), {}), (date(1937, 1, 15), {"A-1": {"NOT_OFFERED"}})])
    def test_up_to_an_attained_age(self, born: date, reasons: dict[str, set[str]]) -> None:
        """70 to the day before the birthday of 71."""
        assert refused("HD7=70", owner_birth_date=born, annuitant_birth_date=born) == reasons

    def test_the_day_of_the_election_decides(self) -> None:
        assert refused("HD7=70", day=date(2009, 1, 14)) == {}
        assert refused("HD7=70", day=date(2009, 1, 15)) == {"A-1": {"NOT_OFFERED"}}

    def test_a_request_after_the_close_counts_on_the_next_valuation_day(self) -> None:
        late = transaction("A-1", "A", "ELECTION", date(2009, 1, 14), benefit="HD7")
        late["received"] = datetime(2009, 1, 14, 16, 30)
        born = {"owner_birth_date": date(1938, 1, 15), "annuitant_birth_date": date(1938, 1, 15)}
        checked = check([contract("A", restricted_benefits="HD7=70", **born)], [issue("A"), late])
        assert found(checked) == {"A-1": {"NOT_OFFERED"}}

    def test_the_older_of_owner_and_annuitant_decides_of_a_death_benefit_the_owner(self) -> None:
        young = {"owner_birth_date": FORTIETH}
        assert refused("TI=69", "TI", **young) == {"A-1": {"NOT_OFFERED"}}
        assert refused("COMBINATION=69", "COMBINATION", **young) == {}
        assert refused("COMBINATION=69", "COMBINATION") == {"A-1": {"NOT_OFFERED"}}

    def test_an_entity_has_the_age_of_its_annuitant(self) -> None:
        entity = {"entity_owned": True, "owner_birth_date": FORTIETH}
        assert refused("HDV=69", "HDV", **entity) == {"A-1": {"NOT_OFFERED"}}

    def test_the_row_is_left_out_with_its_rule_and_the_contract_goes_on(self) -> None:
        owners = [contract("A", restricted_benefits="HD7=0"), *contracts()[1:]]
        checked = check(owners, transactions())
        row = next(row for row in checked.quarantine.to_pylist() if row["transaction_id"] == "A-1")
        assert (row["rule"], row["severity"], row["field"], row["value"]) == ("ELE-3", "row", "benefit", "HD7")
        assert "A-1" not in kept(checked, "transactions", "transaction_id")
        assert {"A-0", "B-0", "B-1", "C-0"} == set(kept(checked, "transactions", "transaction_id"))
        assert kept(checked, "contracts", "contract_id") == ["A", "B", "C"]


@pytest.mark.parametrize("text", ["HD7", "HD7=", "HD7=old", "HD8=70", "HD7=70;", "HD7=70,SHD7=0"])
def test_restrictions_that_cannot_be_read_refuse_the_contract(text: str) -> None:
    checked = check([contract("A", restricted_benefits=text), *contracts()[1:]], transactions())
    assert found(checked) == {"A": {"UNKNOWN_CODE"}}
    assert kept(checked, "contracts", "contract_id") == ["B", "C"]
