select open_conversation(1,2)
