"""Photos and scans made clean: upright, without position and device, nothing in them that acts."""
