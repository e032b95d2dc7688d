"""What a campaign found: how many cases, how many ended as they must, what went wrong, and what stock tools do."""

import time
from dataclasses import dataclass, field

MISSES_SHOWN = 12


@dataclass
class Score:
    attack: str
    expected: str
    cases: int = 0
    misses: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    stock: str = ""
    skipped: str = ""  # why nothing can be tried on this machine
    seconds: float = 0.0
    began_s: float = field(default_factory=time.monotonic)

    @property
    def good(self):
        return self.cases - len(self.misses)

    def count(self, case, miss=None):
        """One case is over; `miss` says what was wrong, None that all was as expected."""
        self.cases += 1
        if miss:
            self.misses.append(f"{case}: {miss}")

    def end(self):
        self.seconds = time.monotonic() - self.began_s
        if self.cases == 0 and not self.skipped:
            self.misses.append("nothing was tried")
        return self

    def as_dict(self):
        return {
            "attack": self.attack,
            "expected": self.expected,
            "cases": self.cases,
            "good": self.good,
            "stock": self.stock,
            "seconds": round(self.seconds, 1),
        }

    def line(self):
        mark = "MISSED" if self.misses else "skipped" if self.skipped else "ok"
        stock = f"   [stock: {self.stock}]" if self.stock else ""
        return f"{mark:7}{self.good:6} of {self.cases:6}  {self.seconds:6.1f} s  {self.attack}: {self.expected}{stock}"

    def details(self):
        if self.skipped:
            yield f"         skipped: {self.skipped}"
        yield from (f"         note: {note}" for note in self.notes)
        yield from (f"         miss: {miss}" for miss in self.misses[:MISSES_SHOWN])
        if len(self.misses) > MISSES_SHOWN:
            yield f"         … and {len(self.misses) - MISSES_SHOWN} more"
