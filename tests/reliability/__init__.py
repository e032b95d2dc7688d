"""The reliability campaigns: every promise of pgfast is attacked, and what came of it is counted.  See README.md here."""
