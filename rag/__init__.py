"""Documents in, grounded answers out. Knows nothing of Telegram, Streamlit or training."""
