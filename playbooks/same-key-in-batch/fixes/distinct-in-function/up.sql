{% if keep == "last" %}{{ rewritten_last }}{% else %}{{ rewritten_first }}{% endif %};
