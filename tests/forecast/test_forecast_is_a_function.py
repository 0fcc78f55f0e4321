"""``rm.forecast`` is a function, whether or not its room was imported before."""

import subprocess
import sys

import pytest

_CALL = (
    "import geopandas as gpd\n"
    "try:\n"
    "    {name}(gpd.GeoDataFrame(geometry=[], crs=3006), period=('2026-01-01', '2026-01-08'))\n"
    "except rm.RiskmiljoError as error:\n"
    "    print(type(error).__name__)\n"
)


@pytest.mark.parametrize(
    "before",
    [
        "import riskmiljo as rm",
        "import riskmiljo.forecast\nimport riskmiljo as rm",
        "import riskmiljo as rm\nimport riskmiljo.forecast.backtest",
        "import riskmiljo as rm\nfrom riskmiljo.forecast.coming import forecast",
    ],
)
def test_it_can_be_called_in_every_order_of_imports(before: str) -> None:
    name = "rm.forecast"
    program = f"{before}\nimport riskmiljo.forecast\n" + _CALL.format(name=name)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() in {"InvalidInputError", "NothingFoundError"}
