"""Constants of the benefits that have modules of their own: classes as in `valuation.terms`, each read when it is asked for."""

from functools import cache
from typing import NamedTuple

from valuation.terms.reading import read_terms


class IllustrationTerms(NamedTuple):
    """What the prospectus assumes in its illustrations and examples: terms/illustrations.toml."""

    issue: float  # day number
    issue_age: float  # years
    days_of_year: float
    years: float
    investment: float  # USD
    gross_returns: tuple[float, ...]  # fraction per year
    days_before: float  # surrender comes so many days before the Annuity Anniversary
    highest_daily_charge: float  # of the optional benefits that may be held together, fraction per year
    example_investment: float  # USD
    example_return: float  # fraction per year
    example_years: tuple[float, ...]
    maximum_income_charge: float  # fraction of the Protected Withdrawal Value per year
    maximum_death_charge: float  # fraction per year of the Sub-accounts


class AccumulationTerms(NamedTuple):
    """TrueAccumulation - Highest Daily and its transfer formula: terms/true_accumulation.toml."""

    guarantee_years: float  # years from creation to maturity date; a ladder has a place for each
    corridor_share: float  # fraction of the initial guarantee, per benefit year
    corridor_payment_share: float  # fraction of a Purchase Payment
    oldest_age: float  # oldest of Owner and Annuitant at election, years
    annual_charge: float  # fraction per year of all Sub-accounts
    maximum_charge: float  # the same, for new elections
    upper: float  # Cu
    target: float  # Ct
    lower: float  # Cl
    benchmark_days: tuple[float, ...]  # calendar days to maturity of the benchmark's rates, ascending
    benchmark_rates: tuple[float, ...]  # fraction per year, effective
    discount_rate_adjustment: float  # taken from them, fraction per year


class GmibTerms(NamedTuple):
    """Guaranteed Minimum Income Benefit: terms/guaranteed_minimum_income.toml."""

    roll_up: float  # fraction per year
    maximum_multiple: float  # Maximum Protected Income Value over the value set and later Purchase Payments
    limit_share: float  # fraction of the Protected Income Value that a year's withdrawals reduce dollar for dollar
    growth_age: float  # of the Annuitant, years
    growth_years: float  # since the value was set, years
    waiting_years: float  # since the value was set, years
    window_days: float  # after an Annuity Anniversary, to elect payments
    step_ups: float  # in the life of the benefit
    step_up_last_age: float  # of the Annuitant, years
    election_last_age: float  # of the Annuitant, years
    exercise_age: float  # of the Annuitant, years, for the last election of payments
    exercise_age_ira: float  # the same for an IRA or SEP IRA
    charge: float  # fraction of the average Protected Income Value per year
    maximum_charge: float  # the same, at most
    survivor_share: float  # fraction of a payment to the Joint Annuitant after the certain period


class AnnuityOptionTerms(NamedTuple):
    """Annuity options of the contract: terms/annuity_options.toml."""

    earliest_years: float  # completed Annuity Years before the first Annuity Date
    longest_period: float  # of Option 1, years
    charged_period: float  # least period certain while a CDSC would apply, years
    certain_months: float  # of Option 2
    minimum_interest: float  # fraction per year, effective
    benefit_certain: float  # yearly payments certain where a Highest Daily benefit is in force and nothing was chosen


class TrueIncomeTerms(NamedTuple):
    """TrueIncome or its Spousal version: terms/[spousal_]true_income.toml."""

    roll_up: float  # fraction per year
    growth_years: float  # years from the effective date in which leg (A) grows
    anniversaries: float  # Annuity Anniversaries after the effective date that enter leg (C)
    income_percentage: float  # fraction of the Protected Withdrawal Value per Annuity Year
    withdrawal_percentage: float  # the same of the Withdrawal Benefit; 0 for the Spousal version
    step_up_months: float  # from the first withdrawal, or from one step-up to the next
    charge: float  # fraction per year of the Sub-accounts, in the Unit Price, for new elections
    maximum_charge: float  # the most it may become
    charge_follows_step_up: float  # 1 if a step-up carries the charge for new elections
    certain_payments: float  # yearly payments certain of the annuity without an election
    election_months: float  # least attained age of every designated life, months
    spousal: float  # 1 for the Spousal version


class HighestDailyTerms(NamedTuple):
    """TrueIncome - Highest Daily, with the formula of Appendix D: terms/highest_daily.toml."""

    roll_up: float  # fraction per year
    tenth_years: float  # years from the effective date to the Tenth Anniversary
    income_share: float  # I%, fraction per Annuity Year
    enhanced_initial: float  # multiple of the Account Value on the effective date
    enhanced_first_year: float  # multiple of Purchase Payments within one year
    enhanced_later: float  # multiple of later Purchase Payments
    payments_after_tenth: float  # 1 if a payment after the Tenth Anniversary is added to the value kept there
    step_up_apart: float  # 1 if the Highest Daily Annual Income Amount steps up by its own comparison
    yearly_charge: float  # fraction per year of the Sub-accounts, for new elections and step-ups
    maximum_charge: float  # the same, at most
    election_months: float  # least attained age of the Annuitant, months
    layer_months: float  # months for which a layer of the Benefit Fixed Rate Account keeps its rate
    declared_rate: float  # of that account, on every day: fraction per year, effective, after its reduction
    upper: float  # Cu
    target: float  # Ct
    lower: float  # Cl
    age_factor: float  # Q
    last_age: float  # years of attained age after which payments are annuity payments


class OptionalDeathBenefitTerms(NamedTuple):
    """Combination 5% Roll-Up and HAV, Highest Daily Value: terms/optional_death_benefits.toml."""

    roll_up: float  # fraction per year
    limit_share: float  # of the Roll-Up, per Annuity Year
    target_age: float  # years
    target_years: float  # from the Issue Date, at least
    highest_own_target: float  # 1: the HAV inside the Combination benefit has a Target Date without that floor
    election_age: float  # greatest attained age, years
    choice_after_issue: tuple[float, float, float]  # by series, 1 if elected or ended on later anniversaries
    choice_from: float  # number of the first of these anniversaries
    choice_to: float  # number of the last
    late_from_account: float  # 1: a benefit elected then starts from the Account Value
    combination_with: tuple[float, ...]  # (8,) by living benefit, 1 if permitted
    highest_daily_with: tuple[float, ...]  # (8,) the same
    charge: float  # fraction per year of the Sub-accounts
    suspension_months: float
    suspension_grace_days: float  # after the Issue Date


class BeneficiaryTerms(NamedTuple):
    """How a Beneficiary takes the Death Benefit: terms/beneficiary_payments.toml."""

    whole_years: float  # from death to the payment of the whole
    begin_years: float  # from death to the first of a series of payments
    spouse_months: float  # age of the decedent that a spouse may wait for
    settlement_charge: float  # fraction per year of the Sub-accounts
    maintenance_fee: float  # USD
    maintenance_share: float  # fraction of the Account Value
    maintenance_free_from: float  # Account Value, USD
    maintenance_return_days: float  # before a surrender request
    transfer_fee: float  # USD
    free_transfers: float  # per year


class TaxTerms(NamedTuple):
    """Tax amounts of distributions: terms/taxes.toml."""

    penalty_rate: float  # fraction of the taxable part
    penalty_months: float  # age from which there is no penalty, months
    equal_payment_years: float  # substantially equal payments go on at least so long
    immediate_years: float  # from purchase to the first payment of an immediate annuity
    old_money_before: float  # day number
    withholding_rate: float  # fraction of the taxable part, not periodic
    rollover_rate: float  # fraction of an eligible rollover distribution
    alien_rate: float  # fraction of the taxable part
    roth_years: float  # tax years
    distribution_months: float  # age that sets the required beginning date, months
    missed_rate: float  # fraction of a Required Minimum Distribution not made
    ira_limit: float  # USD per year
    ira_catch_up: float  # USD per year
    catch_up_age: float  # years
    sep_share: float  # fraction of the compensation
    sep_limit: tuple[float, float]  # USD, from `first_limit_year` on
    compensation_limit: tuple[float, float]  # USD, from `first_limit_year` on
    first_limit_year: float  # calendar year
    deferral_limit: float  # USD per year
    deferral_catch_up: float  # USD per year


@cache
def load_illustration_terms() -> IllustrationTerms:
    """Assumptions of the illustrations and of the expense examples."""
    return read_terms("illustrations", IllustrationTerms)


@cache
def load_accumulation_terms() -> AccumulationTerms:
    """Terms of TrueAccumulation - Highest Daily."""
    terms = read_terms("true_accumulation", AccumulationTerms)
    if not 1.0 <= terms.guarantee_years <= 10.0:
        raise ValueError(
            f"terms/true_accumulation.toml: guarantee_years is {terms.guarantee_years:g}; allowed are 1 to 10, "
            "the places of the ladder; correct the file"
        )
    if not terms.benchmark_days or len(terms.benchmark_days) != len(terms.benchmark_rates):
        raise ValueError(
            f"terms/true_accumulation.toml: benchmark_days has {len(terms.benchmark_days)} numbers and benchmark_rates "
            f"{len(terms.benchmark_rates)}; allowed is one rate for each number of days; correct the file"
        )
    return terms


@cache
def load_gmib_terms() -> GmibTerms:
    """Constants of the Guaranteed Minimum Income Benefit."""
    return read_terms("guaranteed_minimum_income", GmibTerms)


@cache
def load_annuity_option_terms() -> AnnuityOptionTerms:
    """Constants of the contract's annuity options."""
    return read_terms("annuity_options", AnnuityOptionTerms)


@cache
def load_true_income_terms() -> tuple[TrueIncomeTerms, TrueIncomeTerms]:
    """Terms by plan: TrueIncome, TrueIncome - Spousal."""
    return read_terms("true_income", TrueIncomeTerms), read_terms("spousal_true_income", TrueIncomeTerms)


@cache
def load_highest_daily_terms() -> HighestDailyTerms:
    """The terms of TrueIncome - Highest Daily in force."""
    return read_terms("highest_daily", HighestDailyTerms)


@cache
def load_optional_death_benefit_terms() -> OptionalDeathBenefitTerms:
    """The optional Death Benefits in force."""
    return read_terms("optional_death_benefits", OptionalDeathBenefitTerms)


@cache
def load_beneficiary_terms() -> BeneficiaryTerms:
    """How a Beneficiary takes the Death Benefit."""
    return read_terms("beneficiary_payments", BeneficiaryTerms)


@cache
def load_tax_terms() -> TaxTerms:
    """Rates, ages and limits of the tax amounts."""
    return read_terms("taxes", TaxTerms)
