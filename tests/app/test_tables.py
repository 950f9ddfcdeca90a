"""Tables of tests: numbers stay numbers, and are shown as the sentences say them."""

import pyarrow as pa
from streamlit.testing.v1 import AppTest


def page():
    import pandas as pd

    from app.tables import show_table

    show_table(pd.DataFrame({"n": [7, 6], "p_holm": [0.00004, 0.0316], "t": [-2.7193, float("nan")]}))


def test_numbers_are_shown_as_in_sentences_and_stay_numbers():
    opened = AppTest.from_function(page, default_timeout=60).run()
    (table,) = opened.dataframe
    assert list(table.value) == ["n", "p (Holm)", "t"]
    assert table.value["p (Holm)"].tolist() == [0.00004, 0.0316]
    shown = pa.ipc.open_stream(table.proto.arrow_data.styler.display_values).read_pandas()
    assert shown["p (Holm)"].tolist() == ["< 0.001", "0.032"]
    assert shown["t"].tolist()[0] == "-2.72"
    assert table.proto.placeholder == "–"
    (again,) = opened.run().dataframe  # from what was kept
    assert again.proto == table.proto
