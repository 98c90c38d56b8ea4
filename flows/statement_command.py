"""The command ``highwater statement``."""

from flows import console
from flows.place import HERE, Place


def statement(contract: str, period: str, *, charge: float | None = None, place: Place = HERE) -> None:
    """Write an Owner's statement from the published daily valuations: page, text and CSV.

    Parameters
    ----------
    contract
        Id of the contract.
    period
        First and last day, as 2008-07-01..2008-09-30. A whole quarter with transactions and a whole year are regular.
    charge
        What an additional report costs, USD; without it the most allowed.
    """
    from tasks.warm import interpret

    interpret()
    storage = console.storage(place.settings())
    from tasks.statement import period as days
    from tasks.statement import statement as made
    from tasks.statement_page import title, write

    with console.working("replaying the period"):
        told = made(storage, contract, *days(period), charge)
    written = write(storage, told)
    console.say(title(told))
    console.pages(written.pages)
    for key in written.keys:
        console.say(f"written: {storage.name(key)}")
