"""``rm.forecast`` is a function, whether or not its room was imported before."""

import subprocess
import sys

import pytest

_CALL = (
    "import geopandas as gpd\n"
    "try:\n"
    "    none = gpd.GeoDataFrame(geometry=[], crs=3006)\n"
    "    rm.forecast(none, period=('2026-01-01', '2026-01-08'))\n"
    "except rm.RiskmiljoError as error:\n"
    "    print(type(error).__name__)\n"
)


@pytest.mark.parametrize(
    "before",
    [
        "import riskmiljo as rm",
        "import riskmiljo.forecast.coming\nimport riskmiljo as rm",
    ],
)
def test_it_can_be_called_in_every_order_of_imports(before: str) -> None:
    # Twice: the first call itself imports the room, which takes the function's name.
    program = f"{before}\n" + 2 * _CALL
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split()
    assert first == second
    assert first in {"InvalidInputError", "NothingFoundError"}
