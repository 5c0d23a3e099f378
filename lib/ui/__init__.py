"""What the pages are made of; the only part of lib that knows Streamlit."""
