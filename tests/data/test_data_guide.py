"""docs/data.md names what the code reads."""

import re
from pathlib import Path

from xai_core.data import list_layouts

GUIDE = Path(__file__).parents[2] / "docs" / "data.md"


def test_the_table_has_a_row_for_each_layout_in_the_order_in_which_they_are_asked():
    rows = re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    own = [layout.key for layout in list_layouts() if layout.load.__module__.startswith("xai_core.")]
    assert [key for key in rows if key in own] == own
