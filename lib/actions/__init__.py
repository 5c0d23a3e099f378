"""Verbs that change the store: access, one transaction, one audit line each."""
