"""The gate: what every request and every websocket goes through before Streamlit sees it."""
