"""Backups: one file that holds a whole store, the same whichever database it was read from.

A backup is a ZIP: every table as canonical JSON lines, the evidence that rows name, what the store
came to when it was read (`manifest.json`), and the hashes of all that (`manifest.sha256`).
"""
