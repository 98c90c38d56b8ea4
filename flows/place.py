"""Where a command works: store, workers, what it shows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from infra.settings import Settings


@Parameter(name="*")
@dataclass(frozen=True)
class Place:
    """Where to work; what is left out comes from the HIGHWATER_ variables."""

    store: Annotated[str | None, Parameter(help="Store of runs: folder, file:///folder or s3://bucket/prefix.")] = None
    workers: Annotated[int | None, Parameter(help="Worker processes of the local cluster.")] = None
    quiet: Annotated[bool, Parameter(help="No progress bars.", negative="")] = False

    def settings(self, **given: Any) -> "Settings":
        """The settings, with what the command line gives before them; the process made ready for them."""
        from infra.settings import load_settings
        from tasks.warm import prepare_process

        found = {"storage_url": self.store, "workers": self.workers, "quiet": self.quiet or None, **given}
        settings = load_settings(**{name: value for name, value in found.items() if value is not None})
        prepare_process(settings)
        return settings


HERE = Place()
