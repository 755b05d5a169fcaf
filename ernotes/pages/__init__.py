"""What people read in a browser: the report of a round, two rounds side by side, and what all pages share."""
