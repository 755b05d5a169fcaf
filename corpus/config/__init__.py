"""The settings of a workspace: every knob, with its bounds, its unit and what it means."""
