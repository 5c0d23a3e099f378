"""What leaves the building: workbooks made from the same figures and rows as the pages."""
