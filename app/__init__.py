"""The dashboard: Streamlit pages over `xai_core`. No torch, no arithmetic."""

from xai_core.models.trust import forbid_code
from xai_core.remote import forbid_addresses

forbid_addresses()  # a visitor, or such a link, must not have the server ask any other
forbid_code()  # a link that somebody sent, or a study from elsewhere, must not run what it names
