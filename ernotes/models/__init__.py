"""A workspace's models: trained, scored, compared, promoted, and asked."""
