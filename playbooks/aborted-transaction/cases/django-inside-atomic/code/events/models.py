from django.db import models


class Guest(models.Model):
    event_id = models.IntegerField()
    email = models.TextField()

    class Meta:
        db_table = "guests"


class Invitation(models.Model):
    event_id = models.IntegerField()
    sent = models.IntegerField()

    class Meta:
        db_table = "invitations"
