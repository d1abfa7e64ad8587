{{ definition }};
