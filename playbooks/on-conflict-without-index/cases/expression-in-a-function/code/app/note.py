def note(cur, order, payload):
    cur.execute("SELECT hub.note(%s, %s)", (order, payload))
