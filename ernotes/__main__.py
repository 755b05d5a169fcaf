"""`python -m ernotes`, and with it `accelerate launch -m ernotes`."""

from ernotes.cli import main

main()
