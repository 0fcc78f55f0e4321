"""Build the situation for one question and one lens, and remember the latest ones."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskmiljo.access.lens import SENSITIVE_CATEGORIES, Lens
from riskmiljo.analysis.density import density
from riskmiljo.analysis.rhythm import rhythm
from riskmiljo.analysis.surface import Surface
from riskmiljo.analysis.trend import zone_trend
from riskmiljo.errors import NothingFoundError
from riskmiljo.geo.crs import coordinates
from riskmiljo.geo.gazetteer import read_gazetteer
from riskmiljo.geo.grid import Grid
from riskmiljo.model.filters import Filter
from riskmiljo.model.period import Period
from riskmiljo.model.shift import Shift
from riskmiljo.patrol.areas import patrol_areas
from riskmiljo.patrol.streets import Streets
from riskmiljo.settings import Settings
from riskmiljo.situation.periods import data_end, default_period
from riskmiljo.store import Store
from riskmiljo.wording import Text
from riskmiljo.zones import assign_zones, find_zones

_REMEMBERED: Final = 32
