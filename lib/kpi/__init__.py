"""The figures: each defined once, in SQL, numerator and denominator apart (spec §4)."""
