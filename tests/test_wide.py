"""Integers of 1,024 bits in kernels: their quotients, and roots of them, are rounded once."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.numeric.exact import ratio, root
from pipeline.numeric.jit import kernel
from pipeline.numeric.wide import load_wide
from pipeline.numeric.wide_quotients import wide_ratio, wide_root

BITS = 440


@kernel
def ratio_of(words, exponent):
    return wide_ratio(load_wide(words, 0), load_wide(words, 8), exponent)


@kernel
def root_of(words, exponent):
    return wide_root(load_wide(words, 0), load_wide(words, 8), exponent)


def words(*numbers):
    return np.frombuffer(b"".join(n.to_bytes(64, "little", signed=True) for n in numbers), "u8")


def scaled(numerator, denominator, exponent):
    return numerator << max(exponent, 0), denominator << max(-exponent, 0)


exponents = st.integers(-200, 200)
denominators = st.integers(1, 1 << BITS)
numerators = st.integers(0, 1 << BITS)


@given(numerators, denominators, exponents, st.sampled_from([1, -1]))
@example(0, 7, 0, 1)
@example(1, 3, 0, -1)
@example((1 << 54) + 1, 2, 0, 1)
@example((1 << 54) + 3, 2, 0, 1)
@example(((1 << 54) + 1) * 3 + 1, 6, 0, 1)
@example((1 << 53) - 1, 1, 0, 1)
def test_a_quotient_is_the_nearest_float(numerator, denominator, exponent, sign):
    """Halves go to the even neighbour, and what lies just beside a half to the nearer one."""
    found = ratio_of(words(sign * numerator, denominator), exponent)
    assert found == ratio(*scaled(sign * numerator, denominator, exponent))


@given(st.integers(0, 1 << 54), denominators, st.sampled_from([-1, 0, 1]))
def test_a_quotient_next_to_a_half_is_rounded_to_the_right_side(odd, denominator, beside):
    """The quotient is a half of an odd number, or differs from it by as little as can be."""
    numerator = abs((2 * odd + 1) * denominator + beside)
    found = ratio_of(words(numerator, 2 * denominator), 0)
    assert found == ratio(numerator, 2 * denominator)


@given(numerators, denominators, exponents)
@example(0, 7, 0)
@example(4, 1, 1)
def test_a_root_is_the_nearest_float(numerator, denominator, exponent):
    """Of a quotient with an even and with an odd exponent."""
    found = root_of(words(numerator, denominator), exponent)
    assert found == root(*scaled(numerator, denominator, exponent))


@given(st.integers(1, 1 << 55), st.integers(1, 1 << 300), st.sampled_from([-1, 0, 1]))
def test_a_root_next_to_a_square_is_rounded_to_the_right_side(base, denominator, beside):
    """The quotient is a square, or differs from it by as little as can be."""
    numerator = base**2 * denominator + beside
    assert root_of(words(numerator, denominator), 0) == root(numerator, denominator)
