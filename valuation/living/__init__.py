"""Living benefits: what the day's order asks of them, and who answers.

`valuation.day`, the requests, the endings and the lanes call ``living.grow(income, ...)`` and its neighbours; the kinds
that answer stand in `valuation.living.kinds`.
"""

from valuation.living import kinds as kinds
from valuation.living.accounts import *  # noqa: F403
from valuation.living.added import *  # noqa: F403
from valuation.living.annuities import *  # noqa: F403
from valuation.living.choices import *  # noqa: F403
from valuation.living.interface import *  # noqa: F403
from valuation.living.lanes import *  # noqa: F403
