select register_token(1,'t','ios')
