UPDATE notes SET "deletedAt" = now() WHERE id = 1;
