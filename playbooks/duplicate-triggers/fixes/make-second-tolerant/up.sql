{{ rewritten }};
