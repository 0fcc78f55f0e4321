from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from riskmiljo.maps.scale import BREAKS, DENSITY_CLASSES
from riskmiljo.maps.zones_layer import RHYTHM_COLOURS
from riskmiljo.wording import decimal_text

# Simulation of complete colour-vision deficiencies in linear RGB: Machado, Oliveira and Fernandes
# (2009), severity 1.0.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colour, deficiency="none"):
    """CIELAB of ``#rrggbb`` as seen with a colour-vision deficiency (sRGB, D65)."""
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(DEFICIENCIES[deficiency]) @ linear, 0, 1)
    xyz = (
        np.array(
            [
                [0.4124564, 0.3575761, 0.1804375],
                [0.2126729, 0.7151522, 0.0721750],
                [0.0193339, 0.1191920, 0.9503041],
            ]
        )
        @ seen
        / [0.95047, 1.0, 1.08883]
    )
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize(
    "colours", [[one.colour for one in DENSITY_CLASSES], RHYTHM_COLOURS], ids=["density", "rhythm"]
)
def test_every_step_is_darker_and_told_apart_by_the_colour_blind(deficiency, colours):
    seen = [lab(colour, deficiency) for colour in colours]
    for lighter, darker in itertools.pairwise(seen):
        assert lighter[0] - darker[0] >= 4
        assert np.linalg.norm(lighter - darker) >= 9


def test_the_classes_follow_each_other_without_gap_from_the_first_break_up():
    assert [one.lower for one in DENSITY_CLASSES] == list(BREAKS)
    assert [one.upper for one in DENSITY_CLASSES] == [*BREAKS[1:], math.inf]


def test_labels_are_written_as_each_language_writes_numbers():
    assert DENSITY_CLASSES[0].label.as_dict() == {"sv": "0,02–0,05", "en": "0.02–0.05"}
    assert DENSITY_CLASSES[-1].label.as_dict() == {"sv": "5 eller mer", "en": "5 or more"}


@pytest.mark.parametrize(
    ("value", "digits", "fixed", "sv", "en"),
    [
        (0.3, 2, False, "0,3", "0.3"),
        (0.3, 2, True, "0,30", "0.30"),
        (12345.6, 0, False, "12\u00a0346", "12,346"),
        (math.inf, 2, False, "∞", "∞"),
        # A true minus sign in both languages, and none before what rounds to nought.
        (-1234.5, 1, False, "\N{MINUS SIGN}1\u00a0234,5", "\N{MINUS SIGN}1,234.5"),
        (-0.25, 2, True, "\N{MINUS SIGN}0,25", "\N{MINUS SIGN}0.25"),
        (-0.004, 2, True, "0,00", "0.00"),
        (-0.4, 0, False, "0", "0"),
        (-math.inf, 2, False, "\N{MINUS SIGN}∞", "\N{MINUS SIGN}∞"),
    ],
)
def test_numbers_are_rounded_and_grouped(value, digits, fixed, sv, en):
    assert decimal_text(value, digits, fixed=fixed).as_dict() == {"sv": sv, "en": en}
