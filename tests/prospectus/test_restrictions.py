"""Limits to transfers (TR-3, TR-4), by the derived vector D-TR-1 and by the sentences of the text."""

import numpy as np
import pytest

from tests.support.story import Event, Story, number, withdraw
from valuation.events import NO_CHOICE
from valuation.failures import Reason
from valuation.restrictions import ENTERED, IN_WRITING, INTERNATIONAL, RESTRICTED_THROUGH
from valuation.terms import load_terms

TERMS = load_terms(True)
KNOWN = TERMS._replace(restrictions=TERMS.restrictions._replace(threshold=5_000.0))
"""The terms as they would be if the threshold were disclosed."""


def move(source: int, target: int, amount: float = 1_000.0, written: int = NO_CHOICE) -> Event:
    return Event("TRANSFER", amount, written, source, target)


class TestInWriting:
    """TR-3 (prospectus 2880-2888): after 20 transfers of an Annuity Year, with an original signature only."""

    @staticmethod
    def twenty() -> Story:
        story = Story("2008-05-01")
        for k in range(20):
            story.on(f"2008-07-{k + 1:02d}", None, move(k % 2, 1 - k % 2, 100.0))
        return story

    def test_the_twenty_first(self) -> None:
        assert self.twenty().refusals == []
        story = self.twenty().on("2008-08-01", None, move(0, 1, 100.0), move(0, 1, 100.0, IN_WRITING))
        assert story.refusals == [Reason.TRANSFER_NOT_IN_WRITING]
        assert story.core.transfers == 21.0

    def test_requests_of_one_day_are_one(self) -> None:
        story = self.twenty().on("2008-08-01", None, move(0, 1, 100.0, IN_WRITING), move(1, 0, 100.0))
        assert story.refusals == []
        again = Story("2008-05-01")
        for k in range(19):
            again.on(f"2008-07-{k + 1:02d}", None, move(k % 2, 1 - k % 2, 100.0))
        assert again.on("2008-08-01", None, move(0, 1, 100.0), move(1, 0, 100.0)).refusals == []

    def test_a_new_annuity_year(self) -> None:
        assert self.twenty().on("2009-05-01", None, move(0, 1, 100.0)).refusals == []


class TestRestrictedSubAccount:
    """D-TR-1: in on 2008-06-02, out on 2008-06-20; no transfer in through 2008-09-18, or 2008-12-17."""

    @staticmethod
    def story(amount: float = 6_000.0, out: str = "2008-06-20", *, far: bool = False) -> Story:
        story = Story("2008-05-01", terms=KNOWN)
        story.watch[INTERNATIONAL, 1] = far
        story.on("2008-05-05", None, move(0, 1, 100.0))  # the first transfer, which is none
        return story.on("2008-06-02", None, move(0, 1, amount)).on(out, None, move(1, 0, 500.0))

    @pytest.mark.parametrize(
        "far, last, first", [(False, "2008-09-18", "2008-09-19"), (True, "2008-12-17", "2008-12-18")]
    )
    def test_d_tr_1(self, far: bool, last: str, first: str) -> None:
        story = self.story(far=far).on(last, None, move(0, 1))
        assert story.refusals == [Reason.TRANSFER_RESTRICTED]
        assert story.watch[RESTRICTED_THROUGH, 1] == number(last)
        assert story.on(first, None, move(0, 1)).refusals == [Reason.TRANSFER_RESTRICTED]

    def test_transfers_out_stay_free(self) -> None:
        assert self.story().on("2008-06-23", None, move(1, 0)).refusals == []

    def test_redemption_stays_free(self) -> None:
        assert self.story().on("2008-06-23", None, withdraw(5_000.0)).refusals == []

    def test_thirty_days(self) -> None:
        assert self.story(out="2008-07-02").watch[RESTRICTED_THROUGH, 1] == number("2008-07-02") + 90
        assert self.story(out="2008-07-03").watch[RESTRICTED_THROUGH, 1] == 0

    def test_only_above_the_threshold(self) -> None:
        assert self.story(amount=5_000.0).watch[ENTERED, 1] == 0

    def test_the_first_transfer_within_thirty_days_is_none(self) -> None:
        story = Story("2008-05-01", terms=KNOWN).on("2008-05-31", None, move(0, 1, 6_000.0))
        assert story.watch[ENTERED, 1] == 0
        later = Story("2008-05-01", terms=KNOWN).on("2008-06-01", None, move(0, 1, 6_000.0))
        assert later.watch[ENTERED, 1] == number("2008-06-01")

    def test_nothing_is_watched_while_the_threshold_is_not_disclosed(self) -> None:
        assert TERMS.restrictions.threshold == float("inf")
        story = Story("2008-05-01").on("2008-06-02", None, move(0, 1, 50_000.0))
        np.testing.assert_array_equal(story.watch, np.zeros_like(story.watch))
