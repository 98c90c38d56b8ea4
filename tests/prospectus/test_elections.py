"""Elections in the daily valuation: what EL-1 to EL-10 and ELE-1 refuse, with its reason, and that nothing else changes."""

from datetime import date
from typing import Any

import pytest

from tests.support.block_story import BlockStory, elect, request
from valuation.failures import Reason

ENTITY = {"entity_owned": True}
TAXED = ENTITY | {"tax_type": "NQ"}
OTHER_OWNER = {"owner_birth_date": date(1939, 5, 2)}
LATER = "2008-07-08"


def told(story: BlockStory) -> dict[str, Any]:
    """The contract as the snapshot has it, without what only says under which kind of benefit it is kept."""
    return {name: value for name, value in story.row.items() if name not in ("benefit_fields", "units")}


class TestDesignations:
    """EL-3 to EL-7 (prospectus 4202-4208, 4904-4921, 5351-5355, 6000-6004, 6665-6686)."""

    @pytest.mark.parametrize(
        "plan, persons, reason",
        [
            ("TI", OTHER_OWNER, Reason.OWNER_NOT_ANNUITANT),
            ("HD7", OTHER_OWNER, Reason.OWNER_NOT_ANNUITANT),
            ("TIS", OTHER_OWNER, Reason.OWNER_NOT_ANNUITANT),
            ("SHD7", TAXED, Reason.DESIGNATIONS_NOT_MET),
            ("TIS", TAXED, Reason.DESIGNATIONS_NOT_MET),
            ("TIS", ENTITY, Reason.DESIGNATIONS_NOT_MET),
        ],
    )
    def test_refused_and_nothing_changes(self, plan: str, persons: dict[str, Any], reason: Reason) -> None:
        asked = BlockStory(plan=None, persons=persons).on(LATER, None, elect(plan))
        assert asked.reasons == [reason]
        assert told(asked) == told(BlockStory(plan=None, persons=persons).on(LATER))

    @pytest.mark.parametrize("plan, persons", [("TI", TAXED), ("HD7", TAXED), ("HD7", ENTITY), ("SHD7", ENTITY)])
    def test_an_entity_for_one_life_and_a_custodial_account_for_two(self, plan: str, persons: dict[str, Any]) -> None:
        asked = BlockStory(plan=None, persons=persons).on(LATER, None, elect(plan))
        assert asked.reasons == []
        assert (asked.row["benefit"], asked.row["benefit_stage"]) == (plan, "PRE")

    @pytest.mark.parametrize("plan", ["TIS", "SHD7"])
    def test_two_lives_without_a_spouse(self, plan: str) -> None:
        asked = BlockStory(plan=None, spouse_birth=None).on(LATER, None, elect(plan))
        assert asked.reasons == [Reason.NO_SPOUSE]


class TestDeathBenefitAge:
    """DB-4 (prospectus 6991-6994): up to the day before the Owner is 80."""

    @pytest.mark.parametrize("plan", ["COMBINATION", "HDV"])
    @pytest.mark.parametrize("birth, reasons", [("1928-07-02", []), ("1928-07-01", [Reason.DEATH_BENEFIT_AGE])])
    def test_at_issue(self, plan: str, birth: str, reasons: list[Reason]) -> None:
        story = BlockStory(plan=plan, birth=birth)
        assert story.reasons == reasons
        assert Reason.DEATH_BENEFIT_AGE.rule == "DB-4"

    def test_the_age_is_told_before_the_time(self) -> None:
        story = BlockStory(plan=None, birth="1928-07-05").on(LATER, None, elect("HDV"))
        assert story.reasons == [Reason.DEATH_BENEFIT_AGE]
        story = BlockStory(plan=None, birth="1928-07-09").on(LATER, None, elect("HDV"))
        assert story.reasons == [Reason.DEATH_BENEFIT_TIME]


def test_the_death_benefit_in_force_is_told_before_the_persons() -> None:
    """ELE-1: beside the Highest Daily Value no Highest Daily 7, whoever asks."""
    story = BlockStory(plan="HDV", persons=OTHER_OWNER).on(LATER, None, elect("HD7"))
    assert story.reasons == [Reason.DEATH_BENEFIT_EXCLUDED]


class TestWaiting:
    """EL-10 (prospectus 4597-4601, 6017-6034): an Annuity Anniversary at least 90 days after the end, whichever benefit."""

    @staticmethod
    def ended(on: str) -> BlockStory:
        """TrueIncome from 1 July 2008, terminated by the Owner."""
        return BlockStory(plan="TI").on(on, None, request("BENEFIT_TERMINATION"))

    @pytest.mark.parametrize("plan", ["TI", "TIS", "HD7", "SHD7", "HD"])
    def test_no_anniversary(self, plan: str) -> None:
        story = self.ended("2008-08-01").on("2008-12-01", None, elect(plan))
        assert story.reasons == [Reason.REELECTION_TOO_EARLY]
        assert story.row["benefit_stage"] == "ENDED"
        assert story.row["benefit_ended_date"] == date(2008, 8, 1)

    @pytest.mark.parametrize("end, reasons", [("2009-04-02", []), ("2009-04-03", [Reason.REELECTION_TOO_EARLY])])
    @pytest.mark.parametrize("plan", ["TI", "HD7"])
    def test_ninety_days_before_the_anniversary(self, plan: str, end: str, reasons: list[Reason]) -> None:
        """2 April is 90 days before 1 July, 3 April 89."""
        story = self.ended(end).on("2009-07-01", None, elect(plan))
        assert story.reasons == reasons
        assert (story.row["benefit_stage"] == "PRE") == (not reasons)
