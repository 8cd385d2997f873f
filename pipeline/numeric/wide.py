"""Integers of 1,024 bits for kernels.

A kernel calculates with a `Wide` as with any integer: `+`, `-`, `*` and the comparisons, with an
int64 on either side. Arithmetic wraps around, and nothing checks bounds: the caller makes sure that
all fits.
"""

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

from pipeline.numeric.jit import kernel

WIDE_BITS = 1024
"""Bits of a Wide, with its sign."""

_WIDE = ir.IntType(WIDE_BITS)
_INT64 = ir.IntType(64)
_LOADED_BITS = 512
_WORD_BITS = 64


class Wide(types.Type):  # type: ignore[misc]
    """The type of such an integer, in two's complement."""

    def __init__(self) -> None:
        """Make the type, of which there is one."""
        super().__init__(name="Wide")


wide_type = Wide()


@register_model(Wide)
class _WideModel(models.PrimitiveModel):  # type: ignore[misc]
    """A Wide is one integer of LLVM."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WIDE)


@intrinsic
def wide(_typing: Any, _number: Any) -> Any:
    """Return an int64 as a Wide."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.sext(args[0], _WIDE)

    return wide_type(types.int64), codegen


def _joined(count: int) -> Any:
    """Return the intrinsic that makes a Wide of a tuple of so many uint64, the lowest first."""

    @intrinsic
    def joined(_typing: Any, _words: Any) -> Any:
        def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            number = builder.sext(builder.extract_value(args[0], count - 1), _WIDE)
            for i in reversed(range(count - 1)):
                number = builder.shl(number, ir.Constant(_WIDE, _WORD_BITS))
                word = builder.zext(builder.extract_value(args[0], i), _WIDE)
                number = builder.or_(number, word)
            return number

        return wide_type(types.UniTuple(types.uint64, count)), codegen

    return joined


wide_pair = _joined(2)
"""Return a 128-bit integer, as `intrinsics` has them, as a Wide."""

wide_quad = _joined(4)
"""Return a 256-bit integer likewise."""


@intrinsic
def load_wide(_typing: Any, _words: Any, _place: Any) -> Any:
    """Return the 512-bit integer of eight uint64 of `words`, from index `place` on, as a Wide."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        loaded = ir.IntType(_LOADED_BITS)
        address = builder.bitcast(builder.gep(array.data, [args[1]]), loaded.as_pointer())
        return builder.sext(builder.load(address, align=8), _WIDE)

    return wide_type(types.uint64[::1], types.int64), codegen


@intrinsic
def low_word(_typing: Any, _number: Any) -> Any:
    """Return the lowest 64 bits of a Wide as a uint64."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.trunc(args[0], _INT64)

    return types.uint64(wide_type), codegen


@intrinsic
def bit_length(_typing: Any, _number: Any) -> Any:
    """Return, as an int64, how many bits a Wide has that is not negative, leading zeros aside."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(_INT64, WIDE_BITS), builder.trunc(zeros, _INT64))

    return types.int64(wide_type), codegen


def _on_wides(operation: str) -> Any:
    """Return the intrinsic that applies an LLVM operation to two of them."""

    @intrinsic
    def on_wides(_typing: Any, _left: Any, _right: Any) -> Any:
        def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, operation)(*args)

        return wide_type(wide_type, wide_type), codegen

    return on_wides


def _shift(operation: str) -> Any:
    """Return the intrinsic that shifts one by an int64 from 0 to 1,023."""

    @intrinsic
    def shift(_typing: Any, _number: Any, _places: Any) -> Any:
        def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, operation)(args[0], builder.zext(args[1], _WIDE))

        return wide_type(wide_type, types.int64), codegen

    return shift


def _compare(operation: str) -> Any:
    """Return the intrinsic that compares two of them."""

    @intrinsic
    def compare(_typing: Any, _left: Any, _right: Any) -> Any:
        def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return builder.icmp_signed(operation, *args)

        return types.boolean(wide_type, wide_type), codegen

    return compare


@intrinsic
def _scale(_typing: Any, _number: Any, _factor: Any) -> Any:
    """Return the product of one and an int64, in a tenth of the steps of any two."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        number, factor = args
        negative = builder.icmp_signed("<", factor, ir.Constant(_INT64, 0))
        size = builder.select(negative, builder.neg(factor), factor)
        product = builder.mul(number, builder.zext(size, _WIDE))
        return builder.select(negative, builder.neg(product), product)

    return wide_type(wide_type, types.int64), codegen


_add, _subtract, _multiply_here = (_on_wides(name) for name in ("add", "sub", "mul"))
shift_left, shift_right = _shift("shl"), _shift("ashr")


@kernel
def _multiply(left: int, right: int) -> int:
    """Return a product; a call, for its instructions are many."""
    product: int = _multiply_here(left, right)
    return product


def _overload(symbol: Any, function: Any) -> None:
    """Let a Python operator mean `function` where one side is a Wide, the other too or an int64."""

    def of_wides(left: Any, right: Any) -> Any:  # pragma: no cover - compiled
        return function(left, right)

    def with_integer(left: Any, right: Any) -> Any:  # pragma: no cover - compiled
        return function(left, wide(np.int64(right)))

    def scaled(left: Any, right: Any) -> Any:  # pragma: no cover - compiled
        return _scale(left, np.int64(right))

    def of_integer(left: Any, right: Any) -> Any:  # pragma: no cover - compiled
        return function(wide(np.int64(left)), right)

    @overload(symbol)
    def implementation(left: Any, right: Any) -> Any:
        if isinstance(left, Wide):
            if isinstance(right, Wide):
                return of_wides
            by_integer = scaled if symbol is operator.mul else with_integer
            return by_integer if isinstance(right, types.Integer) else None
        return of_integer if isinstance(left, types.Integer) and isinstance(right, Wide) else None


for _symbol, _function in (
    (operator.add, _add),
    (operator.sub, _subtract),
    (operator.mul, _multiply),
    (operator.lt, _compare("<")),
    (operator.ge, _compare(">=")),
    (operator.eq, _compare("==")),
    (operator.ne, _compare("!=")),
):
    _overload(_symbol, _function)
