"""Contractual constants: one dated file a section, every constant with its unit and its source.

A file ``<section>.toml`` holds one table per constant (``value``, ``unit``, ``source``); it is read once into the
NamedTuple of the same section, which then travels into the kernels.
"""

import csv
import hashlib
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from valuation.annuity_date import AnnuityDateTerms
from valuation.contract import Array
from valuation.terms.benefits import OptionalDeathBenefitTerms, load_optional_death_benefit_terms
from valuation.terms.reading import read_constants, read_terms


class PurchaseTerms(NamedTuple):
    """Purchase Payments and Purchase Credits: terms/purchase.toml."""

    minimum_initial: tuple[float, float, float]  # by series, USD
    minimum_additional: float  # USD
    approval_from: float  # sum of payments from which approval is needed, USD
    check_hold_days: float  # after an uncleared check was applied
    last_age: float  # additional payments up to this attained age, years
    maximum_issue_age: tuple[float, float, float]  # by series, years
    credit_rate: float  # fraction of a payment, X Series
    credit_rate_early: float  # the same, issued before `credit_change`
    credit_change: float  # day number
    credit_rate_old: float  # the same from `credit_old_age` on
    credit_old_age: float  # years
    credit_recapture_months: float
    longevity_rate: float  # fraction of Purchase Payments
    longevity_first_anniversary: float  # years
    longevity_payment_years: float  # a payment counts when it has been in for more than these years


class ChargeTerms(NamedTuple):
    """Charges against the Annuity: terms/charges.toml."""

    insurance_charge: tuple[float, float, float]  # by series, fraction per year of the Sub-accounts
    surrender_charge: tuple[
        tuple[float, ...], ...
    ]  # (3, 10) fraction of a payment by CDSC Year; the last holds from then on
    maintenance_fee: float  # USD
    maintenance_share: float  # fraction of the Sub-accounts
    maintenance_free_from: float  # Account Value, USD
    transfer_fee: float  # USD
    free_transfers: float  # per Annuity Year


class WithdrawalTerms(NamedTuple):
    """Partial withdrawals: terms/withdrawals.toml."""

    minimum: float  # USD
    minimum_left: float  # Surrender Value after a partial withdrawal, USD
    free_share: float  # fraction of the Purchase Payments subject to a CDSC
    half_cent: float  # an excess or a remainder below this is none, USD


class DesignationTerms(NamedTuple):
    """Changes of Owner and Annuitant: terms/designations.toml."""

    grace_days: float  # from the Issue Date; who becomes Owner or Annuitant in them counts as one since issue
    suspension_months: float  # of the Death Benefit's guarantee


class RestrictionTerms(NamedTuple):
    """Limits to transfers at the Owner's request: terms/transfers.toml."""

    written_after: float  # transfers of an Annuity Year
    threshold: float  # USD of one transfer in; inf where it is not known
    watched_days: float  # after the transfer in
    restricted_days: float  # after the Transfer Out
    restricted_days_international: float
    first_days: float  # after the Issue Date


class JurisdictionTerms(NamedTuple):
    """What differs by jurisdiction, in the order of `jurisdiction_names`: terms/jurisdictions.toml."""

    tax_charge: tuple[float, ...]  # fraction of Purchase Payments
    free_look_days: tuple[float, ...]  # days from receipt of the Annuity
    returns_payments: tuple[float, ...]  # 1 where a free look returns at least the Purchase Payments


class MedicalTerms(NamedTuple):
    """Medically-related surrender: terms/medical_surrender.toml."""

    confined_days: float  # days in a row
    most: float  # USD of the whole request


class ProgrammeTerms(NamedTuple):
    """Programmes of scheduled transactions: terms/programmes.toml."""

    minimum: float  # USD of one payment
    notice_days: float  # before the first Required Minimum Distribution
    distribution_months: float  # attained age from whose calendar year on distributions are required
    equal_payment_months: float  # attained age up to which substantially equal payments go on
    equal_payment_term: float  # months that they last at least
    table_age: float  # first age of the tables, years
    uniform_lifetime: tuple[float, ...]  # years, by the age attained in the calendar year
    uniform_lifetime_new: tuple[float, ...]  # the same from `new_table_year` on
    new_table_year: float


class IncomeTerms(NamedTuple):
    """TrueIncome - Highest Daily 7 or its Spousal version: terms/[spousal_]highest_daily_7.toml."""

    roll_up: float  # fraction per year
    tenth_years: float  # years from the effective date to the Tenth Anniversary
    age_bands: tuple[float, float, float]  # attained ages at which the income percentage rises, years
    percentages: tuple[float, float, float, float]  # fraction of the Protected Withdrawal Value per year
    enhanced_initial: float  # multiple of the Account Value on the effective date
    enhanced_first_year: float  # multiple of Purchase Payments within one year
    enhanced_later: float  # multiple of later Purchase Payments
    quarterly_fee: float  # fraction of the Protected Withdrawal Value per benefit quarter
    yearly_fee: float  # fraction per year, for the part of a quarter
    accrued_fee_on_annuitisation: float  # 1 charge it, 0 do not
    election_months: float  # least attained age of every designated life, months
    spousal: float  # 1 for the Spousal version
    floor_ratchets: float  # 1 if the Account Value floor raises the tracked value for good


class TransferTerms(NamedTuple):
    """Asset transfer formula of Appendix F: terms/asset_transfer.toml; its factors are `transfer_factors`."""

    upper: float  # Cu
    target: float  # Ct
    lower: float  # Cl
    income_share: float  # fraction of the Income Basis


class Terms(NamedTuple):
    """All terms of the contract, and how a run rounds.

    Numbers and tuples of numbers only: an array would be counted in and out at every call of a compiled rule.
    """

    purchase: PurchaseTerms
    charges: ChargeTerms
    withdrawals: WithdrawalTerms
    income: tuple[IncomeTerms, IncomeTerms]  # by plan: Highest Daily 7, Spousal Highest Daily 7
    transfer: TransferTerms
    designations: DesignationTerms
    annuity_date: AnnuityDateTerms
    jurisdictions: JurisdictionTerms
    medical: MedicalTerms
    restrictions: RestrictionTerms
    death: OptionalDeathBenefitTerms
    programmes: ProgrammeTerms
    cents: float  # 1: money that moves is rounded to cents (administration); 0: nothing is rounded (projection)


@cache
def jurisdiction_names() -> tuple[str, ...]:
    """Names of the jurisdictions that the terms tell apart; the first holds where a contract has none."""
    return tuple(read_constants("jurisdictions")["name"]["value"])


@cache
def transfer_factors() -> Array:
    """(492,) the factor "a" by completed month since the effective date.  Source: ATF-4 (prospectus 10049-10106)."""
    text = (resources.files("valuation.terms") / "a_factors.csv").read_text(encoding="utf-8")
    factors = np.array([float(row["a"]) for row in csv.DictReader(text.splitlines())])
    factors.setflags(write=False)
    return factors


@cache
def load_terms(cents: bool) -> Terms:
    """The terms in force; ``cents`` is on for the administration of contracts and off in projections (C-22)."""
    return Terms(
        read_terms("purchase", PurchaseTerms),
        read_terms("charges", ChargeTerms),
        read_terms("withdrawals", WithdrawalTerms),
        (read_terms("highest_daily_7", IncomeTerms), read_terms("spousal_highest_daily_7", IncomeTerms)),
        read_terms("asset_transfer", TransferTerms),
        read_terms("designations", DesignationTerms),
        load_annuity_date_terms(),
        read_terms("jurisdictions", JurisdictionTerms),
        read_terms("medical_surrender", MedicalTerms),
        read_terms("transfers", RestrictionTerms),
        load_optional_death_benefit_terms(),
        read_terms("programmes", ProgrammeTerms),
        float(cents),
    )


@cache
def load_annuity_date_terms() -> AnnuityDateTerms:
    """Ages of the latest Annuity Date."""
    return read_terms("annuity_date", AnnuityDateTerms)


def terms_version() -> str:
    """Hash over all terms files, for the manifest of a run."""
    digest = hashlib.sha256()
    folder = resources.files("valuation.terms")
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if path.name.endswith((".toml", ".csv")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
