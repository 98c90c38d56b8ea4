"""The one file that knows the compiler.

Kernels are serial, release the GIL and keep IEEE arithmetic: no fastmath, division by zero gives inf, so that loops over
lanes turn into vector code.  They are cached on disk only when the process names a cache directory for numba; the caller
keys that directory by `kernel_hash`, because numba's own cache does not see a change in another module.
"""

import functools
import hashlib
from collections.abc import Callable
from importlib import metadata, resources
from typing import Any, TypeVar, cast

import numba
from numba.extending import overload

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", bound=tuple[Any, ...])


def kernel(fn: F) -> F:
    """Compile ``fn``: nopython, GIL released, IEEE division, types kept; its arrays belong to the caller.

    Arrays are not counted, and none can be made or returned: counting the references of a record's arrays at every call
    cost more than the rules.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy", cache=_cached(), _nrt=False)(fn))


def allocating_kernel(fn: F) -> F:
    """A kernel that makes or returns arrays, and therefore counts them; keep it outside inner loops.

    A compiled caller of one that returns arrays must count too, or they are never given back.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy", cache=_cached(), _nrt=True)(fn))


def rule(fn: F) -> F:
    """A small scalar rule: compiled as a kernel is, and always made part of the loop that calls it.

    Without it the compiler passes whole records between functions, and a loop over lanes does not become vector code.
    """
    return cast(F, _inlined(fn))


def _inlined(fn: Callable[..., Any]) -> Any:
    return numba.njit(nogil=True, error_model="numpy", forceinline=True, _nrt=False)(fn)


def _cached() -> bool:
    return bool(numba.config.CACHE_DIR)


def generic(fn: F) -> F:
    """A rule with one body per type of its first argument, compiled or not; ``fn`` itself answers for any other type.

    ``register(Type)`` on the result adds a body; its arguments are those of ``fn``.  The choice is made when a kernel is
    compiled, so a kernel holds the bodies of its own types and no test of which it has.
    """
    bodies: dict[type, Any] = {}

    @functools.wraps(fn)
    def chosen(state: Any, *args: Any) -> Any:
        return bodies.get(type(state), fn)(state, *args)

    def register(kind: type) -> Callable[[F], F]:
        def add(body: F) -> F:
            bodies[kind] = body
            return body

        return add

    def typed(state: Any, *args: Any) -> Any:
        return bodies.get(getattr(state, "instance_class", type(None)))

    overload(chosen, strict=False, jit_options={"nogil": True, "error_model": "numpy", "_nrt": False})(typed)
    chosen.register = register  # type: ignore[attr-defined]
    return cast(F, chosen)


def changer(kind: type[T]) -> Callable[..., T]:
    """A compiled function ``change(state, field=value, ...)``: a copy of a NamedTuple with other values.

    Compiled code has no ``_replace``; a field that is not named costs nothing.
    """
    fields = kind._fields  # type: ignore[attr-defined]
    arguments = ", ".join(f"{field}=None" for field in fields)
    values = ", ".join(f"state.{field} if {field} is None else {field}" for field in fields)
    scope: dict[str, Any] = {"kind": kind}
    exec(f"def change(state, {arguments}):\n    return kind({values})", scope)
    return cast(Callable[..., T], _inlined(scope["change"]))


def reader(kind: type[T]) -> Callable[[Any], T]:
    """A compiled function ``read(fields)``: the NamedTuple whose values stand in an array, in their order."""
    values = ", ".join(f"fields[{k}]" for k in range(len(kind._fields)))  # type: ignore[attr-defined]
    scope: dict[str, Any] = {"kind": kind}
    exec(f"def read(fields):\n    return kind({values})", scope)
    return cast(Callable[[Any], T], _inlined(scope["read"]))


def lane_reader(kind: type[T], first: int, width: int) -> Callable[[Any, int], T]:
    """A compiled function ``read(rows, i)``: the NamedTuple of lane ``i``, whose values stand in rows ``first`` and on.

    ``rows`` is one flat array and ``width`` a constant, so that the compiler can prove that no two rows overlap.
    """
    values = ", ".join(f"rows[{(first + k) * width} + i]" for k in range(len(kind._fields)))  # type: ignore[attr-defined]
    scope: dict[str, Any] = {"kind": kind}
    exec(f"def read(rows, i):\n    return kind({values})", scope)
    return cast(Callable[[Any, int], T], _inlined(scope["read"]))


def lane_writer(kind: type[T], first: int, width: int) -> Callable[[T, Any, int], None]:
    """A compiled function ``write(state, rows, i)``: the values of lane ``i`` into rows ``first`` and on."""
    names = kind._fields  # type: ignore[attr-defined]
    lines = [f"    rows[{(first + k) * width} + i] = state.{name}" for k, name in enumerate(names)]
    scope: dict[str, Any] = {}
    exec("\n".join(["def write(state, rows, i):", *lines]), scope)
    return cast(Callable[[T, Any, int], None], _inlined(scope["write"]))


def writer(kind: type[T]) -> Callable[[T, Any], None]:
    """A compiled function ``write(state, fields)``: the values of a NamedTuple into an array, in their order.

    Field by field: a loop over a tuple becomes a jump per value.
    """
    lines = [f"    fields[{k}] = state.{name}" for k, name in enumerate(kind._fields)]  # type: ignore[attr-defined]
    scope: dict[str, Any] = {}
    exec("\n".join(["def write(state, fields):", *lines]), scope)
    return cast(Callable[[T, Any], None], _inlined(scope["write"]))


def kernel_hash() -> str:
    """Hash of every source file of the law and of the compiler's versions: names the cache and goes into manifests."""
    digest = hashlib.sha256()
    for package in ("numba", "llvmlite", "numpy"):
        digest.update(f"{package}={metadata.version(package)};".encode())
    root = resources.files("valuation")
    for path in sorted(_sources(root), key=str):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources(folder: Any) -> list[Any]:
    found: list[Any] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found += _sources(entry)
        elif entry.name.endswith(".py"):
            found.append(entry)
    return found
