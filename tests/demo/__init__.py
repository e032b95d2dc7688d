"""pgfast at work on a sample shop, for people who see it the first time: `./run demo`."""
