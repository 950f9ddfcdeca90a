"""The dashboard: Streamlit pages over `xai_core`. No torch, no arithmetic."""
