"""The Streamlit admin console."""
