select hold(1,'A1')
