"""From honest to cheating: networks that were trained with ever more of a shortcut."""
