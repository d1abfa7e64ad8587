"""Database calls in TypeScript and JavaScript: found, edited by name, diffed."""
