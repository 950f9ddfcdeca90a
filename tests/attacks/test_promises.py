"""What the README promises to those who run a server for others."""

import re
from pathlib import Path

from xai_core import quotas, result_cache

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_every_bound_is_in_the_table_with_its_default():
    rows = re.findall(r"^\| `(XAI_\w+)` \| (\d+) \| (.+) \|$", README, re.MULTILINE)
    said = {name: (int(default), what) for name, default, what in rows}
    known = {one.variable: (one.default, one.bounds) for one in quotas.QUOTAS}
    cache = {result_cache.LIMIT: (result_cache.DEFAULT_MB, "results kept in `XAI_CACHE_DIR`, in MB")}
    assert said == known | cache
    assert len(rows) == len(said)
    assert {one for one in vars(quotas).values() if isinstance(one, quotas.Quota)} == set(quotas.QUOTAS)
