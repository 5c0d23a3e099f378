"""The dashboard without its pages: layers, glossary and how-tos stand in README.md beside this."""
