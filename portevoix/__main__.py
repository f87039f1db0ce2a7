"""``python -m portevoix`` is the console command ``portevoix``."""

from portevoix.conf.cli import main

main()
