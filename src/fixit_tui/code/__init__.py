"""Database calls in TypeScript and JavaScript: found structurally, edited by name, shown as a diff."""
