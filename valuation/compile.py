"""The one file that knows the compiler.

A kernel is what Python calls with arrays; it is compiled whole.  Rules and routines are plain Python functions that
become part of the kernels calling them: their text is typed and lowered once, optimised and turned into machine code
only as part of a kernel, where compiling each by itself repeated all it calls at every level.

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
from numba import _dynfunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.extending import overload

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", bound=tuple[Any, ...])


class _Part(JITCodeLibrary):  # type: ignore[misc]
    """The code of one rule: kept as it is until a kernel takes it in."""

    def add_linking_library(self, library: Any) -> None:
        self._linking_libraries.append(library)

    def finalize(self) -> None:
        self._finalized = True


class _Whole(JITCodeLibrary):  # type: ignore[misc]
    """The code of one kernel, with every part that it uses, directly or not, once.

    Callers come before what they call: a part is left out if nothing linked so far needs it.
    """

    def finalize(self) -> None:
        parts: dict[Any, None] = {}
        _collect(self._linking_libraries, parts, set())
        # callers come before what they call: the linker leaves out what nothing refers to yet
        self._linking_libraries[:] = reversed(parts)
        super().finalize()


def _collect(libraries: list[Any], parts: dict[Any, None], seen: set[Any]) -> None:
    """Libraries and, for parts, what these use, each after all that it uses."""
    for library in libraries:
        if library not in seen:
            seen.add(library)
            if isinstance(library, _Part):
                _collect(library._linking_libraries, parts, seen)
            parts[library] = None


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerWhole(NativeLowering):  # type: ignore[misc]
    _name = "lower_kernel"

    def run_pass(self, state: Any) -> bool:
        state.library = _Whole(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(NativeLowering):  # type: ignore[misc]
    _name = "lower_part"

    def run_pass(self, state: Any) -> bool:
        state.library = _Part(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        done = bool(super().run_pass(state))
        lowered = state["cr"]
        # callers find a function by this object; it has no machine code and is never called from Python
        module, name = lowered.fndesc.lookup_module(), state.func_id.func_name
        key = _dynfunc.make_function(module, name, "", 0, lowered.env, (state.library,))
        state.targetctx.insert_user_function(key, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=key)
        return done


def _pipeline(lowering: type) -> type:
    class Compiler(CompilerBase):  # type: ignore[misc]
        def define_pipelines(self) -> list[Any]:
            passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
            passes.add_pass_after(lowering, NativeLowering)
            passes.passes = [entry for entry in passes.passes if entry[0] is not NativeLowering]
            passes.finalize()
            return [passes]

    return Compiler


_OPTIONS = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
_KERNEL = {**_OPTIONS, "pipeline_class": _pipeline(_LowerWhole)}
_PART = {**_OPTIONS, "no_cpython_wrapper": True, "pipeline_class": _pipeline(_LowerPart), "_nrt": False}


def kernel(fn: F) -> F:
    """Compile ``fn``: nopython, GIL released, IEEE division, types kept; its arrays belong to the caller.

    Arrays are not counted, and none can be made or returned: counting the references of a record's arrays at every call
    cost more than the rules.
    """
    return cast(F, numba.njit(cache=_cached(), _nrt=False, **_KERNEL)(fn))


def allocating_kernel(fn: F) -> F:
    """A kernel that makes or returns arrays, and therefore counts them; keep it outside inner loops.

    A compiled caller of one that returns arrays must count too, or they are never given back.
    """
    return cast(F, numba.njit(cache=_cached(), _nrt=True, **_KERNEL)(fn))


def rule(fn: F) -> F:
    """A small scalar rule: always made part of the loop that calls it; plain Python when Python calls it.

    Without it the compiler passes whole records between functions, and a loop over lanes does not become vector code.
    """
    return _part(fn, forceinline=True)


def routine(fn: F) -> F:
    """A rule too large to be repeated wherever it is called: a function of its own within each kernel."""
    return _part(fn)


def allocating_routine(fn: F) -> F:
    """A routine that makes or returns arrays, for allocating kernels."""
    return _part(fn, _nrt=True)


def _part(fn: F, **options: bool) -> F:
    def body(*args: Any, **kwargs: Any) -> Any:
        return fn

    overload(fn, strict=False, jit_options={**_PART, **options})(body)
    return fn


def _inlined(fn: Callable[..., Any]) -> Any:
    return _part(fn, forceinline=True)


def _cached() -> bool:
    return bool(numba.config.CACHE_DIR)


def generic(fn: F) -> F:
    """A rule with one body per type of its first argument, compiled or not; ``fn`` itself answers for any other type.

    ``register(Type)`` on the result adds a body; its arguments are those of ``fn``.  The choice is made when a kernel is
    compiled, so a kernel holds the bodies of its own types and no test of which it has.
    """
    return _generic(fn, forceinline=True)


def allocating_generic(fn: F) -> F:
    """A generic whose bodies make or return arrays, for allocating kernels."""
    return _generic(fn, _nrt=True)


def _generic(fn: F, **options: bool) -> F:
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
        return bodies.get(getattr(state, "instance_class", type(None)), fn)

    overload(chosen, strict=False, jit_options={**_PART, **options})(typed)
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
