"""Every text of a page that a browser would read as Markdown, wherever it stands."""

from google.protobuf.message import Message

# Element -> fields that Streamlit shows as they are, or that are no words. All others count as Markdown.
_AS_IT_IS = {
    "ArrowDataframe": {"columns"},
    "BidiComponent": {"json", "html_content", "js_content", "css_content"},
    "Code": {"code_text"},
    "Html": {"body"},
    "MultiSelect": {"options", "raw_values", "default"},
    "PlotlyChart": {"spec", "config"},
    "Selectbox": {"options", "raw_value"},
    "TextArea": {"value", "default"},
    "TextInput": {"value", "default"},
}
_ATTRIBUTES = {"alt"}  # of an element's own in HTML, wherever it stands
_NO_WORDS = {"id", "form_id", "query_param_key"}


def markdown(at):
    """Texts of a page that are Markdown, each with the element and the field in which it stands.

    Parameters
    ----------
    at : AppTest

    Returns
    -------
    list of (str, str)
    """
    found = []
    for block in (at.main, at.sidebar):
        for element in _elements(block):
            proto = getattr(element, "proto", None)
            if isinstance(proto, Message):
                besides = _AS_IT_IS.get(type(proto).__name__, set()) | _NO_WORDS
                found += [(f"{type(proto).__name__}.{where}", text) for where, text in _texts(proto, besides)]
    return found


def _elements(block):
    yield block
    for child in getattr(block, "children", {}).values():
        yield from _elements(child)


def _texts(message, besides=frozenset()):
    for field, value in message.ListFields():
        if field.name in besides | _ATTRIBUTES or (field.message_type and field.message_type.GetOptions().map_entry):
            continue
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from _texts(one)
            elif isinstance(one, str):
                yield field.name, one
