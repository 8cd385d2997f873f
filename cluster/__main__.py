"""`python -m cluster`."""

from cluster.interrupts import catch, end

catch()

from cluster.cli import main

end(main)
