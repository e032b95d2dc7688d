"""Measures pgfast against the tools that users have today: `./run bench --help`, and README.md here."""
