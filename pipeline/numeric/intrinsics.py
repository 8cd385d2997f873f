"""Instructions that numba does not offer: bit counts, byte masks, integers of 128 to 512 bits.

Kernels call these functions; each becomes a few instructions of the processor. A wide integer is a
tuple of uint64, lowest word first, in two's complement. Arithmetic wraps around, and nothing checks
bounds: each docstring says what the caller must make sure of.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from pipeline.numeric.jit import inlined

LANES = 64
"""Bytes that `equal_bytes` compares at once, one bit of a word for each."""

_INT64 = ir.IntType(64)
_PAIR = types.UniTuple(types.uint64, 2)
_QUAD = types.UniTuple(types.uint64, 4)


@intrinsic
def trailing_zeros(_typing: Any, _word: Any) -> Any:
    """Return, as a uint64, the index of the lowest set bit of a uint64; 64 for zero."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), codegen


@intrinsic
def bit_count(_typing: Any, _word: Any) -> Any:
    """Return, as a uint64, the number of set bits of a uint64."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


def join(builder: Any, words: Sequence[Any]) -> Any:
    """Return LLVM's `words` of 64 bits, lowest first, as one integer."""
    wide = ir.IntType(64 * len(words))
    joined = ir.Constant(wide, 0)
    for i, word in enumerate(words):
        placed = builder.shl(builder.zext(word, wide), ir.Constant(wide, 64 * i))
        joined = builder.or_(joined, placed)
    return joined


def split(builder: Any, wide: Any) -> list[Any]:
    """Return the words of 64 bits of one of LLVM's integers, lowest first."""
    return [
        builder.trunc(builder.lshr(wide, ir.Constant(wide.type, 64 * i)), _INT64)
        for i in range(wide.type.width // 64)
    ]


def _join(builder: Any, words: Any, count: int) -> Any:
    """Read a tuple of `count` uint64, lowest first, as one two's complement integer."""
    return join(builder, [builder.extract_value(words, i) for i in range(count)])


def _split(context: Any, builder: Any, signature: Any, wide: Any) -> Any:
    return context.make_tuple(builder, signature.return_type, split(builder, wide))


@intrinsic
def shifted(_typing: Any, _mantissa: Any, _places: Any) -> Any:
    """Return mantissa * 2**places, of an int64 and a uint64 below 128, as a 128-bit integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.shl(builder.sext(args[0], wide), builder.zext(args[1], wide))
        return _split(context, builder, signature, product)

    return _PAIR(types.int64, types.uint64), codegen


@intrinsic
def product(_typing: Any, _left: Any, _right: Any) -> Any:
    """Return the product of two uint64 as a 128-bit integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        left, right = (builder.zext(word, ir.IntType(128)) for word in args)
        return _split(context, builder, signature, builder.mul(left, right))

    return _PAIR(types.uint64, types.uint64), codegen


def _on_tuples(operation: str, count: int) -> Any:
    """Return the intrinsic that applies an LLVM operation to two integers of so many words."""
    kind = types.UniTuple(types.uint64, count)

    @intrinsic
    def on_tuples(_typing: Any, _left: Any, _right: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            left, right = (_join(builder, words, count) for words in args)
            return _split(context, builder, signature, getattr(builder, operation)(left, right))

        return kind(kind, kind), codegen

    return on_tuples


add_pair = _on_tuples("add", 2)
"""Return the sum of two 128-bit integers, as one."""

subtract_pair = _on_tuples("sub", 2)
"""Return the difference of two 128-bit integers, as one."""

add_quads = _on_tuples("add", 4)
"""Return the sum of two 256-bit integers, as one."""


@intrinsic
def add_square(_typing: Any, _total: Any, _root: Any) -> Any:
    """Return a 256-bit total plus the square of a 128-bit integer, as a 256-bit integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total = _join(builder, args[0], 4)
        root = builder.sext(_join(builder, args[1], 2), ir.IntType(256))
        grown = builder.add(total, builder.mul(root, root))
        return _split(context, builder, signature, grown)

    return _QUAD(_QUAD, _PAIR), codegen


subtract_quads = _on_tuples("sub", 4)
"""Return the difference of two 256-bit integers, as one."""


@intrinsic
def variance_numerator(_typing: Any, _first: Any, _second: Any, _count: Any) -> Any:
    """Return count * second - first**2, of 256, 128 and 64 bits, as a 256-bit integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(256)
        first = builder.sext(_join(builder, args[0], 2), wide)
        scaled = builder.mul(_join(builder, args[1], 4), builder.zext(args[2], wide))
        difference = builder.sub(scaled, builder.mul(first, first))
        return _split(context, builder, signature, difference)

    return _QUAD(_PAIR, _QUAD, types.uint64), codegen


@intrinsic
def is_less(_typing: Any, _left: Any, _right: Any) -> Any:
    """Return whether one 256-bit integer without a sign is less than another."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        left, right = (_join(builder, words, 4) for words in args)
        return builder.icmp_unsigned("<", left, right)

    return types.boolean(_QUAD, _QUAD), codegen


@intrinsic
def equal_bytes(_typing: Any, _data: Any, _position: Any, _byte: Any) -> Any:
    """Return a uint64 whose bit i says whether `data[position + i] == byte`, for LANES bytes.

    `data` is a contiguous array of bytes that holds LANES of them from `position` on.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        lanes = ir.VectorType(ir.IntType(8), LANES)
        address = builder.gep(array.data, [args[1]])
        block = builder.load(builder.bitcast(address, lanes.as_pointer()), align=1)
        undefined = ir.Constant(lanes, ir.Undefined)
        first = builder.insert_element(undefined, args[2], ir.Constant(ir.IntType(32), 0))
        order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        wanted = builder.shuffle_vector(first, undefined, order)
        return builder.bitcast(builder.icmp_unsigned("==", block, wanted), _INT64)

    return types.uint64(types.uint8[::1], types.int64, types.uint8), codegen


@intrinsic
def eight_bytes(_typing: Any, _data: Any, _position: Any) -> Any:
    """Return `data[position : position + 8]` as a uint64, the first byte lowest.

    `data` is a contiguous array of bytes that holds 8 of them from `position` on.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        address = builder.gep(array.data, [args[1]])
        return builder.load(builder.bitcast(address, _INT64.as_pointer()), align=1)

    return types.uint64(types.uint8[::1], types.int64), codegen


@intrinsic
def put_eight_bytes(_typing: Any, _data: Any, _position: Any, _word: Any) -> Any:
    """Make `data[position : position + 8]` the bytes of a uint64, the lowest first.

    `data` is a contiguous array of bytes that has room for 8 of them from `position` on.
    """

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        address = builder.gep(array.data, [args[1]])
        builder.store(args[2], builder.bitcast(address, _INT64.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.none(types.uint8[::1], types.int64, types.uint64), codegen


@intrinsic
def float_bits(_typing: Any, _value: Any) -> Any:
    """Return the IEEE 754 bits of a float64 as a uint64."""

    def codegen(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], _INT64)

    return types.uint64(types.float64), codegen


@inlined
def decompose(value: float) -> tuple[int, int]:
    """Return (mantissa, shift) with value == mantissa * 2**(shift - 1074), exactly.

    `value` is a finite float64; the mantissa, an int64, has its sign and at most 53 bits; the
    shift, an int64, lies between 0 and 2045.
    """
    bits = np.int64(float_bits(value))
    mantissa = bits & 0xFFFFFFFFFFFFF
    shift = (bits >> 52) & 0x7FF
    if shift:
        mantissa |= 0x10000000000000
        shift -= 1
    return (-mantissa if bits < 0 else mantissa), shift
