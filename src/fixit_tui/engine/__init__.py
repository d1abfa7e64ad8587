"""Use cases, one verb a file. They speak to the world through `ports` only."""
