"""`python -m microaudit` is the command `microaudit`."""

from microaudit.cli import main

main()
