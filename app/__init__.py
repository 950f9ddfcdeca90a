"""The dashboard: Streamlit pages over `xai_core`. No torch, no arithmetic."""

from xai_core.models.trust import forbid_code

forbid_code()  # a link that somebody sent, or a study from elsewhere, must not run what it names
